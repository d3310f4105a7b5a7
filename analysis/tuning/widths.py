"""How sure a prediction of tuning is: half widths of 80% intervals, as logarithms."""

import numpy as np

from analysis.arrays import PerCase
from analysis.steps.step import Steps
from analysis.training import step_time
from analysis.training.fitted import HALF_WIDTHS as TRAINING
from analysis.uncertainty import intervals

#: Of runs whose settings are all said: what holds 80% of the errors on data/tuning_runs.csv, to which nothing is fitted
#: (analysis/tuning/published.py computes them).
HALF_WIDTHS = {"memory": 0.198, "speed": 0.151}


def of_speed(steps: Steps) -> PerCase:
    """Return the half width of the seconds of steps whose plan and software are assumed.

    No published run tunes a mixture of experts, so those are as unsure as their training is, and more.
    """
    width = intervals.combined(HALF_WIDTHS["speed"], TRAINING["assumed plan"])
    has_experts = steps.shape.whole(lambda kind: kind.n_expert_layers) > 0
    width = np.where(has_experts, intervals.combined(width, TRAINING["experts"]), width)
    return np.where(steps.shape.unmeasured > 0, np.maximum(width, step_time.UNMEASURED), width)


def of_memory(steps: Steps) -> PerCase:
    """Return the half width of the memory of a chip."""
    return np.full(steps.sequence.shape, max(HALF_WIDTHS["memory"], TRAINING["memory"]))
