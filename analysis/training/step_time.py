"""A training step predicted: its seconds, what they are spent on, utilization, and memory.

The time of one micro-batch on one pipeline stage is built from its operations (analysis/training/layers.py); a step is the
micro-batches one after the other, the bubble of the pipeline, what communication of weights and gradients is not
hidden, the wait for the slowest accelerator, and the optimizer. Everything takes arrays: see analysis/steps/step.py.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.steps import links
from analysis.steps.step import Steps
from analysis.training import communication, footprint, layers, roofline
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS
from analysis.uncertainty import intervals

#: Times that sharded weights cross the network for one micro-batch: gathered forward and backward, gradients scattered.
SHARDED_PASSES = 3.0
#: Share of a micro-batch's time under which gradients can be sent: its backward pass.
BACKWARD_SHARE = 2 / 3
#: Bytes a parameter that an Adam step in 32 bits reads and writes.
OPTIMIZER_TRAFFIC = 36.0
#: Kernels of the optimizer, as a share of those of a layer's forward pass.
OPTIMIZER_KERNELS = 0.3


@dataclass(frozen=True)
class Prediction:
    """What is predicted of training steps, one a case: seconds of a step, by part; FLOP; bytes of one accelerator.

    `half_width` is that of the seconds' 80% interval, as a logarithm. Each interval is a lower and an upper end.
    """

    seconds: PerCase
    parts: dict[str, PerCase]
    model_flop: PerCase
    hardware_flop: PerCase
    peak: PerCase
    memory_bytes: PerCase
    fits: PerCase
    half_width: PerCase

    @property
    def model_flops_utilization(self) -> PerCase:
        """Share of all accelerators' peak that the model's own FLOP take, attention causal."""
        return self.model_flop / (self.seconds * self.peak)

    @property
    def hardware_flops_utilization(self) -> PerCase:
        """The same with recomputed FLOP counted."""
        return self.hardware_flop / (self.seconds * self.peak)

    @property
    def seconds_interval(self) -> tuple[PerCase, PerCase]:
        """The step's seconds."""
        return intervals.around(self.seconds, self.half_width)

    @property
    def model_flops_utilization_interval(self) -> tuple[PerCase, PerCase]:
        """The utilization, as unsure as the time that it is divided by."""
        return _share(intervals.around(self.model_flops_utilization, self.half_width))

    @property
    def hardware_flops_utilization_interval(self) -> tuple[PerCase, PerCase]:
        """The same with recomputed FLOP counted."""
        return _share(intervals.around(self.hardware_flops_utilization, self.half_width))

    @property
    def memory_interval(self) -> tuple[PerCase, PerCase]:
        """Bytes of one accelerator; the width is that of the peaks that analysis/validation/peak_memory.py has."""
        return intervals.around(self.memory_bytes, HALF_WIDTHS["memory"])


def _share(interval: tuple[PerCase, PerCase]) -> tuple[PerCase, PerCase]:
    """Return the interval of a share, which ends at 1."""
    return interval[0], np.minimum(interval[1], 1.0)


#: Half width where no published row holds such layers: the widest that was found.
UNMEASURED = max(HALF_WIDTHS[name] for name in ("dense", "experts", "assumed plan", "whole run"))
#: Share of an accelerator's memory that a plan may fill.
USABLE_MEMORY = 0.92


def predict(steps: Steps, constants: Constants = CONSTANTS, assumed: PerCase = False) -> Prediction:
    """Return what `constants` predict of `steps`, every quantity an array of one element a case.

    `assumed` says of which steps the parallel plan had to be assumed, so that they are predicted less surely.
    """
    parts = step_parts(steps, constants)
    memory = footprint.memory_bytes(steps)
    return Prediction(
        seconds=sum(parts.values()),
        parts=parts,
        model_flop=footprint.model_flop(steps, causal=True),
        hardware_flop=footprint.hardware_flop(steps, causal=True),
        peak=steps.machine.peak * steps.chips,
        memory_bytes=memory,
        fits=memory <= USABLE_MEMORY * steps.machine.memory_bytes,
        half_width=half_widths(steps, assumed),
    )


def half_widths(steps: Steps, assumed: PerCase = False) -> PerCase:
    """Return the half width of each step's time, by its group; `assumed` says which plans had to be assumed.

    Where no published row holds such layers, it is the widest of all groups.
    """
    has_experts = steps.shape.whole(lambda kind: kind.n_expert_layers) > 0
    known = np.where(has_experts, HALF_WIDTHS["experts"], HALF_WIDTHS["dense"])
    known = np.where(assumed, HALF_WIDTHS["assumed plan"], known)
    return np.where(steps.shape.unmeasured > 0, UNMEASURED, known)


def step_seconds(steps: Steps, constants: Constants = CONSTANTS) -> PerCase:
    """Return the seconds of one step, an array of one element a case."""
    return sum(step_parts(steps, constants).values())


def step_parts(steps: Steps, constants: Constants) -> dict[str, PerCase]:
    """Return the seconds of one step by what they are spent on; they add up to the step."""
    plan, micro_batches = steps.plan, steps.micro_batches
    layer = layers.mean_layer(constants, steps)
    again = np.select([plan.recomputation == 2, plan.recomputation == 1], [layer.whole_again, layer.part_again], 0.0)
    again = constants.counts_recomputation * (again + plan.recomputed_layers * (layer.whole_again - again))
    a_layer = layer.seconds.forward + layer.seconds.backward + again
    head = constants.counts_vocabulary * layers.head(constants, steps)
    n_layers = steps.shape.layers + steps.predicted_tokens
    whole = n_layers * a_layer + head
    computing = slowest_stage(n_layers, plan.pipeline, a_layer, head)
    stage = communication.together(constants, computing, _sharding(constants, steps))
    sends = links.pipeline_send(constants, steps)
    bubble = constants.counts_bubble * bubble_seconds(whole, stage + sends, plan.pipeline, plan.virtual_pipeline)
    gradients = _gradients(constants, steps, stage)
    waiting = constants.straggling * np.sqrt(2 * np.log(steps.chips))
    busy = micro_batches * (stage + sends) + bubble + gradients
    a_stage = micro_batches * n_layers / plan.pipeline
    parts = {name: a_stage * seconds for name, seconds in layer.parts.items()}
    parts["recomputation"] = a_stage * again
    parts["vocabulary"] = micro_batches * head / plan.pipeline
    parts["uneven stages"] = micro_batches * (computing - whole / plan.pipeline)
    parts["sharded weights"] = micro_batches * (stage - computing)
    parts["pipeline sends"] = micro_batches * sends
    parts["pipeline bubble"] = bubble
    parts["gradients"] = gradients
    parts["slowest chip"] = busy * waiting
    parts["optimizer"] = _optimizer(constants, steps)
    return parts


def slowest_stage(n_layers: PerCase, pipeline: PerCase, a_layer: PerCase, head: PerCase) -> PerCase:
    """Seconds of one micro-batch on the slowest pipeline stage.

    Layers that divide evenly are taken to be placed so, with the vocabulary on top of the last stage; others are taken
    to be placed so as to balance it.
    """
    even = n_layers / pipeline * a_layer + head
    balanced = np.maximum(np.ceil(n_layers / pipeline) * a_layer, (n_layers * a_layer + head) / pipeline)
    return np.where(n_layers % pipeline == 0, even, balanced)


def bubble_seconds(whole: PerCase, stage: PerCase, pipeline: PerCase, virtual_pipeline: PerCase) -> PerCase:
    """Seconds in which the slowest stage waits for the pipeline to fill and drain.

    `whole` is one micro-batch on all stages, `stage` on the slowest. With even stages this is (p - 1) stage / v
    (Narayanan et al. 2021).
    """
    return np.where(pipeline > 1, np.maximum(whole - stage, 0.0) / virtual_pipeline, 0.0)


def _sharding(constants: Constants, steps: Steps) -> PerCase:
    """Seconds a micro-batch to gather and scatter weights that replicas share out (ZeRO stage 3, FSDP)."""
    replicas = steps.plan.data * steps.plan.context
    weights = 2 * sum(footprint.parameters_on_one(steps))
    seconds = SHARDED_PASSES * links.gather_bytes(weights, replicas)
    seconds = seconds / communication.data_parallel_bandwidth(constants, steps)
    return np.where((steps.plan.zero >= 3) & (replicas > 1), seconds, 0.0)


def _gradients(constants: Constants, steps: Steps, stage: PerCase) -> PerCase:
    """Seconds a step to sum gradients over replicas, beyond what the last backward pass hides."""
    replicas = steps.plan.data * steps.plan.context
    volume = links.all_reduce_bytes(2 * sum(footprint.parameters_on_one(steps)), replicas)
    seconds = volume / communication.data_parallel_bandwidth(constants, steps)
    seconds = np.where(steps.plan.zero >= 3, 0.0, seconds)
    hiding = BACKWARD_SHARE * stage
    exposed = communication.together(constants, hiding, seconds) - hiding
    return np.where(steps.behaviour.overlaps_gradients == 1, np.maximum(exposed, 0.0), seconds)


def _optimizer(constants: Constants, steps: Steps) -> PerCase:
    """Seconds of the optimizer on an accelerator's share of the parameters."""
    plan = steps.plan
    dense, experts = footprint.parameters_on_one(steps)
    shared = np.where(plan.zero >= 1, plan.data * plan.context, 1.0)
    expert_shared = np.where(plan.zero >= 1, np.maximum(shared * plan.tensor / plan.expert, 1.0), 1.0)
    moving = constants.optimizer_passes * OPTIMIZER_TRAFFIC * (dense / shared + experts / expert_shared)
    host = OPTIMIZER_KERNELS * layers.kernels(steps) * steps.shape.layers / plan.pipeline * constants.issue_seconds
    return moving / roofline.bandwidth(steps) + host
