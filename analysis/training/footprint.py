"""FLOP and memory of training steps, as arrays.

The same quantities as analysis/models/flop.py and memory.py give for one architecture exactly, here without the
small terms (norms, biases, positions) and for many cases at once.
"""

from dataclasses import replace

import numpy as np

from analysis.arrays import PerCase
from analysis.models import memory
from analysis.steps.attention import attended, index_keys
from analysis.steps.parameters import parameters
from analysis.steps.shape import Shape
from analysis.steps.step import Steps

#: Bytes a parameter that training keeps: 16-bit weights, gradients added up in 32 bits, Adam's 32-bit states.
STATES = memory.states("mixed_fp32_gradients")
#: Bytes a score of the vocabulary that the loss keeps.
LOSS_BYTES = 6.0
#: Numbers of a layer's norms and residual inputs that are kept, in widths: all, and what selective recomputation keeps.
RESIDUAL_WIDTHS = (4.0, 2.0)


def parameters_on_one(steps: Steps) -> tuple[PerCase, PerCase]:
    """Return the parameters on one accelerator before replicas share any: without routed experts, and of those."""
    model, plan = parameters(steps), steps.plan
    dense = (model.dense + model.embeddings) / (plan.tensor * plan.pipeline)
    return dense, model.experts / (plan.pipeline * np.where(plan.expert > 1, plan.expert, plan.tensor))


def model_flop(steps: Steps, causal: bool) -> PerCase:
    """FLOP of one step's matrix products, forward and backward, with attention causal or over the whole sequence."""
    model = parameters(steps)
    attention = 6 * steps.shape.whole(lambda kind: mixing(kind, steps.sequence, causal))
    return steps.tokens * (6 * (model.active + model.output * (1 + steps.predicted_tokens)) + attention)


def mixing(shape: Shape, sequence: PerCase, causal: bool) -> PerCase:
    """Multiplications a token, forward, of scores and weighted values, or of a recurrence, in all layers of a kind.

    Windows are not taken off, as no convention does; positions that sparse attention leaves out are.
    """
    reached = sequence * (0.5 if causal else 1.0)
    products = shape.n_layers * shape.n_heads * (shape.query_key_dim + shape.value_dim) * reached
    if not np.any(shape.unmeasured):
        return products
    chosen = np.where(shape.top_k > 0, np.minimum(shape.top_k, reached), reached)
    # Attention to compressed entries has a narrow window beside them, in its own layers too.
    narrow = (shape.latent == 1) & (shape.mixer_in > 0)
    if np.any(narrow):
        chosen = np.where(narrow, attended(shape, sequence) * (1.0 if causal else 2.0), chosen)
    products = shape.n_heads * (shape.query_key_dim + shape.value_dim) * chosen
    products = products + shape.index_heads * shape.index_dim * index_keys(shape, reached)
    return shape.n_mixer_layers * np.where(shape.recurrent == 1, shape.chunk_flop / 2, products)


def hardware_flop(steps: Steps, causal: bool, all_layers: bool = False) -> PerCase:
    """The same with the forward work of recomputed layers counted again; of `all_layers`, whatever the plan says."""
    model = parameters(steps)
    core = 2 * steps.shape.whole(lambda kind: mixing(kind, steps.sequence, causal))
    whole = np.where((steps.plan.recomputation == 2) | all_layers, 1.0, steps.plan.recomputed_layers)
    part = np.where(steps.plan.recomputation == 1, 1 - whole, 0.0) * (1 - steps.behaviour.fused_attention)
    return model_flop(steps, causal) + steps.tokens * (whole * (2 * model.active + core) + part * core)


def activation_bytes(steps: Steps) -> tuple[PerCase, PerCase, PerCase]:
    """Bytes that one mean layer keeps of one micro-batch without, with selective and with full recomputation.

    After Korthikanti et al. (2022), without dropout's masks. Inputs of products are kept in the products' precision.
    Selective recomputation keeps no scores of unfused attention; with fused attention, it spares norms, activations,
    and what latent attention expands.
    """
    if steps.shape.more:
        layers = steps.shape.layers
        each = [(kind.n_layers / layers, activation_bytes(replace(steps, shape=kind))) for kind in steps.shape.kinds]
        none, selective, full = (sum(share * kept[place] for share, kept in each) for place in range(3))
        return none, selective, full
    shape, plan, tokens = steps.shape, steps.plan, steps.micro_tokens
    sharded = np.where(plan.sequence_parallel == 1, plan.tensor, 1.0)
    share = shape.n_expert_layers / np.maximum(shape.n_layers, 1.0)
    heads = (shape.n_heads + 2 * shape.n_kv_heads) * shape.query_key_dim + shape.n_heads * shape.value_dim
    heads = np.where(shape.recurrent == 1, shape.mixer_in + shape.mixer_out, heads)
    inner = (1 - share) * shape.fed * shape.d_ff
    inner = inner + share * shape.d_ff_expert * (shape.experts_per_token + shape.n_shared_experts)
    routed = share * shape.d_model * shape.experts_per_token
    unfused = steps.behaviour.fused_attention == 0
    element = np.minimum(steps.machine.element_bytes, 2.0)
    rest = 2 * (heads + shape.mlp_inputs * inner) + element * (inner + routed)
    scores = 5 * plan.micro_batch * (1 - shape.recurrent) * shape.n_heads / plan.tensor * steps.sequence**2 / plan.context
    residual = 2 * RESIDUAL_WIDTHS[0] * shape.d_model / sharded
    none = tokens * (residual + rest / plan.tensor) + np.where(unfused, scores, 0.0)
    lean = 2 * RESIDUAL_WIDTHS[1] * shape.d_model / sharded
    latents = shape.q_lora_rank + shape.kv_lora_rank + shape.qk_rope_dim
    lean_heads = np.where(shape.latent == 1, latents + shape.n_heads * shape.value_dim, heads)
    lean = lean + (2 * lean_heads + element * (shape.mlp_inputs * inner + routed)) / plan.tensor
    selective = tokens * np.where(unfused, residual + rest / plan.tensor, lean)
    return none, selective, 2 * tokens * shape.d_model / sharded


def memory_bytes(steps: Steps) -> PerCase:
    """Bytes that one accelerator of the first pipeline stage needs: weights, gradients, optimizer and activations."""
    return sum(memory_parts(steps).values())


def memory_parts(steps: Steps) -> dict[str, PerCase]:
    """Bytes of one accelerator of the first pipeline stage by what fills them; they add up to `memory_bytes`."""
    plan, shape = steps.plan, steps.shape
    dense, experts = parameters_on_one(steps)
    replicas = plan.data * plan.context
    expert_replicas = np.maximum(1.0, replicas * plan.tensor / plan.expert)
    shared = dense / replicas + experts / expert_replicas
    whole = dense + experts
    none, selective, full = activation_bytes(steps)
    layer = np.select([plan.recomputation == 2, plan.recomputation == 1], [full, selective], none)
    layer = layer + plan.recomputed_layers * (full - layer)
    interleaved = 1 + (plan.pipeline - 1) / (plan.pipeline * plan.virtual_pipeline)
    under_way = np.minimum(steps.micro_batches, plan.pipeline * np.where(plan.virtual_pipeline > 1, interleaved, 1.0))
    return {
        "weights": STATES.weights * np.where(plan.zero >= 3, shared, whole),
        "gradients": STATES.gradients * np.where(plan.zero >= 2, shared, whole),
        "optimizer": STATES.optimizer * np.where(plan.zero >= 1, shared, whole),
        "activations": layer * shape.layers / plan.pipeline * under_way + np.where(plan.recomputation == 2, none, 0.0),
        "loss": np.where(plan.pipeline == 1, LOSS_BYTES * steps.micro_tokens * shape.vocab_size / plan.tensor, 0.0),
    }
