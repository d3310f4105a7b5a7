"""Where everything lives. No other module spells a path."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ANALYSIS = ROOT / "analysis"
DATA = ROOT / "data"
SCENARIOS = DATA / "scenarios"
WEIGHTS = DATA / "weights"
GENERATED = DATA / "generated"
NOTEBOOKS = ROOT / "notebooks"
EXECUTED = NOTEBOOKS / "executed"
LOCK = ROOT / "requirements.lock"
BUILD = ROOT / "_build"


def shown(path: Path) -> str:
    """Return `path` as a person would name it: from the project's folder where it lies inside, else as given."""
    try:
        return path.resolve().relative_to(ROOT).as_posix()
    except ValueError:
        return str(path)


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
