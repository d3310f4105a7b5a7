"""Whether the report is the same to the byte wherever it is made: notebooks, pages and notes.

    python -m benchmarks.reruns

Makes it twice in temporary folders: once as things are here, and once in a folder with spaces and Chinese letters, under
another time zone, language, hash seed and umask. Names each file that differs, and ends with 1 if one does. It takes as long as
two first builds.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis import paths

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "executed", "__pycache__", "vendor", ".*_cache", "*.egg-info")
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "zh_CN.UTF-8", "PYTHONHASHSEED": "7", "HOME": "home of another 人"}
NOTE = ("note", "notes/frontier-2026", "--only", "training", "--author", "A. Name", "--date", "2026-11-24", "--out", "note")
#: What is made, by the words that make it.
STEPS = {
    "notebooks": ("-m", "analysis", "run", "data/scenarios/deck.yml"),
    "pages": (
        *("-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())"),
        *("build", ".", "-W", "--keep-going", "-n", "--quiet"),
    ),
    "note": ("-m", "analysis", *NOTE),
}
MADE = ("notebooks/executed", "_build/html", "note")


def make(project: Path, environment: dict[str, str], umask: int) -> None:
    """Copy the project to `project`, and make everything there."""
    shutil.copytree(paths.ROOT, project, ignore=LEFT_OUT)
    for step, words in STEPS.items():
        print(f"{project.name}: {step} …", flush=True)
        every = os.environ | {"PYTHONPATH": str(project)} | environment
        subprocess.run([sys.executable, *words], cwd=project, env=every, umask=umask, check=True, stdout=subprocess.DEVNULL)


def made(project: Path) -> dict[str, bytes]:
    """Return what was made in `project`, by the names of the files."""
    files = (path for folder in MADE for path in (project / folder).rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


def differing(first: Path, second: Path) -> list[str]:
    """Return the names of the files that are not in both projects, or not the same."""
    one, other = made(first), made(second)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def main() -> None:
    """Make everything twice, and compare."""
    argparse.ArgumentParser(description="Whether the report is the same to the byte elsewhere.").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "here", Path(folder) / "another folder 另一个"
        make(first, {}, 0o022)
        home = Path(folder) / ELSEWHERE["HOME"]
        home.mkdir()
        make(second, ELSEWHERE | {"HOME": str(home)}, 0o077)
        names = differing(first, second)
        print(f"{len(made(first)):,} files are made; {len(names):,} differ", *names, sep="\n  ")
    sys.exit(bool(names))


if __name__ == "__main__":
    main()
