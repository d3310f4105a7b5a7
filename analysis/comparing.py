"""What numbers may be said to show, given their errors: titles and sentences take their comparing words from here.

Two numbers are called different only beyond `NOISE` standard errors of their difference; else it is said that they are
alike within noise. So no sentence can claim more than its data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import numerals

#: Standard errors of a difference below which it is called noise.
NOISE = 2.0
#: Share of the intervals of shares and growth rates.
LEVEL = 0.9


@dataclass(frozen=True)
class Measured:
    """A value with its standard error, 0 where nothing was left to chance."""

    value: float
    error: float = 0.0

    def __sub__(self, other: "Measured") -> "Measured":
        """Return the difference of two that do not depend on each other; of pairs, take the `mean` of the differences."""
        return Measured(self.value - other.value, float(np.hypot(self.error, other.error)))

    def side(self) -> int:
        """Return 1 if the value lies above 0 beyond noise, -1 if below, else 0."""
        return int(np.sign(self.value)) if abs(self.value) > NOISE * self.error else 0

    def written(self, text: Callable[[float], str]) -> str:
        """Return the value with its standard error, if it is known: "12% ± 1.6%"."""
        return f"{text(self.value)} ± {text(self.error)}" if np.isfinite(self.error) else text(self.value)


def mean(values: Any) -> Measured:
    """Return the mean of independent draws with its standard error; of one draw alone it is not known, so infinite."""
    values = np.asarray(values, dtype=float)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return Measured(float(values.mean()), float(error))


def share(hits: float, trials: float) -> Measured:
    """Return a share of independent trials with its binomial standard error, which is never taken as 0."""
    kept = (hits + 0.5) / (trials + 1)
    return Measured(hits / trials, float(np.sqrt(kept * (1 - kept) / trials)))


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Return Clopper and Pearson's interval, at `LEVEL`, of a share of which `hits` of `trials` were seen."""
    from scipy import special  # here, as most who compare need no such interval, and start without SciPy

    tail = (1 - LEVEL) / 2
    low = special.betaincinv(hits, trials - hits + 1, tail) if hits else 0.0
    high = special.betaincinv(hits + 1, trials - hits, 1 - tail) if hits < trials else 1.0
    return float(low), float(high)


def interval_text(share: float, trials: int) -> str:
    """Return a share of so many independent trials with its interval: "92.0% (87.4% to 95.3%)"."""
    low, high = interval(round(share * trials), trials)
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def said(difference: Measured | float, more: str, less: str, alike: str) -> str:
    """Return the word for a difference: `more` or `less` where it is beyond noise, else `alike`."""
    measured = difference if isinstance(difference, Measured) else Measured(float(difference))
    return {1: more, -1: less, 0: alike}[measured.side()]


def gap(difference: Measured, unit: str, other: str, above: str = "above", below: str = "below") -> str:
    """Return how far a value lies from another: "0.33 ± 0.06 nats below GPT's", or that it is as that one within noise."""
    size = Measured(abs(difference.value), difference.error).written(lambda value: numerals.significant(value, 2))
    word = above if difference.value > 0 else below
    return f"{size} {unit} {word} {other}" if difference.side() else f"within noise of {other} ({size} {unit} {word})"


def leaders(draws: pd.DataFrame) -> list[str]:
    """Return the columns of `draws`, a row a draw, that no other is above beyond noise, highest mean first."""
    best = draws.mean().idxmax()
    leading = [name for name in draws if mean(draws[best] - draws[name]).side() < 1]
    return sorted(leading, key=lambda name: -draws[name].mean())
