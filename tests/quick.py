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


def all_tests() -> dict[str, set[str]]:
    """Return every file of tests with the modules that it imports, itself or by a module of the tests."""
    found = {path.relative_to(paths.ROOT).as_posix(): imported(path) for path in sorted((paths.ROOT / "tests").rglob("*.py"))}
    by_module = {name.removesuffix(".py").replace("/", "."): named for name, named in found.items()}
    return {
        name: named.union(*(by_module[module] for module in named & by_module.keys()))
        for name, named in found.items()
        if Path(name).name.startswith("test_")
    }


def covering(files: Iterable[str], tests: dict[str, set[str]]) -> list[str]:
    """Return the names in `tests` (each with the modules that it imports) that test `files`, the nearest first."""
    files = set(files)
    modules = {_dotted(name) for name in files if name.endswith(".py")}
    mirrors = {"tests/" + "/".join((*_inside(name).parts[:-1], f"test_{_inside(name).name}")) for name in files}
    near = [name for name in tests if name in files or name in mirrors]
    others = [name for name, named in tests.items() if named & modules and name not in near]
    return near + sorted(others, key=lambda name: (len(tests[name]), name))


def users(name: str, tests: dict[str, set[str]], modules: dict[str, set[str]]) -> set[str]:
    """Return the file `name` if it has tests, else the files in `modules` that use it and have: the nearest of them."""
    reached, nearest = {name}, {name}
    while nearest and not covering(nearest, tests):
        named = {_dotted(one) for one in nearest}
        nearest = {one for one, imports in modules.items() if imports & named} - reached
        reached |= nearest
    return nearest


def _dotted(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


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
    tests, modules = all_tests(), {name: imported(paths.ROOT / name) for name in _git("ls-files", "*.py")}
    found = covering({user for name in changed(since) for user in users(name, tests, modules)}, tests)
    chosen, left = found[:MOST], len(found[MOST:])
    if left:
        print(f"{left} more files of tests import what changed; make test runs them")
    if not chosen:
        return 0
    status = subprocess.run([sys.executable, "-m", "pytest", "--unit", "-q", *passed_on, *chosen], cwd=paths.ROOT, check=False)
    return 0 if status.returncode == 5 else status.returncode  # 5: all of them need more than a unit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
