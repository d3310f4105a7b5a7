"""A quantity that is not known exactly: what is expected, and an 80% interval around it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from analysis import numerals


class PlanError(ValueError):
    """What is asked can't be planned; the message names what stands against it, and what would work."""


@dataclass(frozen=True)
class Interval:
    """The expected value of a quantity, and the ends of its 80% interval; an end that is out of reach is infinite."""

    low: float
    expected: float
    high: float

    def __post_init__(self) -> None:
        for name in ("low", "expected", "high"):
            object.__setattr__(self, name, float(getattr(self, name)))  # no number of NumPy, which is written otherwise

    @classmethod
    def around(cls, expected: float, below: float, above: float | None = None) -> "Interval":
        """Return the interval whose ends lie `below` and `above` the expected value, as logarithms; the same if one is given."""
        return cls(expected * math.exp(-below), expected, expected * math.exp(below if above is None else above))

    def __mul__(self, factor: float) -> "Interval":
        return Interval(self.low * factor, self.expected * factor, self.high * factor)

    __rmul__ = __mul__

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return self.written()

    def written(self, write: Callable[[float], str] = numerals.words) -> str:
        """Return the interval as people read it, "205 (137 to 308)", each number by `write`."""
        low, expected, high = (
            write(value) if math.isfinite(value) else "no limit" for value in (self.low, self.expected, self.high)
        )
        return expected if low == high == expected else f"{expected} ({low} to {high})"
