"""Where everything lives. No other module spells a path."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ANALYSIS = ROOT / "analysis"
DATA = ROOT / "data"
SCENARIOS = DATA / "scenarios"
WEIGHTS = DATA / "weights"
GENERATED = DATA / "generated"
NOTEBOOKS = ROOT / "notebooks"
EXECUTED = NOTEBOOKS / "executed"
NOTES = ROOT / "book" / "notes"
LOCK = ROOT / "requirements.lock"
BUILD = ROOT / "_build"


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
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write several files into `folder`, and put them there when all are whole. Raises OSError; then none is there anew."""
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    beside = {name: folder / f"{name}.part" for name in files}
    try:
        for name, content in files.items():
            beside[name].write_bytes(content)
        for name, part in beside.items():
            os.replace(part, folder / name)
    except OSError:
        for part in beside.values():
            part.unlink(missing_ok=True)
        if made:
            folder.rmdir()
        raise
