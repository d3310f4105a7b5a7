"""Digests: what an executed notebook was made from, in a form that changes when any of it changes."""

import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis import paths

#: How many hexadecimal digits a receipt shows.
SHORT = 12


def of_bytes(content: bytes) -> str:
    """Return the SHA-256 digest of `content`."""
    return hashlib.sha256(content).hexdigest()


def of_value(value: Any) -> str:
    """Return the digest of plain nested values, whatever the order of their keys."""
    return of_bytes(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())


def of_files(files: Iterable[Path], root: Path) -> str:
    """Return the digest of the names below `root` and the contents of `files`."""
    stats = {path: path.stat() for path in files}
    return of_value({
        path.relative_to(root).as_posix(): _of_file(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()
    })  # fmt: skip


@cache
def _of_file(path: Path, _modified: int, _size: int) -> str:
    """Return the digest of a file, read once for each time that it was modified: all notebooks share most files."""
    return of_bytes(path.read_bytes())


def package() -> str:
    """Return the digest of the package `analysis`: its modules, and the template of the notes."""
    return of_files((path for kind in ("*.py", "*.typ") for path in paths.ANALYSIS.rglob(kind)), paths.ANALYSIS)


def data() -> str:
    """Return the digest of everything in `data/`, scenarios included."""
    files = (path for path in paths.DATA.rglob("*") if path.is_file() and not path.name.startswith("."))
    return of_files(files, paths.DATA)


def lock() -> str:
    """Return the digest of the locked dependencies and the Python that runs them.

    Where the package is installed there is no lock, and the digest is that of the versions that are there.
    """
    held = of_value(_versions()) if paths.IS_INSTALLED else of_bytes(paths.LOCK.read_bytes())
    return of_value([held, list(sys.version_info[:2])])


def _versions() -> dict[str, str]:
    """Return the version of each installed package, by its name."""
    return {one.metadata["Name"]: one.version for one in metadata.distributions()}


def shared() -> dict[str, str]:
    """Return the digest of each thing that all executed notebooks depend on, by its name."""
    return {"analysis": package(), "data": data(), "lock": lock()}


def inputs(notebook: Path, parameters: dict[str, Any], shared: dict[str, str]) -> dict[str, str]:
    """Return the digest of each thing that the executed `notebook` depends on, by its name; `shared` as `shared()` has it."""
    return {"notebook": of_bytes(notebook.read_bytes()), "parameters": of_value(parameters)} | shared
