"""Where everything lives. No other module spells a path."""

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
