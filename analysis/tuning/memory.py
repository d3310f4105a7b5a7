"""Memory of one chip while a model is tuned, by part, at the moment of a step at which it is largest.

A step has two such moments. When the backward pass begins, all activations are there and, unless several micro-batches add
theirs up, no gradients. When it ends, all gradients are there and no activations. What is larger is what a chip needs.
"""

from dataclasses import dataclass, fields

import numpy as np

from analysis.arrays import PerCase
from analysis.models.architecture import Architecture
from analysis.steps.parameters import parameters
from analysis.steps.shape import Shape
from analysis.steps.step import Steps
from analysis.training import footprint
from analysis.tuning import adapters
from analysis.tuning.method import LOGIT_BYTES, Tuning

#: Bytes a width of the model that a layer's two RMS norms keep beyond fused ones where each operation is a kernel of its own:
#: input and result in 32 bits, and the result in 16, for a 16-bit input. A layer norm is one kernel everywhere.
EAGER_NORM_BYTES = 12.0
#: Bytes a width of a gated MLP that it keeps more: the gate's activation, which fused kernels compute again.
EAGER_INNER_BYTES = 2.0


@dataclass(frozen=True)
class TuningMemory:
    """Bytes on one chip, an array of one element a case.

    `working` is what a layer that is computed again, or gathered from its shards, needs beyond the room of the logits.
    """

    weights: PerCase
    adapters: PerCase
    gradients: PerCase
    optimizer: PerCase
    activations: PerCase
    logits: PerCase
    working: PerCase

    @property
    def total(self) -> PerCase:
        return sum(getattr(self, field.name) for field in fields(self))


def trained(architecture: Architecture, steps: Steps, tuning: Tuning) -> PerCase:
    """Return the trained parameters on one chip before replicas share any."""
    plan = steps.plan
    if tuning.trains_adapters:
        return adapters.on_one(architecture, tuning.rank, tuning.targets, plan.tensor, plan.pipeline, plan.expert)
    return sum(footprint.parameters_on_one(steps))


def frozen_weight_bytes(steps: Steps, tuning: Tuning) -> PerCase:
    """Return the bytes of the model's weights on one chip before replicas share any; the ends stay in 16 bits."""
    dense, experts = footprint.parameters_on_one(steps)
    ends = parameters(steps).embeddings / (steps.plan.tensor * steps.plan.pipeline)
    return (dense - ends + experts) * tuning.frozen_bytes + 2 * ends


def tuning_memory(architecture: Architecture, steps: Steps, tuning: Tuning) -> TuningMemory:
    """Return what one chip of the first pipeline stage holds at the fullest moment of a step."""
    plan = steps.plan
    dense, experts = footprint.parameters_on_one(steps)
    replicas = plan.data * plan.context
    # Experts that lie on one group are cut over the chips that share matrices, as footprint.parameters_on_one has it.
    expert_replicas = np.maximum(1.0, replicas * np.where(plan.expert > 1, plan.tensor / plan.expert, 1.0))
    share = (dense / replicas + experts / expert_replicas) / (dense + experts)
    learning = trained(architecture, steps, tuning)
    weights = frozen_weight_bytes(steps, tuning) * np.where(plan.zero >= 3, share, 1.0)
    beside = tuning.trained_bytes * learning * np.where(plan.zero >= 3, share, 1.0) if tuning.trains_adapters else 0.0 * weights
    gradients = tuning.gradient_bytes * learning * np.where(plan.zero >= 2, share, 1.0)
    states = tuning.optimizer_bytes * learning * np.where(plan.zero >= 1, share, 1.0)
    states = 0.0 * states if tuning.paged else states
    layer, whole_layer = layer_bytes(architecture, steps, tuning)
    layers = steps.shape.layers / plan.pipeline
    interleaved = 1 + (plan.pipeline - 1) / (plan.pipeline * plan.virtual_pipeline)
    under_way = np.minimum(steps.micro_batches, plan.pipeline * np.where(plan.virtual_pipeline > 1, interleaved, 1.0))
    activations = layer * layers * under_way
    logits = np.where(
        plan.pipeline == 1, LOGIT_BYTES[tuning.logits] * steps.micro_tokens * steps.shape.vocab_size / plan.tensor, 0.0
    )
    gathered = np.where(plan.zero >= 3, 2 * (dense + experts) / layers, 0.0)
    again = np.where(plan.recomputation == 2, whole_layer, 0.0) + gathered
    if tuning.fused_step:
        gradients = gradients / layers
    adding_up = steps.micro_batches > 1 if tuning.accumulates is None else tuning.accumulates
    adding_up = np.where(tuning.fused_step, True, adding_up)
    working = np.maximum(again - logits, 0.0)
    begins = activations + logits + working + np.where(adding_up, gradients, 0.0)
    ends = gradients + again
    first = begins >= ends
    return TuningMemory(
        weights=weights,
        adapters=beside,
        gradients=np.where(first & np.logical_not(adding_up), 0.0, gradients),
        optimizer=states,
        activations=np.where(first, activations, 0.0),
        logits=np.where(first, logits, 0.0),
        working=np.where(first, working, again),
    )


def layer_bytes(architecture: Architecture, steps: Steps, tuning: Tuning) -> tuple[PerCase, PerCase]:
    """Return the bytes that a mean layer keeps of one micro-batch under the plan's recomputation, and without any."""
    none, selective, full = footprint.activation_bytes(steps)
    shape, plan = steps.shape, steps.plan
    sharded = np.where(plan.sequence_parallel == 1, plan.tensor, 1.0)
    inner = shape.whole(_inner) / shape.layers
    more = (architecture.norm.kind == "rmsnorm") * EAGER_NORM_BYTES * shape.d_model / sharded
    more = more + architecture.gated_mlp * EAGER_INNER_BYTES * inner / plan.tensor
    eager = np.where(steps.behaviour.eager == 1, more, 0.0)
    spared = steps.micro_tokens * spared_bytes(architecture, inner / plan.tensor, shape.d_model / sharded, tuning)
    none = none + steps.micro_tokens * eager - spared
    kept = np.select([plan.recomputation == 2, plan.recomputation == 1], [full, np.minimum(selective, none)], none)
    return kept + plan.recomputed_layers * (full - kept), none


def _inner(kind: Shape) -> PerCase:
    """Widths of the feed-forward parts that a token passes, in all layers of a kind."""
    experts = kind.experts_per_token + kind.n_shared_experts
    return kind.n_dense_layers * kind.d_ff + kind.n_expert_layers * experts * kind.d_ff_expert


def spared_bytes(architecture: Architecture, inner: PerCase, width: PerCase, tuning: Tuning) -> PerCase:
    """Return the bytes a token and layer that need not be kept: inputs of frozen matrices without an adapter.

    The input of a matrix is needed for its own gradient only. Kernels of quantised weights keep it all the same.
    """
    if not tuning.trains_adapters or tuning.quantised:
        return 0.0 * inner
    has = {matrix.name for matrix in adapters.adapted(architecture, tuning.targets)}
    spared = 0.0 if "down" in has else 2 * inner
    return spared + (0.0 if has & {"gate", "up"} else 2 * width)
