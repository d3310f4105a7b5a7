"""One assumption of a scenario: what a reader is told about it, and how its value is written."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from analysis import units

_DAY = 86_400
#: How a value is written that is left out, and has no default.
NOT_GIVEN = "–"


@dataclass(frozen=True)
class Assumption:
    """What a reader is told about one field of a scenario."""

    chinese: str
    help: str
    source: str
    verified: str
    unit: str | None = None  # the unit in which the package holds it; None for a name
    shown: str = ""  # the unit in which people write it
    symbol: str = ""  # LaTeX
    example: str = ""  # a valid value, where there is no default
    allowed: str = "a name that data/accelerators.csv has"  # of a name
    decks: bool = True  # whether the deck assumes it, too; if not, the default is this report's

    def written(self, value: Any) -> str:
        """Return `value` as people write it."""
        if value is None:
            return NOT_GIVEN
        if self.unit is None or isinstance(value, str):
            return str(value)
        return units.write(value, "second" if self.shown == "day" and value < _DAY else self.shown)


def assumption(
    default: Any,
    chinese: str,
    help: str,
    *,
    source: str,
    verified: str,
    bounds: tuple[float, float] | None = None,
    **about: Any,
) -> Any:
    """Return the field of a scenario that holds an assumption; `about` are further fields of `Assumption`.

    `bounds` are the least and the most that a number may be.
    """
    told = Assumption(chinese, help, source, verified, **about)
    least, most = bounds or (None, None)
    extra: Any = {"about": told}  # pydantic keeps what is no JSON, too
    return Field(default, description=help, json_schema_extra=extra, ge=least, le=most)


def optional(chinese: str, help: str, **more: Any) -> Any:
    """Return the field of an assumption that the deck does not make, and that a scenario may leave out; as `assumption`."""
    source = "left out: nothing is assumed of it"
    return assumption(None, chinese, help, source=source, verified="yes", decks=False, **more)
