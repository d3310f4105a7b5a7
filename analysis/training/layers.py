"""Time of one layer, and of the ends, on one micro-batch: its operations, its communication, and the host's pace."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import PerCase
from analysis.steps import links
from analysis.steps.attention import index_keys
from analysis.steps.step import Steps
from analysis.training import communication, roofline
from analysis.training.constants import Constants
from analysis.training.roofline import Pass, linear, moved, where

#: Numbers that a layer's elementwise work moves, in widths: norms, residuals and dropout; rotation or biases of
#: queries, keys and values; activation of the MLP, a width of its inputs. With the passes that are fitted, the first
#: comes to about ten, as sequence parallelism was measured to save 0.5 ms a layer (Korthikanti et al. 2022, table 4).
RESIDUAL_WIDTHS = 5.0
HEAD_WIDTHS = 2.0
MLP_WIDTHS = 1.5
#: Bytes-over-two that sorting tokens to experts and back moves, in widths of a routed token.
ROUTING_WIDTHS = 6.0
ROUTING_BACKWARD = 1.3
#: Kernels of a layer's forward pass: fused or eager; more for unfused attention, collectives, conversion, routing.
KERNELS = (25.0, 50.0)
UNFUSED_KERNELS = 1.3
TENSOR_KERNELS = 8.0
CONVERSION_KERNELS = 20.0
ROUTING_KERNELS = 40.0


@dataclass(frozen=True)
class Layer:
    """Seconds of a mean layer on one micro-batch, and what recomputing it whole or selectively adds."""

    seconds: Pass
    whole_again: PerCase
    part_again: PerCase
    parts: dict[str, PerCase]  # seconds of forward and backward together, by kind of work


def mean_layer(constants: Constants, steps: Steps) -> Layer:
    """Return the mean over an architecture's layers."""
    if not steps.shape.more:
        return _mean_of_kind(constants, steps)
    layers = steps.shape.layers
    kinds = [(kind.n_layers / layers, _mean_of_kind(constants, replace(steps, shape=kind))) for kind in steps.shape.kinds]

    def mean(amount: Callable[[Layer], PerCase]) -> PerCase:
        return sum(share * amount(layer) for share, layer in kinds)

    def part(name: str) -> PerCase:
        return mean(lambda layer: layer.parts[name])

    return Layer(
        seconds=Pass(mean(lambda layer: layer.seconds.forward), mean(lambda layer: layer.seconds.backward)),
        whole_again=mean(lambda layer: layer.whole_again),
        part_again=mean(lambda layer: layer.part_again),
        parts={name: part(name) for name in kinds[0][1].parts},
    )


def _mean_of_kind(constants: Constants, steps: Steps) -> Layer:
    """Return the mean over layers of one kind, dense ones and those of experts."""
    shape = steps.shape
    tokens, share = steps.micro_tokens, shape.n_expert_layers / np.maximum(shape.n_layers, 1.0)
    projections, expanding = _projections(constants, steps)
    core = roofline.attention(constants, steps)
    if np.any(shape.mixer_in) or np.any(shape.n_mixer_layers < shape.n_layers):
        matrices, scan = _recurrence(constants, steps)
        projections = shape.mixed * roofline.where(shape.mixer_in > 0, matrices, projections)
        expanding = np.where(shape.mixer_in > 0, 0.0, expanding)
        core = shape.mixed * roofline.where(shape.recurrent == 1, scan, core)
    if np.any(shape.index_heads):
        matrices, scores = _indexer(constants, steps)
        chooses = np.where(shape.index_heads > 0, 1.0, 0.0)
        projections, core = projections + chooses * (shape.mixer_in == 0) * matrices, core + chooses * scores
    around = moved(constants, steps, tokens * _residual_numbers(steps))
    if np.any(shape.beside_bytes):
        around = around + moved(constants, steps, tokens * shape.beside_bytes / 2)
    if np.any(shape.beside_parameters):
        has = np.where(shape.beside_parameters > 0, 1.0, 0.0)
        inner = np.maximum(shape.beside_parameters / shape.d_model, 1.0)
        projections = projections + has * linear(constants, steps, tokens, shape.d_model, inner)
    tensor = (
        (shape.mixed + shape.fed)
        / 2
        * Pass(
            links.tensor_parallel(constants, steps, steps.behaviour.overlaps_tensor_parallel),
            links.tensor_parallel(constants, steps, steps.behaviour.overlaps_tensor_parallel_backward),
        )
    )
    ring = Pass(
        communication.context_parallel(constants, steps, core.forward, 1.0),
        communication.context_parallel(constants, steps, core.backward, 2.0),
    )
    sending = tensor + ring
    dense, down = _dense_mlp(constants, steps)
    dense = shape.fed * dense
    experts, experts_down = _expert_mlp(constants, steps)
    exchange = links.expert_exchange(constants, steps)
    dense_moved = moved(constants, steps, tokens * shape.fed * _mlp_numbers(steps))
    expert_moved = moved(constants, steps, tokens * _expert_numbers(steps))
    expert_moved = expert_moved * np.where(steps.shape.biased_experts == 1, constants.biased_passes, 1.0)
    common = projections + core + around + sending
    host = kernels(steps) * constants.issue_seconds
    expert_host = host + constants.issue_seconds * _expert_kernels(constants, steps)
    plain = _paced(constants, common + dense + dense_moved, host)
    working = common + experts + expert_moved
    exposed = communication.exposed_exchange(constants, steps, working, exchange)
    routed = _paced(constants, working + exposed, expert_host)
    both = (1 - share) * plain + share * routed
    mlp_moved = (1 - share) * dense_moved + share * expert_moved
    not_needed = steps.behaviour.removes_dead_code * ((1 - share) * down + share * experts_down)
    products = steps.behaviour.recomputed_matmuls * (projections + (1 - share) * dense).forward
    parts = {
        "matrix products": _sum(projections + (1 - share) * dense + share * experts),
        "attention": _sum(core),
        "elementwise": _sum(around + mlp_moved),
        "tensor-parallel": _sum(tensor),
        "context-parallel": _sum(ring),
        "expert-parallel": share * _sum(exposed),
    }
    parts["waiting for the host"] = _sum(both) - sum(parts.values())
    return Layer(
        seconds=both,
        whole_again=both.forward - not_needed,
        part_again=np.where(
            steps.behaviour.fused_attention == 1,
            products + expanding + around.forward + mlp_moved.forward,
            core.forward,
        ),
        parts=parts,
    )


def head(constants: Constants, steps: Steps) -> PerCase:
    """Seconds of scoring the vocabulary and of the loss, forward and backward, for each token that is predicted."""
    shard = steps.shape.vocab_size / steps.plan.tensor
    products = linear(constants, steps, steps.micro_tokens, steps.shape.d_model, shard, wide=True)
    loss_bytes = np.where(steps.behaviour.eager == 1, roofline.LOSS_BYTES[1], roofline.LOSS_BYTES[0])
    loss = loss_bytes * steps.micro_tokens * shard / roofline.bandwidth(steps)
    return (_sum(products) + loss) * (1 + steps.predicted_tokens)


def _sum(both: Pass) -> PerCase:
    return both.forward + both.backward


def _paced(constants: Constants, device: Pass, host: PerCase) -> Pass:
    """Device time, or the time in which the host issues the kernels where that is longer, with a soft corner."""
    power = constants.sharpness
    return Pass(
        (device.forward**power + host**power) ** (1 / power),
        (device.backward**power + (2 * host) ** power) ** (1 / power),
    )


def _projections(constants: Constants, steps: Steps) -> tuple[Pass, PerCase]:
    """Return queries, keys, values and output of one layer, and the forward part of expanding latent ones."""
    shape, tokens, tensor = steps.shape, steps.micro_tokens, steps.plan.tensor
    heads, width = shape.n_heads, shape.d_model
    output = linear(constants, steps, tokens, heads * shape.value_dim / tensor, width)
    made = (heads + 2 * shape.n_kv_heads) * shape.query_key_dim
    if np.any(shape.gate_width) or np.any(shape.value_dim != shape.query_key_dim):
        keys_values = shape.caches * shape.n_kv_heads * (shape.query_key_dim + shape.value_dim)
        made = np.where(shape.latent == 1, made, heads * shape.query_key_dim + keys_values + shape.gate_width)
    usual = linear(constants, steps, tokens, width, made / tensor)
    if not np.any(shape.latent):
        return output + usual, 0.0
    query_rank, key_rank = np.maximum(shape.q_lora_rank, 1), np.maximum(shape.kv_lora_rank, 1)
    down = linear(constants, steps, tokens, width, query_rank)
    down = down + linear(constants, steps, tokens, width, key_rank + shape.qk_rope_dim)
    up = linear(constants, steps, tokens, query_rank, heads * shape.query_key_dim / tensor)
    up = up + linear(constants, steps, tokens, key_rank, heads * (shape.qk_nope_dim + shape.value_dim) / tensor)
    return output + where(shape.latent == 1, down + up, usual), shape.latent * up.forward


def _recurrence(constants: Constants, steps: Steps) -> tuple[Pass, Pass]:
    """Return a mixer's matrices, and a recurrence's scan over chunks: products at attention's rate, and what it moves."""
    shape, tokens, tensor = steps.shape, steps.micro_tokens, steps.plan.tensor
    matrices = linear(constants, steps, tokens, shape.d_model, shape.mixer_in / tensor)
    matrices = matrices + linear(constants, steps, tokens, shape.mixer_out / tensor, shape.d_model)
    speed = constants.attention_share * roofline.rate(constants, steps, steps.machine.reached_16bit)
    products = tokens * shape.chunk_flop / tensor / speed
    return matrices, Pass(products, 2 * products) + moved(constants, steps, tokens * shape.chunk_bytes / 2 / tensor)


def _indexer(constants: Constants, steps: Steps) -> tuple[Pass, Pass]:
    """Return the matrices of sparse attention's indexer, and its scores of every position before a token."""
    shape, tokens = steps.shape, steps.micro_tokens
    queries = shape.index_heads * shape.index_dim
    matrices = linear(constants, steps, tokens, np.where(shape.q_lora_rank > 0, shape.q_lora_rank, shape.d_model), queries)
    matrices = matrices + linear(constants, steps, tokens, shape.d_model, shape.index_dim + shape.index_heads)
    speed = constants.attention_share * roofline.rate(constants, steps, steps.machine.reached_16bit)
    scores = 2 * tokens * queries * index_keys(shape, steps.sequence) / 2 / speed
    return matrices, Pass(scores, 2 * scores)


def _dense_mlp(constants: Constants, steps: Steps) -> tuple[Pass, PerCase]:
    """Return a dense MLP, and the forward part of its last product."""
    shape, tokens = steps.shape, steps.micro_tokens
    inner = np.maximum(shape.d_ff, 1) / steps.plan.tensor
    down = linear(constants, steps, tokens, inner, shape.d_model)
    return linear(constants, steps, tokens, shape.d_model, shape.mlp_inputs * inner) + down, down.forward


def _expert_mlp(constants: Constants, steps: Steps) -> tuple[Pass, PerCase]:
    """Return routed and shared experts with the sorting of tokens, and the forward part of the routed last product."""
    shape, plan, tokens = steps.shape, steps.plan, steps.micro_tokens
    if not np.any(shape.n_expert_layers):
        return roofline.NOTHING, 0.0
    routed, held = _routed_tokens(steps), _experts_held(steps)
    inner, each = np.maximum(shape.d_ff_expert, 1), np.maximum(routed / held, 1)
    down = linear(constants, steps, each, inner, shape.expert_dim, held)
    result = linear(constants, steps, each, shape.expert_dim, shape.mlp_inputs * inner, held) + down
    shared = np.maximum(shape.n_shared_experts * inner / plan.tensor, 1)
    always = linear(constants, steps, tokens, shape.d_model, shape.mlp_inputs * shared)
    always = always + linear(constants, steps, tokens, shared, shape.d_model)
    sorting = constants.routing_passes * 2 * ROUTING_WIDTHS * routed * shape.expert_dim / roofline.bandwidth(steps)
    result = result + (shape.n_shared_experts > 0) * always + Pass(sorting, ROUTING_BACKWARD * sorting)
    if np.any(shape.expert_dim != shape.d_model):
        latent = linear(constants, steps, tokens, shape.d_model, shape.expert_dim / plan.tensor)
        latent = latent + linear(constants, steps, tokens, shape.expert_dim / plan.tensor, shape.d_model)
        result = result + (shape.expert_dim != shape.d_model) * latent
    return result, down.forward


def _routed_tokens(steps: Steps) -> PerCase:
    """Copies of tokens that one accelerator's experts get, with even routing."""
    return steps.micro_tokens * steps.shape.experts_per_token / steps.plan.tensor


def _experts_held(steps: Steps) -> PerCase:
    return np.maximum(steps.shape.n_experts / steps.plan.expert, 1)


def _residual_numbers(steps: Steps) -> PerCase:
    shape, tensor = steps.shape, steps.plan.tensor
    sharded = np.where(steps.plan.sequence_parallel == 1, tensor, 1.0)
    heads = (shape.n_heads + 2 * shape.n_kv_heads) * shape.query_key_dim / tensor
    return RESIDUAL_WIDTHS * shape.d_model / sharded + HEAD_WIDTHS * heads


def _mlp_numbers(steps: Steps) -> PerCase:
    return MLP_WIDTHS * steps.shape.mlp_inputs * steps.shape.d_ff / steps.plan.tensor


def _expert_numbers(steps: Steps) -> PerCase:
    shape = steps.shape
    experts = (shape.experts_per_token + shape.n_shared_experts) / steps.plan.tensor
    return MLP_WIDTHS * shape.mlp_inputs * shape.d_ff_expert * experts


def kernels(steps: Steps) -> PerCase:
    """Kernels of one dense layer's forward pass."""
    behaviour = steps.behaviour
    kernels = np.where(behaviour.eager == 1, KERNELS[1], KERNELS[0])
    kernels = kernels * np.where(behaviour.fused_attention == 1, 1.0, UNFUSED_KERNELS)
    kernels = kernels + TENSOR_KERNELS * (steps.plan.tensor > 1)
    return kernels + CONVERSION_KERNELS * (steps.machine.element_bytes < 2)


def _expert_kernels(constants: Constants, steps: Steps) -> PerCase:
    """Further kernels of a layer of experts: routing, and some an expert, twice as many where numbers are converted."""
    an_expert = constants.kernels_per_expert * np.where(steps.machine.element_bytes < 2, 2.0, 1.0)
    return ROUTING_KERNELS + an_expert * _experts_held(steps)
