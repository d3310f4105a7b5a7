"""The unit tests of what changed: `python -m tests.quick [COMMIT] [-- WORDS FOR PYTEST]`.

What changed since COMMIT (the last one, or the one before it if nothing did) is found by git. Its tests are those that
mirror a changed module, and those that import it by name. They run without a browser, a built book or a copy of the
project. `make test` runs the rest.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from analysis import paths

#: How many files of tests fit a minute, with those first that import least besides what changed.
MOST = 20


def changed(since: str | None) -> set[str]:
    """Return the files that differ from the commit `since`, or from the last commit, or from that before it."""
    new = _git("ls-files", "--others", "--exclude-standard")
    if since:
        return {*_git("diff", "--name-only", since), *new}
    return {*_git("diff", "--name-only", "HEAD"), *new} or set(_git("diff", "--name-only", "HEAD~1"))


def imported(path: Path) -> set[str]:
    """Return the modules that the file at `path` names in its imports, `from a import b` as both `a` and `a.b`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def covering(files: Iterable[str], tests: dict[str, set[str]]) -> list[str]:
    """Return the names in `tests` (each with the modules that it imports) that test `files`, the nearest first."""
    files = set(files)
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files if name.endswith(".py")}
    mirrors = {"tests/" + "/".join((*_inside(name).parts[:-1], f"test_{_inside(name).name}")) for name in files}
    near = [name for name in tests if name in files or name in mirrors]
    others = [name for name, named in tests.items() if named & modules and name not in near]
    return near + sorted(others, key=lambda name: (len(tests[name]), name))


def _inside(name: str) -> Path:
    """Return the path of a module as its test mirrors it: without the package's own folder."""
    return Path(name.removeprefix("analysis/"))


def _git(*words: str) -> list[str]:
    said = subprocess.run(["git", *words], cwd=paths.ROOT, capture_output=True, text=True, check=True).stdout
    return [line for line in said.splitlines() if (paths.ROOT / line).is_file()]


def main(words: list[str]) -> int:
    """Run the tests, and return the status with which they end."""
    cut = words.index("--") if "--" in words else len(words)
    since, passed_on = (words[:cut] or [None])[0], words[cut + 1 :]
    files = sorted((paths.ROOT / "tests").rglob("test_*.py"))
    found = covering(changed(since), {path.relative_to(paths.ROOT).as_posix(): imported(path) for path in files})
    chosen, left = found[:MOST], len(found[MOST:])
    if left:
        print(f"{left} more files of tests import what changed; make test runs them")
    if not chosen:
        print("No module that changed has a test of its own.")
        return 0
    status = subprocess.run([sys.executable, "-m", "pytest", "--unit", "-q", *passed_on, *chosen], cwd=paths.ROOT, check=False)
    return 0 if status.returncode == 5 else status.returncode  # 5: all of them need more than a unit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
