"""What a kernel uses while it runs a notebook: the files that it reads, the folders that it lists, the modules it imports.

Python reports each file that it opens, whoever asks, so that no reader of facts has to remember to. What libraries open
past Python (fonts, say) belongs to their version; so does all that lies in the installation.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from analysis import paths

#: Where the machine keeps its own files: what is read there is no input of a report.
_MACHINE = tuple(
    dict.fromkeys([sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev", "/etc", "/usr", "/run", "/System", "/Library"])
)

_read: set[str] = set()
_written: set[str] = set()
_watching = False


def watch() -> None:
    """Begin to record; there is no end to it but that of the process."""
    global _watching
    _watching = True
    sys.addaudithook(_hear)


def is_watching() -> bool:
    """Say whether this process records: it runs a notebook for the book."""
    return _watching


def recorded() -> dict[str, list[str]]:
    """Return what was used so far, each sorted: `files`, `modules` of this project, and what else was `imported`.

    Files and modules are named from the project's folder, other files by their whole path; a folder that was listed
    ends with a slash.
    """
    modules = {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}
    return {
        "files": sorted(_shown(path) for path in _read - _written if _counts(path)),
        "modules": sorted(_shown(path) for path in map(os.path.abspath, modules) if _is_ours(path)),
        "imported": sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)),
    }


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("open", "os.listdir", "os.scandir") or isinstance(arguments[0], int):
        return
    if sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
        return  # an import: its module is counted as one
    path = os.path.abspath(os.fsdecode(arguments[0] if arguments[0] is not None else "."))
    if event != "open":
        if path not in sys.path:  # where modules and what is installed are looked for
            _read.add(f"{path}/")
        return
    _, mode, flags = arguments
    writes = set(mode) & set("wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR)
    (_written if writes else _read).add(path)


def _is_ours(path: str) -> bool:
    return _lies_in(path, str(paths.ROOT)) and not _lies_in(path, sys.prefix)


def _counts(path: str) -> bool:
    """Say whether a file is an input: of the project, or a person's own; not one of the machine, or of its settings."""
    if _is_ours(path):
        return ".egg-info/" not in path
    is_hidden = any(part.startswith(".") for part in Path(path).parts)
    is_machines = any(_lies_in(path, folder) for folder in (*_MACHINE, tempfile.gettempdir()))
    return not (path.endswith("/") or is_hidden or is_machines)


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _shown(path: str) -> str:
    root = f"{paths.ROOT}/"
    return path.removeprefix(root).replace(os.sep, "/") or "./"
