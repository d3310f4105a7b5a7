"""Architectures as arrays: the numbers of each that times, FLOP and memory depend on.

Where the layers of one are unlike, they are told kind by kind: `Shape.kinds`. Most have one kind, since windows, dense
layers and experts beside each other are counted within it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from analysis.arrays import Arrays, PerCase
from analysis.models import ledger
from analysis.models.architecture import Architecture, ArchitectureError
from analysis.models.attention import Attention
from analysis.models.feed_forward import Dense, Experts
from analysis.models.latent_attention import LatentAttention
from analysis.models.layers import Layer, unequal
from analysis.models.parallel_mixers import ParallelMixers
from analysis.models.recurrent import Recurrent
from analysis.models.sparse_attention import BlockSparseAttention, CompressedAttention

#: A prompt of so many tokens fills the chunks of every recurrence.
_LONG = 4096
#: Parts of an architecture that time models know of and leave out, since what they cost is small or comes apart.
_BESIDE = ("vision tower", "audio tower", "MTP layers")
#: How a reader says that it counts attention to few positions as attention to all: at least what it takes.
_AS_FULL = "counted as that of full attention)"


@dataclass(frozen=True)
class Shape(Arrays):
    """Architectures, one a case, as the numbers that a step depends on. What an architecture lacks is 0.

    `n_layers` counts the layers of this kind, of which `n_mixer_layers` have attention or a recurrence and the others
    a feed-forward part only; `n_dense_layers` and `n_expert_layers` have the one or the other. A mixer whose matrices the
    other fields don't say has some to `mixer_in` and from `mixer_out` numbers, of `mixer_parameters` in all. `recurrent`
    is 1 where it keeps a state in place of a cache: a token takes FLOP and moves bytes as part of a long prompt
    (`chunk_flop`, `chunk_bytes`) and alone (`token_flop`, `token_bytes`). `state_bytes` are what a sequence keeps whatever
    its length. `top_k` positions, or entries, are chosen of all, with `index_heads` of `index_dim` numbers where the layer
    chooses itself, `index_pool` positions to an index key. Beside a window, `compressed` positions make an entry: 0 where
    none do. `expert_dim`: the width in which experts work, mostly the model's. `gate_width`: numbers of attention's output
    gate. `biased_experts` is 1 where experts add biases, as in GPT-OSS. `caches` is 0 where keys and values are an
    earlier layer's. `table_parameters`: those of a second embedding. What
    stands beside mixer and feed-forward part has `beside_parameters` in matrices and moves `beside_bytes` a token.
    `unmeasured` is 1 where no published row holds such layers. `more` are the further kinds of layers.
    """

    n_layers: PerCase
    d_model: PerCase
    n_heads: PerCase
    n_kv_heads: PerCase
    query_key_dim: PerCase
    value_dim: PerCase
    d_ff: PerCase
    mlp_inputs: PerCase
    vocab_size: PerCase
    tied_embeddings: PerCase
    n_experts: PerCase
    experts_per_token: PerCase
    n_shared_experts: PerCase
    expert_groups: PerCase
    groups_per_token: PerCase
    d_ff_expert: PerCase
    expert_dim: PerCase
    n_expert_layers: PerCase
    biased_experts: PerCase
    latent: PerCase
    q_lora_rank: PerCase
    kv_lora_rank: PerCase
    qk_nope_dim: PerCase
    qk_rope_dim: PerCase
    sliding_window: PerCase
    n_windowed_layers: PerCase
    n_mixer_layers: PerCase
    n_dense_layers: PerCase
    mixer_parameters: PerCase
    gate_width: PerCase
    caches: PerCase
    recurrent: PerCase
    mixer_in: PerCase
    mixer_out: PerCase
    chunk_flop: PerCase
    chunk_bytes: PerCase
    token_flop: PerCase
    token_bytes: PerCase
    state_bytes: PerCase
    top_k: PerCase
    index_heads: PerCase
    index_dim: PerCase
    index_pool: PerCase
    compressed: PerCase
    table_parameters: PerCase
    beside_parameters: PerCase
    beside_bytes: PerCase
    unmeasured: PerCase
    more: tuple["Shape", ...] = ()

    @property
    def kinds(self) -> tuple["Shape", ...]:
        """The kinds of layers, each as a Shape of one kind."""
        return (replace(self, more=()), *self.more) if self.more else (self,)

    def whole(self, amount: Callable[["Shape"], PerCase]) -> PerCase:
        """Return the sum of an amount over the kinds of layers."""
        first, *others = map(amount, self.kinds)
        return sum(others, first)

    @property
    def layers(self) -> PerCase:
        """Layers of all kinds."""
        return self.whole(lambda kind: kind.n_layers)

    @property
    def fed(self) -> PerCase:
        """1 where layers of this kind have a feed-forward part."""
        return np.where(self.n_dense_layers + self.n_expert_layers > 0, 1.0, 0.0)

    @property
    def mixed(self) -> PerCase:
        """1 where layers of this kind have a mixer."""
        return np.where(self.n_mixer_layers > 0, 1.0, 0.0)

    def take(self, index: PerCase) -> Self:
        """Return the cases that `index` (positions, or a mask) selects."""
        taken = {field.name: getattr(self, field.name)[index] for field in fields(self)[:-1]}
        return replace(self, **taken, more=tuple(kind.take(index) for kind in self.more))

    @classmethod
    def stack(cls, cases: Sequence[Any]) -> Self:
        """Return the set that holds one list of kinds a case, as `shape_case` gives them."""
        most = max(map(len, cases))
        rows = [[*kinds, *[_none_of(kinds[0])] * (most - len(kinds))] for kinds in cases]
        names = [field.name for field in fields(cls)[:-1]]
        kinds: list[dict[str, Any]] = [
            {name: np.array([row[place][name] for row in rows], dtype=float) for name in names} for place in range(most)
        ]
        first, *others = (cls(**kind) for kind in kinds)
        return replace(first, more=tuple(others))


def _none_of(kind: dict[str, float]) -> dict[str, float]:
    return kind | dict.fromkeys(("n_layers", "n_mixer_layers", "n_dense_layers", "n_expert_layers", "n_windowed_layers"), 0.0)


def is_measured(architecture: Architecture) -> bool:
    """Say whether published rows hold layers of the kinds that the architecture has."""
    return not _beyond(architecture)


def _beyond(architecture: Architecture) -> list[str]:
    """Return what one kind of layer can't say of the architecture."""
    apart = [what for what in unequal(architecture) if what not in _BESIDE]
    if any(isinstance(mixer, Attention) and mixer.query_rank for mixer, _ in architecture.mixers()):
        apart.append("queries from a latent")
    return apart


def shape_case(architecture: Architecture) -> list[dict[str, float]]:
    """Return `architecture` kind by kind of its layers, each field by field of Shape.

    Raises ArchitectureError for layers that no time model knows.
    """
    beyond = _beyond(architecture)
    case = _flat(architecture)
    if not beyond:
        return [case]
    architecture = _one_mixer_a_layer(architecture)
    unknown = [what for what in beyond if what in architecture.unsupported and not what.endswith(_AS_FULL)]
    known = Attention | LatentAttention | CompressedAttention | Recurrent
    unknown += [mixer.part for mixer, _ in architecture.mixers() if not isinstance(mixer, known)]
    if unknown:
        raise ArchitectureError(f"{architecture.name}: times are not modelled for {', '.join(dict.fromkeys(unknown))}")
    counts: dict[Layer, int] = {}
    for layer, repeats in architecture.layers:
        alone = layer.feed_forward is None and layer.mixer_norms == 0
        key = Layer(layer.mixer, layer.feed_forward, 0 if alone else 1, beside=layer.beside)
        counts[key] = counts.get(key, 0) + repeats
    rows = _block_rows(architecture)
    if architecture.per_layer_embedding:
        case["table_parameters"] = float(math.prod(architecture.per_layer_embedding))
    case["beside_parameters"] = sum(k * n for _, k, n in architecture.extra_matrices) / architecture.n_layers
    kinds = [case | _kind(layer, float(count), rows, architecture.d_model) for layer, count in counts.items()]
    for kind, layer in zip(kinds, counts, strict=True):
        if layer.mixer_norms == 0 and layer.feed_forward is None:
            kind["n_layers"] = 0.0  # the layer that it stands beside is counted
    for kind, layer in zip(kinds, counts, strict=True):
        for block in layer.beside:
            _add_beside(kind, *rows[block])
    return kinds


def _one_mixer_a_layer(architecture: Architecture) -> Architecture:
    """Return the architecture with mixers that stand side by side in one layer as a layer each, the later ones alone."""
    apart: list[tuple[Layer, int]] = []
    for layer, repeats in architecture.layers:
        mixers = layer.mixer.mixers if isinstance(layer.mixer, ParallelMixers) else (layer.mixer,)
        apart.append((replace(layer, mixer=mixers[0]), repeats))
        apart += [(Layer(mixer, mixer_norms=0), repeats) for mixer in mixers[1:]]
    return replace(architecture, layers=tuple(apart))


def _flat(architecture: Architecture) -> dict[str, float]:
    """Return the architecture as layers of one kind."""
    same = ("n_layers", "d_model", "n_heads", "n_kv_heads", "query_key_dim", "value_dim", "d_ff", "vocab_size",
            "n_experts", "experts_per_token", "n_shared_experts", "expert_groups", "groups_per_token", "d_ff_expert",
            "n_expert_layers", "q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "sliding_window",
            "n_windowed_layers")  # fmt: skip
    case = dict.fromkeys((field.name for field in fields(Shape)[:-1]), 0.0)
    case |= {name: float(getattr(architecture, name)) for name in same}
    case["mlp_inputs"] = 2.0 if architecture.gated_mlp else 1.0
    case["biased_experts"] = float(architecture.main_experts is not None and architecture.main_experts.bias)
    case["tied_embeddings"] = float(architecture.tied_embeddings)
    case["latent"] = float(architecture.has_latent_attention)
    case["expert_dim"] = case["d_model"]
    case["n_mixer_layers"], case["caches"] = case["n_layers"], 1.0
    case["n_dense_layers"] = case["n_layers"] - case["n_expert_layers"]
    return case


def _kind(layer: Layer, count: float, rows: dict[Any, Any], d_model: int) -> dict[str, float]:
    """Return the fields of Shape that one kind of layer sets."""
    case = {"n_layers": count, "n_mixer_layers": 0.0, "n_dense_layers": 0.0, "n_expert_layers": 0.0, "unmeasured": 1.0}
    # What a layer lacks is multiplied by 0 layers, so that its sizes have to be possible ones.
    case |= dict.fromkeys(("n_heads", "n_kv_heads"), 1.0) | dict.fromkeys(("query_key_dim", "value_dim"), 128.0)
    case |= dict.fromkeys(("latent", "sliding_window", "n_windowed_layers", "n_experts", "experts_per_token"), 0.0)
    mixer, feed_forward = layer.mixer, layer.feed_forward
    if mixer is not None:
        prompt, token = rows[mixer]
        case["n_mixer_layers"] = count
        case["mixer_parameters"] = sum(row.shape.k * row.shape.n for row in token if row.kind == "matmul")
        if isinstance(mixer, Recurrent):
            case |= _matrices(token, d_model) | _recurrence(mixer, prompt, token)
        elif isinstance(mixer, CompressedAttention):
            case |= _matrices(token, d_model) | _compressed(mixer, count)
        else:
            case |= _attention(mixer, count)
            if isinstance(mixer, Attention) and mixer.query_rank:
                case |= _matrices(token, d_model)
    if isinstance(feed_forward, Dense):
        case |= {"n_dense_layers": count, "d_ff": feed_forward.d_ff, "mlp_inputs": 1.0 + feed_forward.gated}
    if isinstance(feed_forward, Experts):
        case |= {
            "n_expert_layers": count, "n_experts": feed_forward.n_experts, "experts_per_token": feed_forward.per_token,
            "d_ff_expert": feed_forward.d_ff, "expert_dim": feed_forward.latent or d_model,
            "mlp_inputs": 1.0 + feed_forward.gated, "biased_experts": float(feed_forward.bias),
            "n_shared_experts": feed_forward.shared_d_ff / feed_forward.d_ff,
            "expert_groups": feed_forward.groups, "groups_per_token": feed_forward.groups_per_token,
        }  # fmt: skip
    return case


def _attention(mixer: Attention | LatentAttention, count: float) -> dict[str, float]:
    gate = {"full": mixer.heads * mixer.value_dim, "head": mixer.heads}.get(mixer.gate, 0)
    case = {
        "n_heads": mixer.heads, "n_kv_heads": mixer.kv_heads, "query_key_dim": mixer.key_dim,
        "value_dim": mixer.value_dim, "sliding_window": mixer.window, "n_windowed_layers": count * (mixer.window > 0),
        "gate_width": gate, "caches": float(mixer.cached_numbers > 0),
    }  # fmt: skip
    if isinstance(mixer, LatentAttention):
        case |= {"latent": 1.0, "q_lora_rank": mixer.query_rank, "kv_lora_rank": mixer.kv_rank,
                  "qk_nope_dim": mixer.nope_dim, "qk_rope_dim": mixer.rope_dim}  # fmt: skip
        if mixer.indexer:
            computes_index = not mixer.indexer.shared
            case |= {"top_k": mixer.indexer.top_k, "index_heads": mixer.indexer.heads * computes_index,
                      "index_dim": mixer.indexer.key_dim * computes_index, "index_pool": mixer.indexer.pool}  # fmt: skip
    if isinstance(mixer, BlockSparseAttention):
        case |= {"top_k": mixer.top_blocks * mixer.block, "index_heads": mixer.index_heads, "index_dim": mixer.index_dim}
    return case


def _compressed(mixer: CompressedAttention, count: float) -> dict[str, float]:
    """One vector is key and value of all heads, which is what latent attention meets when it answers."""
    case = {
        "n_heads": mixer.heads, "n_kv_heads": 1.0, "query_key_dim": mixer.key_dim, "value_dim": mixer.value_dim,
        "latent": 1.0, "q_lora_rank": mixer.query_rank, "kv_lora_rank": mixer.key_dim, "caches": 1.0,
        "qk_nope_dim": 0.0, "qk_rope_dim": 0.0, "sliding_window": mixer.window, "n_windowed_layers": count,
        "compressed": mixer.ratio, "state_bytes": mixer.state_bytes(),
    }  # fmt: skip
    if mixer.indexer:
        case |= {"top_k": mixer.indexer.top_k, "index_heads": mixer.indexer.heads, "index_dim": mixer.indexer.key_dim,
                  "index_pool": mixer.ratio}  # fmt: skip
    return case


def _block_rows(architecture: Architecture) -> dict[PerCase, PerCase]:
    """Return the ledger's operations of each block in one layer, of a long prompt and of one token, by the block."""
    ledgers = [ledger.ledger(architecture, 1, tokens) for tokens in (_LONG, 1)]
    return {
        part.block: tuple(
            [replace(row, repeats=row.repeats // part.repeats) for row in rows if row.layer == part.name] for rows in ledgers
        )
        for part in architecture.stack.parts
        if part.block is not None
    }


def _add_beside(case: dict[str, float], prompt: Sequence[Any], token: Sequence[Any]) -> None:
    """Add what one block beside mixer and feed-forward part has."""
    case["beside_parameters"] += sum(row.repeats * row.shape.k * row.shape.n for row in token if row.kind == "matmul")
    moved = sum(row.repeats * (row.forward_bytes_read + row.forward_bytes_written) for row in prompt if row.kind != "matmul")
    case["beside_bytes"] += moved / _LONG


def _matrices(token: Sequence[Any], d_model: int) -> dict[str, float]:
    """The matrices of a mixer: the last one leads out of it."""
    *into, out = (row.shape for row in token if row.kind == "matmul")
    return {"mixer_in": sum(shape.k * shape.n for shape in into) / d_model, "mixer_out": out.k}


def _recurrence(mixer: Recurrent, prompt: Sequence[Any], token: Sequence[Any]) -> dict[str, float]:
    chunk_flop, chunk_bytes = _scanned(prompt)
    token_flop, token_bytes = _scanned(token)
    return {
        "recurrent": 1.0, "chunk_flop": chunk_flop / _LONG, "chunk_bytes": chunk_bytes / _LONG,
        "token_flop": token_flop, "token_bytes": token_bytes, "state_bytes": mixer.state_bytes(),
    }  # fmt: skip


def _scanned(rows: Sequence[PerCase]) -> tuple[float, float]:
    """Return the FLOP and the bytes moved, forward, of all but the matrices that weights make."""
    others = [row for row in rows if row.kind != "matmul"]
    return (
        float(sum(row.forward_flop for row in others)),
        float(sum(row.forward_bytes_read + row.forward_bytes_written for row in others)),
    )
