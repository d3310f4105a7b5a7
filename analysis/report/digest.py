"""Digests: short numbers that change when any byte of what they stand for does."""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
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
    return of_value({path.relative_to(root).as_posix(): of_bytes(path.read_bytes()) for path in files})


def of_path(path: Path) -> str | None:
    """Return the digest of a file's bytes, or of the names in a folder; None for what is not there."""
    try:
        if not path.is_dir():
            return of_bytes(path.read_bytes())
        return of_value(sorted(entry.name for entry in path.iterdir() if not entry.name.startswith((".", "__pycache__"))))
    except OSError:
        return None


def package() -> str:
    """Return the digest of the package `analysis`: its modules, and what lies beside them, such as templates."""
    return of_files(_files(paths.ANALYSIS), paths.ANALYSIS)


def data() -> str:
    """Return the digest of everything in `data/`, scenarios included."""
    return of_files(_files(paths.DATA), paths.DATA)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below `folder` that are not hidden, and not made by Python."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.startswith(".") and path.parent.name != "__pycache__":
            yield path


def lock() -> str:
    """Return the digest of the locked dependencies and the Python that runs them.

    Where the package is installed there is no lock, and the digest is that of the versions that are there.
    """
    held = of_value(_versions()) if paths.IS_INSTALLED else of_bytes(paths.LOCK.read_bytes())
    return of_value([held, list(sys.version_info[:2])])


def _versions() -> dict[str, str]:
    """Return the version of each installed package, by its name."""
    return {distribution.metadata["Name"]: distribution.version for distribution in metadata.distributions()}


def shared() -> dict[str, str]:
    """Return the digest of each whole of which notebooks use parts, by its name."""
    return {"analysis": package(), "data": data(), "lock": lock()}
