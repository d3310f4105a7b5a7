"""Memory of one accelerator in training, and of the key-value cache in inference.

Activations follow Korthikanti et al. 2022 (Reducing Activation Recomputation in Large Transformer Models), here for
any attention and MLP. Sizes are in bytes. Lengths may be floats or NumPy arrays.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.arrays import PerCase
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.layers import Part
from analysis.models.parallelism import Parallelism
from analysis.suggest import nearest


class PrecisionError(ValueError):
    """A precision of training that is not known."""


@dataclass(frozen=True)
class States:
    """Bytes a parameter that training keeps."""

    weights: float
    gradients: float
    optimizer: float

    @property
    def total(self) -> float:
        return self.weights + self.gradients + self.optimizer


#: What Adam keeps of each parameter, by precision.
STATES = {
    "mixed": States(2, 2, 12),  # 16-bit weights and gradients; FP32 weights and two moments (Rajbhandari et al. 2020)
    "mixed_fp32_gradients": States(2, 4, 12),  # gradients added up in FP32, as Megatron-LM does
    "fp32": States(4, 4, 8),
    "bf16": States(2, 2, 4),  # everything in 16 bits
    "fp8_bf16_moments": States(1, 4, 8),  # FP8 weights, FP32 gradients and master, BF16 moments (DeepSeek-V3)
}


@dataclass(frozen=True)
class Stored:
    """How activations are kept: bytes an element, whether attention is fused, and whether there are dropout masks.

    Fused attention (FlashAttention) keeps no scores.
    """

    element_bytes: PerCase = 2
    fused_attention: bool = True
    dropout: bool = False


@dataclass(frozen=True)
class Memory:
    """Bytes on one accelerator in training.

    `working` is what is there for a while besides: a layer that is being recomputed, or gathered under ZeRO 3.
    """

    weights: PerCase
    gradients: PerCase
    optimizer: PerCase
    activations: PerCase
    working: PerCase

    @property
    def total(self) -> PerCase:
        return self.weights + self.gradients + self.optimizer + self.activations + self.working


@dataclass(frozen=True)
class Held:
    """Parameters that the accelerators of one pipeline stage hold, by how they are shared out.

    `split` is divided by tensor parallelism, `experts` by expert and expert-tensor parallelism; `copied` lies on each.
    """

    split: int
    experts: int
    copied: int

    def __add__(self, other: "Held") -> "Held":
        return Held(self.split + other.split, self.experts + other.experts, self.copied + other.copied)

    def dense_on_one(self, plan: Parallelism) -> float:
        """Parameters on one accelerator, without experts."""
        return self.split / plan.tensor + self.copied

    def experts_on_one(self, plan: Parallelism) -> float:
        """Parameters of experts on one accelerator."""
        return self.experts / (plan.expert * plan.expert_tensor)


def states(precision: str) -> States:
    """Return the bytes a parameter of `precision`. Raises PrecisionError for an unknown one."""
    if precision not in STATES:
        raise PrecisionError(
            f"training precision {precision!r} is not known{nearest(precision, STATES)}; known: {', '.join(STATES)}"
        )
    return STATES[precision]


def layer_parts(architecture: Architecture, layer: int) -> tuple[str, ...]:
    """Return which parts of the ledger make layer number `layer`, an encoder's layers first."""
    if layer < architecture.n_encoder_layers:
        return architecture.encoder_stack.layer(layer)
    return architecture.stack.layer(layer - architecture.n_encoder_layers)


@cache
def held(architecture: Architecture, plan: Parallelism, stage: int) -> Held:
    """Return the parameters on one pipeline stage; tied embeddings lie on the first and on the last."""
    rows = _held_by_part(architecture)
    layers = plan.stage_layers(architecture, stage)
    parts = [part for layer in layers for part in layer_parts(architecture, layer)]
    result = sum((rows[part] for part in parts), Held(0, 0, 0))
    result += Held(sum(_copied_keys(architecture, part, plan.tensor) for part in parts), 0, 0)
    if stage == 0:
        result += rows["embedding"]
    if stage == plan.pipeline - 1:
        result += rows["final"]
        if plan.pipeline > 1 and architecture.tied_embeddings and architecture.unembedding:
            result += Held(architecture.vocab_size * architecture.d_model, 0, 0)
    return result


@cache
def _copied_keys(architecture: Architecture, part: str, tensor: int) -> int:
    """Parameters of keys and values that lie on more than one accelerator, since there are fewer heads of them."""
    block = _parts(architecture)[part].block
    if not isinstance(block, Attention):
        return 0
    copies = max(tensor // block.kv_heads, 1) - 1
    return copies * block.cached_numbers * architecture.d_model


def copied_keys(architecture: Architecture, layer: int) -> list[int]:
    """Return, for each attention in layer number `layer`, its heads of keys and the parameters of another copy of these."""
    blocks = [_parts(architecture)[part].block for part in layer_parts(architecture, layer)]
    told = [(block.kv_heads, block.cached_numbers * architecture.d_model) for block in blocks if isinstance(block, Attention)]
    return [number for pair in told for number in pair]


@cache
def _parts(architecture: Architecture) -> dict[str, Part]:
    return {part.name: part for part in (*architecture.encoder_stack.parts, *architecture.stack.parts)}


@cache
def _held_by_part(architecture: Architecture) -> dict[str, Held]:
    result: dict[str, Held] = {}
    for row in ledger.ledger(architecture, 1, 1):
        share = Held(
            row.parameters if row.split == "tensor" else 0,
            row.parameters if row.split == "expert" else 0,
            row.parameters if row.split == "none" else 0,
        )
        result[row.layer] = result.get(row.layer, Held(0, 0, 0)) + share
    return result


def training_memory(
    architecture: Architecture,
    plan: Parallelism,
    sequence: PerCase,
    *,
    precision: str = "mixed",
    micro_batches: PerCase = np.inf,
    stored: Stored = Stored(),
) -> Memory:
    """Return what training takes on one accelerator of the fullest pipeline stage.

    `micro_batches` of one step bound how many are under way at once. Raises PrecisionError and ParallelismError.
    """
    plan.check_architecture(architecture)
    stages = (
        stage_memory(architecture, plan, sequence, stage, precision=precision, micro_batches=micro_batches, stored=stored)
        for stage in range(plan.pipeline)
    )
    return max(stages, key=lambda memory: np.max(memory.total))


def stage_memory(
    architecture: Architecture,
    plan: Parallelism,
    sequence: PerCase,
    stage: int,
    *,
    precision: str = "mixed",
    micro_batches: PerCase = np.inf,
    stored: Stored = Stored(),
) -> Memory:
    """Return what training takes on one accelerator of pipeline stage `stage`; see `training_memory`."""
    kept = states(precision)
    parameters = held(architecture, plan, stage)
    dense, experts = parameters.dense_on_one(plan), parameters.experts_on_one(plan)
    shared_out = dense / plan.replicas + experts / plan.expert_replicas
    layers = plan.stage_layers(architecture, stage)
    a_chunk = sum(layer_activations(architecture, plan, sequence, layer, stored) for layer in layers)
    a_chunk = a_chunk / plan.virtual_pipeline
    activations = a_chunk * _chunks_under_way(plan, stage, micro_batches)
    working = 0.0
    if plan.recomputation == "full":
        whole = (_all_activations(architecture, plan, sequence, layer, stored) for layer in layers)
        working = max(whole, key=np.max)
    if plan.zero == 3:
        working = working + kept.weights * _largest_layer(architecture, plan, layers)
    return Memory(
        weights=kept.weights * (shared_out if plan.zero >= 3 else dense + experts),
        gradients=kept.gradients * (shared_out if plan.zero >= 2 else dense + experts),
        optimizer=kept.optimizer * (shared_out if plan.zero >= 1 else dense + experts),
        activations=activations + _end_activations(architecture, plan, sequence, stage, stored),
        working=working,
    )


def layer_activations(
    architecture: Architecture, plan: Parallelism, sequence: PerCase, layer: int, stored: Stored = Stored()
) -> PerCase:
    """Return the bytes that one layer keeps of one micro-batch for the backward pass, on one accelerator."""
    if plan.recomputation != "full":
        return _all_activations(architecture, plan, sequence, layer, stored)
    tokens = plan.micro_batch * sequence / plan.context
    return stored.element_bytes * tokens * architecture.d_model / _sequence_shards(plan)


def _all_activations(architecture: Architecture, plan: Parallelism, sequence: PerCase, layer: int, stored: Stored) -> PerCase:
    """Bytes that one layer keeps of one micro-batch, with at most the core of attention recomputed."""
    copied, split = 0.0, 0.0  # bytes a token: on each tensor-parallel accelerator, and shared out over them
    selective = plan.recomputation == "selective"
    for name in layer_parts(architecture, layer):
        part = _parts(architecture)[name]
        if part.block is None:
            continue
        add_copied, add_split = part.block.kept(architecture.d_model, sequence, stored, selective)
        add_copied = add_copied + (part.norms + 1) * architecture.d_model * stored.element_bytes
        mask = architecture.d_model if stored.dropout else 0
        copied, split = copied + add_copied + mask, split + add_split
    tokens = plan.micro_batch * sequence / plan.context
    return tokens * (copied / _sequence_shards(plan) + split / plan.tensor)


def _sequence_shards(plan: Parallelism) -> int:
    return plan.tensor if plan.sequence_parallel else 1


def _end_activations(arch: Architecture, plan: Parallelism, sequence: PerCase, stage: int, stored: Stored) -> PerCase:
    """Bytes kept at the ends: the embedding's dropout mask, and the unembedding's input and logits in FP32."""
    tokens = plan.micro_batch * sequence / plan.context
    result = 0.0
    if stage == 0 and stored.dropout:
        result = result + tokens * arch.d_model * plan.pipeline / _sequence_shards(plan)
    if stage == plan.pipeline - 1 and arch.unembedding:
        inputs = 2 * stored.element_bytes * arch.d_model / _sequence_shards(plan)
        result = result + tokens * (inputs + 4 * arch.vocab_size / plan.tensor)
    return result


def _chunks_under_way(plan: Parallelism, stage: int, micro_batches: PerCase) -> PerCase:
    """Micro-batches times chunks of layers whose activations a stage keeps at once, under one-forward-one-backward."""
    after = plan.pipeline - stage - 1
    if plan.virtual_pipeline == 1:
        return np.minimum(after + 1, micro_batches)
    most = 2 * after + (plan.virtual_pipeline - 1) * plan.pipeline + 1
    return np.minimum(most, micro_batches * plan.virtual_pipeline)


def _largest_layer(architecture: Architecture, plan: Parallelism, layers: tuple[int, ...]) -> float:
    """Parameters of the largest layer, as one accelerator gathers it from its replicas."""
    rows = _held_by_part(architecture)
    whole = (sum((rows[part] for part in layer_parts(architecture, n)), Held(0, 0, 0)) for n in set(layers))
    return max(layer.dense_on_one(plan) + layer.experts_on_one(plan) for layer in whole)


def kv_cache_bytes(
    architecture: Architecture, context: PerCase, batch: PerCase = 1, element_bytes: PerCase = 2, encoder_context: PerCase = 0
) -> PerCase:
    """Return the bytes of keys and values that all layers hold for `batch` sequences of `context` tokens.

    A windowed layer holds no more than its window; latent attention holds the latent and the shared rotary key, with an
    indexer its keys in 16 bits. Cross-attention holds `encoder_context` positions. An encoder alone generates nothing,
    so it holds nothing.
    """
    whole = 0 * context * batch
    if architecture.kind == "encoder":
        return whole
    for mixer, count in architecture.mixers():
        whole = whole + count * mixer.cache_bytes(context, element_bytes)
    if architecture.kind == "encoder-decoder":
        for layer, count in architecture.layers:
            if layer.cross_attention is not None:
                whole = whole + count * layer.cross_attention.cache_bytes(encoder_context, element_bytes)
    return batch * whole


def state_bytes(architecture: Architecture, batch: PerCase = 1, element_bytes: PerCase = 2) -> PerCase:
    """Return the bytes that linear mixers keep of `batch` sequences, however long: states in FP32, convolutions' inputs."""
    return batch * sum(count * mixer.state_bytes(element_bytes) for mixer, count in architecture.mixers())


def kv_cache_bytes_on_one(
    architecture: Architecture, plan: Parallelism, context: PerCase, batch: PerCase = 1, element_bytes: PerCase = 2
) -> PerCase:
    """Return the bytes of cache and states on one accelerator, for `batch` sequences that one replica serves at once.

    Tensor parallelism divides the cache by heads, so no further than there are key-value heads, and a latent not at all;
    states it divides evenly.
    """
    attention = architecture.main_attention
    by_heads = min(plan.tensor, attention.kv_shards) if attention else 1
    whole = kv_cache_bytes(architecture, context, batch, element_bytes)
    states = state_bytes(architecture, batch) / (plan.tensor * plan.pipeline)
    return whole / (by_heads * plan.pipeline * plan.context) + states
