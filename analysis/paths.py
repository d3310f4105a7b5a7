"""Where everything lives. No other module spells a path."""

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from analysis.quote import printable

ROOT = Path(__file__).resolve().parents[1]

ANALYSIS = ROOT / "analysis"
#: The facts lie beside the package in the repository, and in it where it is installed.
IS_INSTALLED = (ANALYSIS / "data").is_dir()
DATA = ANALYSIS / "data" if IS_INSTALLED else ROOT / "data"
SCENARIOS = DATA / "scenarios"
HOUSES = DATA / "houses"
WEIGHTS = DATA / "weights"
GENERATED = DATA / "generated"
NOTEBOOKS = ROOT / "notebooks"
EXECUTED = NOTEBOOKS / "executed"
NOTES = ROOT / "book" / "notes"
NUMBERS = ROOT / "book" / "numbers.yml"
LOCK = ROOT / "requirements.lock"
BUILD = ROOT / "_build"
#: How the name of a file ends that is not whole yet.
PART = ".part"
#: Characters of a path that a message shows at the most.
_LONGEST_SHOWN = 100


def shown(path: Path) -> str:
    """Return `path` as a person would name it: from the project's folder where it lies inside, else as given."""
    try:
        named = path.resolve().relative_to(ROOT).as_posix()
    except (ValueError, OSError, RuntimeError):  # it lies elsewhere, or is a loop of links
        named = str(path)
    return printable(named if len(named) <= _LONGEST_SHOWN else f"{named[:_LONGEST_SHOWN]}…")


def scenario(name: str) -> Path:
    """Return the file that a person means: a path, or the name of a scenario in data/scenarios."""
    try:
        named = SCENARIOS / f"{name}.yml"
        return named if not Path(name).exists() and named.is_file() else Path(name)
    except (ValueError, OSError):  # no file can have such a name
        return Path(name)


def read_text(path: Path, most: int) -> str:
    """Return the text in UTF-8 of the file at `path`, of at most so many bytes.

    Raises OSError, which says so of whatever is no plain file: a device or a pipe may never end, or never begin.
    UnicodeDecodeError is raised for other encodings.
    """
    with plain_file(path).open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"the file is larger than {most:,} bytes")
    return content.decode()


def plain_file(path: Path) -> Path:
    """Return `path` if a plain file lies there. Raises OSError, which says what is wrong."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "this is a folder" if path.is_dir() else "this is no plain file")
    return path


def write(path: Path, content: str | bytes) -> None:
    """Write `content` beside `path`, and put it there when it is whole. Raises OSError, and leaves nothing half written."""
    check_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write several files into `folder`, and put them there when all are whole. Raises OSError; then nothing is changed."""
    new = [made for made in (folder, *folder.parents) if not made.exists()]
    parts: dict[str, Path] = {}
    replaced: list[str] = []
    before: dict[str, bytes | None] = {}
    try:
        before = {name: _content(folder / name) for name in files}
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            parts[name] = _beside(folder / name)
            parts[name].write_bytes(content)
        for name, part in parts.items():
            os.replace(part, folder / name)
            replaced.append(name)
    except BaseException:  # a keystroke too
        for name in replaced:
            old = before[name]
            (folder / name).unlink() if old is None else write(folder / name, old)
        for part in parts.values():
            part.unlink(missing_ok=True)
        for made in new:
            with suppress(OSError):  # it was not made, or someone else uses it
                made.rmdir()
        raise


def check_replaceable(*targets: Path) -> None:
    """Raise OSError where a file would take the place of a folder, a device or a loop of links."""
    for path in targets:
        if os.path.lexists(path) and not path.is_file():
            raise FileExistsError(errno.EEXIST, f"{path.name} is there, and is no file", str(path))


def is_part(path: Path) -> bool:
    """Say whether `path` was being written, by a process that was killed or still runs."""
    return path.suffix == PART


def _beside(path: Path) -> Path:
    """Return a hidden file beside `path` that no other process writes."""
    return path.with_name(f".{uuid4().hex}{PART}")


def _content(path: Path) -> bytes | None:
    """Return what the file at `path` holds, None where there is nothing. Raises OSError where it is no file."""
    check_replaceable(path)
    return path.read_bytes() if path.is_file() else None
