"""How sure a prediction is: 80% intervals from the errors made on runs of sources that were held out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.training.fitted import HALF_WIDTHS
from analysis.training.steps import Steps

#: Share of runs that an interval is meant to hold.
LEVEL = 0.8
#: Half width where no published row holds such layers: the widest that was found.
UNMEASURED = max(HALF_WIDTHS[name] for name in ("dense", "experts", "assumed plan", "whole run"))


def half_width(errors: Any, sources: Sequence[str], level: float = LEVEL) -> float:
    """Return the width of which `level` of the `errors` (logarithms) stay within, every source counting the same."""
    return float(quantile(np.abs(np.asarray(errors, dtype=float)), sources, level))


def quantile(values: Any, sources: Sequence[str], share: Any) -> Any:
    """Return the value below which `share` of the `values` lies, every source counting the same; of an array, an array."""
    values = np.asarray(values, dtype=float)
    names, codes = np.unique(np.asarray(sources, dtype=object).astype(str), return_inverse=True)
    weight = 1 / np.bincount(codes)[codes] / len(names)
    order = np.argsort(values)
    # A quantile that interpolates between the middles of the weights, so that one value more moves it little.
    at = np.cumsum(weight[order]) - weight[order] / 2
    found = np.interp(share, at, values[order])
    return float(found) if np.ndim(share) == 0 else found


def of_steps(steps: Steps, assumed: Any = False) -> Any:
    """Return the half width of each step's time, by its group; `assumed` says which plans had to be assumed.

    Where no published row holds such layers, it is the widest of all groups.
    """
    has_experts = steps.shape.whole(lambda kind: kind.n_expert_layers) > 0
    known = np.where(has_experts, HALF_WIDTHS["experts"], HALF_WIDTHS["dense"])
    known = np.where(assumed, HALF_WIDTHS["assumed plan"], known)
    return np.where(steps.shape.unmeasured > 0, UNMEASURED, known)


def combined(*half_widths: Any) -> Any:
    """Return the half width of a product of independent factors whose logarithms are about normal."""
    return np.sqrt(sum(np.square(width) for width in half_widths))


def around(predicted: Any, half_widths: Any) -> tuple[Any, Any]:
    """Return the lower and upper end of the intervals around predictions; the same share below as above."""
    factor = np.exp(half_widths)
    return predicted / factor, predicted * factor
