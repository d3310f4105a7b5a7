"""The prediction of training runs: constants, what published runs of such machines and software teach, and one's own runs.

Everything that states a time of training calls `predicted`: tables of runs, plans, pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.evidence import offsets
from analysis.evidence.errors import log_error
from analysis.evidence.offsets import Evidence
from analysis.evidence.runs import Run
from analysis.steps.step import Steps
from analysis.training import metrics, offset, step_time, traits
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.uncertainty import intervals

#: The stack of what is asked, as traits name it.
ASKED = "what is asked"


@dataclass(frozen=True)
class Predicted:
    """Seconds of one step, a case each, and the half width of their 80% interval, as a logarithm.

    Of whole runs they are seconds by the clock, with what such runs lose: tokens of the run over those of a step, times
    these, is how long it takes.
    """

    seconds: PerCase
    half_width: PerCase

    @property
    def interval(self) -> tuple[PerCase, PerCase]:
        """The lower and upper end of the seconds."""
        return intervals.around(self.seconds, self.half_width)


def predicted(runs: Sequence[Run], steps: Steps, measured: Evidence | None = None, constants: Constants = CONSTANTS) -> Predicted:
    """Return what is predicted of `runs`, whose `steps` are known; all are of one stack that nobody published.

    Of a run count `kind`, `chip`, `precision`, `model`, `tokens`, `engine_family` and `date`; whole runs need tokens.
    `measured` are runs of the same stack, as `evidence` returns them.
    """
    error, width = offset.expected(_traits(runs, steps), measured)
    seconds = _by_constants(runs, steps, constants) * np.exp(-error)
    return Predicted(seconds, np.where(steps.shape.unmeasured > 0, np.maximum(width, step_time.UNMEASURED), width))


def evidence(runs: Sequence[Run], steps: Steps, values: Sequence[float], constants: Constants = CONSTANTS) -> Evidence:
    """Return what runs of one's own stack say, that measured `values` in their own metrics."""
    named = [run.metric for run in runs]
    error = log_error(in_metrics(_by_constants(runs, steps, constants), runs, steps), values, named)
    return offsets.evidence(_traits(runs, steps), error)


def in_metrics(seconds: PerCase, runs: Sequence[Run], steps: Steps) -> PerCase:
    """Return `seconds` of a step (of whole runs: by the clock) in each run's metric and unit."""
    conventions = [run.flops_convention for run in runs]
    return metrics.from_seconds(seconds, steps, [run.metric for run in runs], conventions, _tokens(runs))


def _by_constants(runs: Sequence[Run], steps: Steps, constants: Constants) -> PerCase:
    return metrics.by_the_clock(step_time.step_seconds(steps, constants), steps, _trains(runs, steps), constants.loss_exponent)


def _traits(runs: Sequence[Run], steps: Steps) -> pd.DataFrame:
    experts = steps.shape.whole(lambda kind: kind.n_expert_layers) > 0
    return traits.traits_of_runs(runs, [ASKED] * len(runs), experts, _trains(runs, steps))


def _trains(runs: Sequence[Run], steps: Steps) -> PerCase:
    return metrics.trains(steps, [run.kind for run in runs], _tokens(runs))


def _tokens(runs: Sequence[Run]) -> list[float]:
    return [run.tokens or np.nan for run in runs]
