"""Cheaper tokens are used more: what a gain in efficiency leaves of the work, as plain arithmetic."""

import numpy as np

from analysis.bounds import within
from analysis.trends import Trend


class ReboundError(ValueError):
    """A share of work or an elasticity out of range; the message says what is allowed."""


def tokens_after(work_share, elasticity):
    """Tokens asked for, over those before, where each takes `work_share` of the work and its price follows.

    Demand of constant price elasticity: one percent cheaper, `elasticity` percent more.
    """
    return work_share**-elasticity


def work_after(work_share, elasticity):
    """Work for all tokens together over that before; 1 at an elasticity of one, whatever the gain (Jevons' paradox)."""
    return work_share * tokens_after(work_share, elasticity)


def checked_work_after(work_share: float, elasticity: float) -> float:
    """Return `work_after` of values from outside. Raises ReboundError."""
    within(ReboundError, "work_share", work_share, 1e-9)
    within(ReboundError, "elasticity", elasticity, 0)
    return work_after(work_share, elasticity)


def apparent_elasticity(tokens: Trend, prices: Trend) -> float:
    """Return by how many percent tokens grew for each percent that prices fell.

    An upper bound of the price elasticity: demand grew for other reasons, too. Raises ReboundError unless prices fell.
    """
    if prices.growth >= 1:
        raise ReboundError(f"prices did not fall: {prices.growth:g} times a year")
    return float(-np.log(tokens.growth) / np.log(prices.growth))
