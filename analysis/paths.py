"""Where everything lives. No other module spells a path."""

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]

ANALYSIS = ROOT / "analysis"
#: The facts lie beside the package in the repository, and in it where it is installed.
IS_INSTALLED = (ANALYSIS / "data").is_dir()
DATA = ANALYSIS / "data" if IS_INSTALLED else ROOT / "data"
SCENARIOS = DATA / "scenarios"
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


def shown(path: Path) -> str:
    """Return `path` as a person would name it: from the project's folder where it lies inside, else as given."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return str(path)


def scenario(name: str) -> Path:
    """Return the file that a person means: a path, or the name of a scenario in data/scenarios."""
    named = SCENARIOS / f"{name}.yml"
    return named if not Path(name).exists() and named.is_file() else Path(name)


def write(path: Path, content: str | bytes) -> None:
    """Write `content` beside `path`, and put it there when it is whole. Raises OSError, and leaves nothing half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write several files into `folder`, and put them there when all are whole. Raises OSError; then nothing is changed."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
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
            content = before[name]
            (folder / name).unlink() if content is None else write(folder / name, content)
        for part in parts.values():
            part.unlink(missing_ok=True)
        for one in new:
            with suppress(OSError):  # it was not made, or someone else uses it
                one.rmdir()
        raise


def is_part(path: Path) -> bool:
    """Say whether `path` was being written, by a process that was killed or still runs."""
    return path.name.startswith(".") and path.suffix == PART


def _beside(path: Path) -> Path:
    """Return a hidden file beside `path` that no other process writes."""
    return path.with_name(f".{uuid4().hex}{PART}")


def _content(path: Path) -> bytes | None:
    """Return what the file at `path` holds, None where there is nothing. Raises OSError where it is no file."""
    if path.is_file():
        return path.read_bytes()
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, f"{path.name} is there, and is no file", str(path))
    return None
