"""What an executed notebook was made from, a digest each, so that what has changed since can be named.

Modules are those that its imports reach, files those that it read when it was run, packages those that were loaded, in
the versions that are installed. Contents are compared as bytes: a comment counts.
"""

import os
import platform
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.report import digest
from analysis.report.execution import RunError, Used
from analysis.report.imports import Imports

#: What runs a notebook, and so may change what comes out.
_RUNNING = ("analysis.report.execution", "analysis.report.kernel")
_RUNNING_PACKAGES = ("papermill", "nbclient", "nbformat")


class Now:
    """The inputs of notebooks as they are now, each file read once."""

    def __init__(self) -> None:
        self._imports = Imports()
        self._digests: dict[str, str | None] = {}
        self._closures: dict[Path, tuple[set[Path], set[str]]] = {}
        self._version = cache(_version)

    def inputs(
        self, notebook: Path, given: Mapping[str, Any], scenario: str | None, files: Iterable[str], packages: Iterable[str]
    ) -> dict[str, Any]:
        """Return the digest of each input of `notebook`: run with the parameters `given`, it used `files` and `packages`.

        `scenario` is the digest of the scenario's file. It counts only for a notebook that is given some of its values.
        """
        return {
            "notebook": self.file(paths.shown(notebook)),
            "parameters": digest.of_value(given),
            "scenario": scenario if given else None,
            "lock": self.file(paths.shown(paths.LOCK)),
            "python": platform.python_version(),
            "modules": {name: self.file(name) for name in self.modules(notebook)},
            "files": {name: self.file(name) for name in sorted(files)},
            "packages": {name: self._version(name) for name in sorted(packages)},
        }

    def modules(self, notebook: Path) -> list[str]:
        """Return the modules of this project that `notebook`, and what runs it, can use, by their names from its folder."""
        root = f"{paths.ROOT}{os.sep}"
        return sorted(str(path).removeprefix(root).replace(os.sep, "/") for path in self._closure(notebook)[0])

    def file(self, name: str) -> str | None:
        """Return the digest of a file's bytes, or of the names in a folder, by its name from the project's folder.

        What is not there is looked for from the working folder, as a scenario of a user's may be named; None if nowhere.
        """
        if name not in self._digests:
            self._digests[name] = digest.of_path(paths.ROOT / name) or digest.of_path(Path(name))
        return self._digests[name]

    def check(self, notebook: Path, used: Used) -> None:
        """Raise RunError if a module of this project was used that the imports of `notebook` don't show."""
        if unseen := sorted(set(used.modules) - set(self.modules(notebook))):
            raise RunError(
                f"{paths.shown(notebook)} used {', '.join(unseen)}, which no import statement of what it imports names: "
                "import it by one, so that a change of it is seen"
            )

    def packages(self, notebook: Path, used: Used) -> set[str]:
        """Return the distributions that count, of those that were loaded: what the lock names, and what modules import.

        Libraries look for others that happen to be there, such as those of the tests; these are no inputs.
        """
        known = distributions()
        loaded = {name for imported in used.imported for name in known.get(imported, ())}
        named = {name for imported in self._closure(notebook)[1] for name in known.get(imported, ())}
        return (loaded & (locked() | named)).union(_RUNNING_PACKAGES)

    def pages(self) -> str:
        """Return the digest of what makes pages: the book's extensions and templates, and the modules that they use."""
        files = [path for kind in ("_ext/*.py", "_templates/*") for path in (paths.ROOT / "book").glob(kind)]
        modules = {module for path in files if path.suffix == ".py" for module in self._imports.closure(path)[0]}
        names = sorted(path.relative_to(paths.ROOT).as_posix() for path in {*files, *modules, paths.LOCK})
        return digest.of_value([platform.python_version(), {name: self.file(name) for name in names}])

    def save(self) -> None:
        """Remember what sources import, for the next process."""
        self._imports.save()

    def _closure(self, notebook: Path) -> tuple[set[Path], set[str]]:
        if notebook not in self._closures:
            self._closures[notebook] = self._imports.closure(notebook, _RUNNING)
        return self._closures[notebook]


def changed(before: Any, now: Mapping[str, Any]) -> list[str]:
    """Return the names of the inputs that differ."""
    before = before if isinstance(before, Mapping) else {}
    names = []
    for kind, value in now.items():
        old = before.get(kind)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            names += sorted(name for name in value.keys() | old.keys() if value.get(name, "") != old.get(name, ""))
        elif value != old:
            names.append(kind)
    return names + sorted(before.keys() - now.keys())


@cache
def distributions() -> dict[str, set[str]]:
    """Return the distributions that provide each name which can be imported."""
    return {
        name: {_canonical(distribution) for distribution in names} for name, names in metadata.packages_distributions().items()
    }


def locked() -> set[str]:
    """Return the distributions that the lock pins."""
    lines = paths.LOCK.read_text(encoding="utf-8").splitlines()
    return {_canonical(match[0]) for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*(?=[\[=])", line))}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
