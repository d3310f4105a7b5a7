"""How sure a prediction is: 80% intervals from the errors made on runs of sources that were held out."""

from collections.abc import Sequence

import numpy as np

from analysis.arrays import PerCase

#: Share of runs that an interval is meant to hold.
LEVEL = 0.8
#: Standard deviations within which a normal number lies with that probability.
NORMAL = 1.2816


def half_width(errors: PerCase, sources: Sequence[str], level: float = LEVEL) -> float:
    """Return the width of which `level` of the `errors` (logarithms) stay within, every source counting the same."""
    return float(quantile(np.abs(np.asarray(errors, dtype=float)), sources, level))


def quantile(values: PerCase, sources: Sequence[str], share: PerCase) -> PerCase:
    """Return the value below which `share` of the `values` lies, every source counting the same; of an array, an array."""
    values = np.asarray(values, dtype=float)
    names, codes = np.unique(np.asarray(sources, dtype=object).astype(str), return_inverse=True)
    weight = 1 / np.bincount(codes)[codes] / len(names)
    order = np.argsort(values)
    # A quantile that interpolates between the middles of the weights, so that one value more moves it little.
    at = np.cumsum(weight[order]) - weight[order] / 2
    quantiles = np.interp(share, at, values[order])
    return float(quantiles) if np.ndim(share) == 0 else quantiles


def of_deviation(deviation: PerCase) -> PerCase:
    """Return the half width of the interval of an error that is about normal, by its standard deviation."""
    return NORMAL * np.asarray(deviation)


def combined(*half_widths: PerCase) -> PerCase:
    """Return the half width of a product of independent factors whose logarithms are about normal."""
    return np.sqrt(sum(np.square(width) for width in half_widths))


def around(predicted: PerCase, half_widths: PerCase) -> tuple[PerCase, PerCase]:
    """Return the lower and upper end of the intervals around predictions; the same share below as above."""
    factor = np.exp(half_widths)
    return predicted / factor, predicted * factor
