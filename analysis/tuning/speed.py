"""Seconds of a tuning step: those of a training step, less what frozen weights spare, plus what adapters and formats cost.

A frozen matrix needs no gradient of its own, which is a third of its arithmetic; nothing of it is summed over replicas or
updated. A quantised one is widened to 16 bits before each use. Nothing here is fitted to runs of tuning: the constants are
those of training (analysis/training/fitted.py).
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.models.architecture import Architecture
from analysis.steps.parameters import parameters
from analysis.steps.step import Steps
from analysis.training import footprint, roofline, step_time
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.training.roofline import linear, moved
from analysis.tuning import adapters, memory
from analysis.tuning.method import Tuning

#: Share of a matrix's arithmetic that its own gradient is: one product of three.
OWN_GRADIENT = 1 / 3
#: Times that sharded weights cross the network: gathered forward and backward, of three with their gradients.
GATHERED = 2 / 3
#: Parts of a step that wait for what the others do.
_OF_ALL = ("slowest chip",)


@dataclass(frozen=True)
class StepTime:
    """Seconds of steps by part, an array of one element a case."""

    parts: dict[str, PerCase]

    @property
    def seconds(self) -> PerCase:
        return sum(self.parts.values())


def step(architecture: Architecture, steps: Steps, tuning: Tuning, constants: Constants = CONSTANTS) -> StepTime:
    """Return the seconds of tuning steps, by what they are spent on."""
    parts = dict(step_time.step_parts(steps, constants))
    if not tuning.trains_adapters:
        return StepTime(parts)
    before = sum(seconds for name, seconds in parts.items() if name not in (*_OF_ALL, "optimizer"))
    learning, whole = memory.trained(architecture, steps, tuning), sum(footprint.parameters_on_one(steps))
    share = learning / whole
    parts["matrix products"] = parts["matrix products"] * (1 - OWN_GRADIENT)
    parts["vocabulary"] = parts["vocabulary"] * (1 - OWN_GRADIENT)
    parts["gradients"] = parts["gradients"] * share
    stored = memory.frozen_weight_bytes(steps, tuning) / (2 * whole)
    parts["sharded weights"] = parts["sharded weights"] * GATHERED * stored
    parts["optimizer"] = parts["optimizer"] * np.minimum(share, 1.0)
    parts["adapters"] = adapter_seconds(architecture, steps, tuning, constants)
    parts["widening weights"] = widening_seconds(steps, tuning)
    after = sum(seconds for name, seconds in parts.items() if name not in (*_OF_ALL, "optimizer"))
    for name in ("slowest chip", "pipeline bubble"):  # both follow from how long a micro-batch works
        parts[name] = parts[name] * after / before
    return StepTime(parts)


def adapter_seconds(architecture: Architecture, steps: Steps, tuning: Tuning, constants: Constants = CONSTANTS) -> PerCase:
    """Seconds a step of the adapters' thin products on one chip, and of adding their results to those of the matrices."""
    tokens, plan = steps.micro_tokens, steps.plan
    wide = np.full_like(steps.machine.peak, 1.0)
    seconds: PerCase = 0.0
    for matrix in adapters.adapted(architecture, tuning.targets):
        inputs, outputs = matrix.inputs * wide, np.maximum(matrix.outputs / plan.tensor, 1.0)
        both = linear(constants, steps, tokens, inputs, tuning.rank * wide, wide=True)
        both = both + linear(constants, steps, tokens, tuning.rank * wide, outputs, wide=True)
        both = both + moved(constants, steps, tokens * 2 * outputs)
        seconds = seconds + matrix.active * (both.forward + both.backward)
    again = 1 + _again(steps) / 3
    return seconds * again * steps.micro_batches / plan.pipeline


def widening_seconds(steps: Steps, tuning: Tuning) -> PerCase:
    """Seconds a step in which quantised weights are read and written in 16 bits, for each use of them."""
    if not tuning.quantised:
        return 0.0 * steps.micro_batches
    ends = parameters(steps).embeddings / (steps.plan.tensor * steps.plan.pipeline)
    numbers = sum(footprint.parameters_on_one(steps)) - ends
    uses = 2 + _again(steps)
    return steps.micro_batches * uses * numbers * (tuning.frozen_bytes + 2.0) / roofline.bandwidth(steps)


def _again(steps: Steps) -> PerCase:
    """Forward passes of a layer that are computed again."""
    return np.where(steps.plan.recomputation == 2, 1.0, steps.plan.recomputed_layers)
