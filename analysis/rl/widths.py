"""How much longer than its parts an iteration takes, and how sure that is: from published iterations, all of one library."""

from analysis.arrays import PerCase
from analysis.inference.inference_fitted import HALF_WIDTHS as INFERENCE
from analysis.uncertainty import intervals

#: What published iterations take, over what their parts are predicted to: weights that are loaded and unloaded, batches that are
#: gathered and sent out, waits. Medians over data/rl_runs.csv (analysis/rl/published.py computes them).
BEYOND = {"together": 1.89, "apart": 1.55}
#: What holds 80% of the errors of those rows by the factor of other models' rows, as a logarithm.
HELD_OUT = {"together": 0.68, "apart": 0.33}


def half_width(placement: str) -> PerCase:
    """Return the half width of the seconds of an iteration, as a logarithm.

    One library was published. How far another may lie is not known, and is taken to be what one engine of inference lies from
    others.
    """
    return intervals.combined(HELD_OUT[placement], INFERENCE["output token"])
