"""Growth over time: a straight line through logarithms, with its interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.comparing import LEVEL, Measured


class TrendError(ValueError):
    """Observations that no trend can be fitted to; the message says why."""


@dataclass(frozen=True)
class Trend:
    """Growth a year as a factor, with its 90% interval, fitted to `observations`; `at` gives the line."""

    growth: float
    low: float
    high: float
    observations: int
    intercept: float

    def at(self, years: Any) -> Any:
        """Return the fitted value at times in years."""
        return np.exp(self.intercept + np.log(self.growth) * np.asarray(years, dtype=float))

    @property
    def log_growth(self) -> Measured:
        """The logarithm of the growth a year, with the standard error that the interval is of."""
        from scipy import special  # here and below, as most who import this fit nothing, and start without SciPy

        half = (np.log(self.high) - np.log(self.low)) / 2
        return Measured(float(np.log(self.growth)), float(half / special.ndtri((1 + LEVEL) / 2)))

    @property
    def doubling_years(self) -> float:
        """Years in which the value doubles; negative if it falls."""
        return self.years_to(2)

    def years_to(self, factor: float) -> float:
        """Return the years in which the value grows by `factor`; negative where it would be in the past."""
        return float(np.log(factor) / np.log(self.growth))


def fit(years: Any, values: Any, groups: Any = None) -> Trend:
    """Return the trend of positive `values` over `years` by least squares on their logarithms.

    With `groups`, each group has a level of its own and all share the growth (fixed effects), and the line is that of
    the groups' mean. The interval is Student's, which takes the errors as independent. Raises TrendError.
    """
    years, logs = np.asarray(years, dtype=float), np.asarray(values, dtype=float)
    if len(years) != len(logs) or not np.isfinite(years).all():
        raise TrendError("a trend needs one known time for each value")
    if not (logs > 0).all():
        raise TrendError(f"a trend of logarithms needs positive values; the smallest is {logs.min():g}")
    from scipy import special

    logs = np.log(logs)
    codes = pd.factorize(np.zeros(len(years)) if groups is None else np.asarray(groups))[0]
    counts = np.bincount(codes)
    free = len(years) - len(counts) - 1
    x = years - (np.bincount(codes, years) / counts)[codes]
    y = logs - (np.bincount(codes, logs) / counts)[codes]
    if free < 1 or not (x**2).sum():
        raise TrendError(f"{len(years)} values in {len(counts)} groups do not fix a trend: it needs different times")
    slope = (x * y).sum() / (x**2).sum()
    error = np.sqrt(((y - slope * x) ** 2).sum() / free / (x**2).sum())
    half = special.stdtrit(free, (1 + LEVEL) / 2) * error
    low, growth, high = np.exp([slope - half, slope, slope + half])
    return Trend(float(growth), float(low), float(high), len(years), float(logs.mean() - slope * years.mean()))


def in_years(dates: Any) -> np.ndarray:
    """Return dates, as precise as a year, a month or a day, as years with a fraction; what is less precise than a day
    is taken in its middle."""
    result = []
    for text in dates:
        year, *rest = (int(part) for part in str(text).split("-"))
        month, day = (*rest, None, None)[:2]
        inside = 0.5 if month is None else (month - 0.5) / 12 if day is None else (month - 1) / 12 + (day - 1) / 365
        result.append(year + inside)
    return np.array(result)


def growth_text(trend: Trend) -> str:
    """Return growth a year with its interval: "42% (29% to 55%)"."""
    return f"{_signed(trend.growth)} ({_signed(trend.low)} to {_signed(trend.high)})"


def factor_text(trend: Trend) -> str:
    """Return growth a year as a factor with its interval: "6.6-fold (5.4 to 8.1)"."""
    low, value, high = (numerals.significant(value, 2) for value in (trend.low, trend.growth, trend.high))
    return f"{value}-fold ({low} to {high})"


def _signed(factor: float) -> str:
    return f"{'−' if factor < 1 else ''}{numerals.percent(abs(factor - 1))}"
