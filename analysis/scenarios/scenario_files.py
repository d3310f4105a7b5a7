"""Where scenarios lie, and what is said of one that is not there: known before anything is imported that reads one."""

from pathlib import Path

from analysis import paths
from analysis.refused import Refused
from analysis.suggest import nearest


class ScenarioError(Refused):
    """A scenario that can't be used; the message names the file, the field, what was given and what is allowed."""


def files() -> dict[str, Path]:
    """Return every scenario file by its name: "deck", then those of groups in folders of their own: "stress/tokenizer"."""
    by_name = {path.relative_to(paths.SCENARIOS).with_suffix(""): path for path in paths.SCENARIOS.rglob("*.yml")}
    return {name.as_posix(): by_name[name] for name in sorted(by_name, key=lambda name: (len(name.parts), name))}


def there(path: Path) -> Path:
    """Return `path`. Raises ScenarioError if nothing lies there, and names the scenario that is called nearly so."""
    try:
        path.stat()
    except FileNotFoundError:
        known = {file.name for file in files().values()} if path.suffix else set(files())
        raise ScenarioError(f"{paths.shown(path)}: there is no such file{nearest(path.name, known)}") from None
    except (OSError, ValueError):
        return path  # who reads it says what is wrong
    return path
