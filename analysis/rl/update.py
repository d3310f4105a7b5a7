"""Scoring and update: every answer passes the model once for each score, and is then learnt from.

Answers are packed, so that a step costs what their mean length makes it cost; but a chip has to hold the longest as well. A
score is the probability that a model gave each token: that of the model itself before the update, and that of the reference
from which it may not stray, or of a reward model as large. It takes a forward pass, which is a third of a training step.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import PerCase
from analysis.models.architecture import Architecture
from analysis.rl.batch import Batch, RlError
from analysis.steps.step import Steps
from analysis.training import step_time
from analysis.training.fitted import CONSTANTS
from analysis.tuning import memory as tuning_memory
from analysis.tuning import search
from analysis.tuning.adapters import TuningError
from analysis.tuning.method import Tuning
from analysis.tuning.search import Options

#: Share of a step's passes that a forward pass is.
FORWARD = 1 / 3
#: Parts of a step that a forward pass does not have.
_BACKWARD_ONLY = ("recomputation", "gradients", "optimizer")


@dataclass(frozen=True)
class Learning:
    """Ways to learn from a batch on some chips, one a case: seconds of all scores and of all updates, and which fit."""

    options: Options
    scoring: PerCase
    update: PerCase
    memory: PerCase
    fits: PerCase

    @property
    def seconds(self) -> PerCase:
        """Seconds of scores and updates together; infinite for what does not fit."""
        return np.where(self.fits, self.scoring + self.update, np.inf)


def learning(
    architecture: Architecture, chip: str, tuning: Tuning, batch: Batch, chips: int, *, scores: int, updates: int,
    precision: str | None = None,
) -> Learning:  # fmt: skip
    """Return every way to score the batch `scores` times and to learn from it in `updates` steps of an equal part each.

    Where answers do not divide by the chips, so many more as make them do are tried as well. Raises RlError for chips that can't
    share the work.
    """
    each = batch.answers // updates
    possible, refused = [], None
    for answers in dict.fromkeys((each, math.ceil(each / chips) * chips)):
        try:
            some = search.options(
                architecture, chip, tuning, chips, sequence=max(1, round(batch.length)), batch=answers, precision=precision
            )  # fmt: skip
        except TuningError as exc:
            refused = refused or exc
            continue
        possible.append(evaluated(architecture, tuning, some, batch, scores=scores, updates=updates))
    if not possible:
        raise RlError(f"{refused}".replace("batch =", "answers of an update ="))
    return min(possible, key=lambda some: float(some.seconds.min()))


def evaluated(architecture: Architecture, tuning: Tuning, some: Options, batch: Batch, *, scores: int, updates: int) -> Learning:
    """Return the learning that options of a step make."""
    steps = some.steps
    longest = replace(
        steps,
        sequence=np.full_like(steps.sequence, batch.prompt_tokens + batch.longest),
        plan=replace(steps.plan, micro_batch=np.ones_like(steps.plan.micro_batch)),
    )
    held = np.maximum(some.memory.total, tuning_memory.tuning_memory(architecture, longest, tuning).total)
    return Learning(
        some, scores * updates * forward_seconds(steps), updates * np.asarray(some.seconds), held,
        held <= step_time.USABLE_MEMORY * steps.machine.memory_bytes,
    )  # fmt: skip


def forward_seconds(steps: Steps) -> PerCase:
    """Return the seconds of a forward pass of the batch of `steps`."""
    parts = step_time.step_parts(steps, CONSTANTS)
    return FORWARD * sum(value for name, value in parts.items() if name not in _BACKWARD_ONLY)


def best(some: Learning) -> int:
    """Return the position of the fastest way that fits; of the least overfull where none does."""
    score = np.where(some.fits, -some.seconds, -np.inf)
    return int(np.argmax(score) if some.fits.any() else np.argmin(some.memory))
