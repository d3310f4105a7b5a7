"""What code imports, read from its statements: the modules of this project that a notebook can use, and the names of others.

Imports within functions count, and so do the packages that a module lies in. The kernel is asked after each run what it
used (analysis/report/used.py), so that an import which no statement shows can't go by unseen.
"""

import ast
import json
import sys
from collections.abc import Iterable
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from analysis import paths
from analysis.report import digest, parsed

#: Modules that Python looks for by itself, wherever they lie.
_CUSTOM = ("sitecustomize", "usercustomize")
#: Packages of this project, which others may have under the same name.
_OURS = ("analysis", "publishing", "tests", "training")


class Imports:
    """What sources import, each read once and remembered in `_build/imports.json`."""

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = _read_known()
        self._remembered = len(self._known)
        self._of_file: dict[Path, list[str]] = {}
        self._files = cache(module_files)

    def closure(self, notebook: Path, more: Iterable[str] = ()) -> tuple[set[Path], set[str]]:
        """Return the modules of this project that `notebook` and the modules named `more` import, however indirectly.

        The second set are the names of what else they import, such as "numpy".
        """
        waiting, modules, others = [*self._named(notebook), *more], set(), set()
        seen = set(waiting)
        while waiting:
            dotted = waiting.pop()
            files = self._files(dotted)
            if not files:
                others.add(dotted.partition(".")[0])
            for path in files - modules:
                modules.add(path)
                new = set(self._named(path)) - seen
                seen |= new
                waiting += new
        return modules, others

    def save(self) -> None:
        """Remember what sources import for the next process, if the folder can be written."""
        if len(self._known) > self._remembered:
            try:
                paths.write(_store(), json.dumps(self._known, sort_keys=True))
            except OSError:
                return  # the next process parses them anew

    def _named(self, path: Path) -> list[str]:
        if path not in self._of_file:
            content = path.read_bytes()
            key = digest.of_bytes(content)
            if key not in self._known:
                self._known[key] = sorted(named(_code(content) if path.suffix == ".ipynb" else content))
            self._of_file[path] = self._known[key]
        return self._of_file[path]


def named(source: str | bytes) -> set[str]:
    """Return the dotted names that the import statements of `source` name, each also with what is taken from it.

    What is not Python imports nothing; it can't be run either, and that is said when it is.
    """
    names = set()
    try:
        tree = parsed.tree(source)
    except (SyntaxError, ValueError):
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def module_files(dotted: str) -> set[Path]:
    """Return the files of this project that importing `dotted` runs: none if it is another's."""
    files = set()
    place = paths.ROOT
    for part in dotted.split("."):
        place = place / part
        files |= {path for path in (place / "__init__.py", place.with_name(f"{part}.py")) if path.is_file()}
    return files


def hiding() -> list[Path]:
    """Return the files in the project's folder and beside the notebooks that would be imported in place of another's module."""
    hidden = []
    for folder in (paths.ROOT, paths.NOTEBOOKS):
        for path in sorted(folder.iterdir()):
            is_module = path.suffix in (".py", ".pyc", ".so", ".pyd") or (path / "__init__.py").is_file()
            name = path.name.partition(".")[0]
            if is_module and name not in _OURS and _is_anothers(name):
                hidden.append(path)
    return hidden


def _is_anothers(name: str) -> bool:
    elsewhere = [place for place in sys.path if Path(place or ".").resolve() not in (paths.ROOT, paths.NOTEBOOKS)]
    spec = PathFinder.find_spec(name, elsewhere)
    return name in sys.stdlib_module_names or name in _CUSTOM or (spec is not None and spec.origin is not None)


def _code(notebook: bytes) -> str:
    """Return the code of a notebook's cells as one text; what is not Python, such as a magic, is translated as IPython does."""
    try:
        cells = ["".join(cell["source"]) for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
    except (ValueError, LookupError, TypeError):
        return ""
    source = "\n".join(cells)
    try:
        parsed.tree(source)
    except (SyntaxError, ValueError):
        from IPython.core.inputtransformer2 import TransformerManager

        source = "\n".join(map(TransformerManager().transform_cell, cells))
    return source


def _store() -> Path:
    """Return where it is kept what each source imports, by the digest of its bytes: to parse them all takes seconds."""
    return paths.BUILD / "imports.json"


def _read_known() -> dict[str, list[str]]:
    try:
        known = json.loads(_store().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
