"""The book that the tests open, in a copy of the project: `python -m tests.built` brings it up to date.

The copy stays in `_build/tested`, so that only what changed is run and built again; the book of the project itself,
which may show another scenario, is left alone.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from analysis import paths

PROJECT = paths.BUILD / "tested" / "project"
HTML = PROJECT / "_build" / "html"
#: What is made in the copy, and taken from nowhere.
_MADE = ("_build", "notebooks/executed", "book/assets/vendor")
#: What no book is made of.
_NOT_COPIED = (*_MADE, ".git", ".venv", ".ruff_cache", ".mypy_cache", ".hypothesis", ".pytest_cache", "tests")


def run(project: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Python in `project`, whose own package it imports."""
    environment = os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run([sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True, check=False)
    if check and result.returncode:
        raise AssertionError(f"{' '.join(words)} ended with {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def build(project: Path) -> None:
    """Build the book of `project` as the Makefile does."""
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    run(project, "-c", start, "build", ".", "-W", "--keep-going", "-n", "--quiet")


def sources(root: Path) -> dict[str, Path]:
    """Return the files below `root` that a book is made of, by their names in it."""
    found = {}
    for folder, folders, files in os.walk(root):
        inside = Path(folder).relative_to(root)
        folders[:] = [
            name
            for name in folders
            if (inside / name).as_posix() not in _NOT_COPIED and name != "__pycache__" and not name.endswith(".egg-info")
        ]
        found |= {(inside / name).as_posix(): Path(folder, name) for name in files}
    return found


def copy(project: Path) -> str:
    """Make `project` a copy of this one, without what is made in it. Return the digest of what it holds."""
    wanted = sources(paths.ROOT)
    for name in sources(project).keys() - wanted.keys():
        (project / name).unlink()
    digest = hashlib.sha256()
    for name, path in sorted(wanted.items()):
        target, content = project / name, path.read_bytes()
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return digest.hexdigest()


def book() -> Path:
    """Return the copy of the project whose book is built from the sources as they are; the first to ask builds it."""
    PROJECT.mkdir(parents=True, exist_ok=True)
    stamp = PROJECT.parent / "sources"
    with (PROJECT.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the tests run in several processes
        digest = copy(PROJECT)
        if not stamp.is_file() or stamp.read_text() != digest:
            stamp.unlink(missing_ok=True)
            run(PROJECT, "-m", "analysis", "run", "data/scenarios/deck.yml")
            build(PROJECT)
            stamp.write_text(digest)
    return PROJECT


if __name__ == "__main__":
    print(f"The tests' book is at {paths.shown(book() / '_build' / 'html' / 'index.html')}")
