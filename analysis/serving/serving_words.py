"""Chips and dollars of serving as people write them, in charts, tables and the terminal."""

import numpy as np

from analysis import numerals
from analysis.scenarios.estimate import whole


def count(chips: float) -> str:
    """Return a number of chips as text, to three digits; one that is infinite as words."""
    return numerals.rounded(chips) if np.isfinite(chips) else "no number that is enough"


def written(key: str, accelerators: float) -> str:
    """Return a step's accelerators as text: whole where the deck's formula gives them, else to three digits."""
    exact = key in ("printed", "slip", "scenario")
    return numerals.whole(whole(accelerators)) if exact else count(accelerators)


def dollars(value: float, digits: int = 3) -> str:
    """Return dollars as text; "–" where they are not known."""
    return f"${numerals.significant(value, digits)}" if np.isfinite(value) else "–"
