"""Attention of a layer as operations: multi-head, grouped-query, windowed and cross-attention."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.arrays import PerCase
from analysis.models.layers import Mixer, within
from analysis.models.operation import (
    FLOP_PER_ELEMENT,
    Matmul,
    Operation,
    Pass,
    elementwise,
    linear,
    normalization,
    product,
)
from analysis.models.shape import ArchitectureError, check_counts

#: The matrices of attention that may have a bias.
PROJECTIONS = ("query", "key", "value", "output")
#: The norms of queries and keys: none; a vector of a head's width; of all heads' width, normed whole or head by head.
QK_NORMS = ("", "head", "width", "heads")
#: What may multiply attention's output: nothing, one number a head, or one a number.
GATES = ("", "head", "full")


@dataclass(frozen=True)
class Attention(Mixer):
    """Attention of `heads` to `kv_heads`; keys of `key_dim` numbers, values of `value_dim` (0: as wide as keys).

    `window`: positions that a query sees, 0 for all; with `chunked`, those of its own chunk. `rotary`: numbers of a key
    that are rotated. `key_is_value`: one matrix makes both. `reads_cache_of_another`: keys and values are an earlier
    layer's. `input_dim`: the width of the input where it is not the model's. `query_rank`: the latent that queries come
    from, 0 where they come from the input.
    """

    heads: int
    kv_heads: int
    key_dim: int
    value_dim: int = 0
    window: int = 0
    chunked: bool = False
    biases: frozenset[str] = frozenset()
    qk_norm: str = ""
    qk_norm_vectors: int = 1  # a weight; 2 with a bias; 0 without parameters
    sinks: bool = False
    gate: str = ""
    rotary: int = 0
    key_is_value: bool = False
    reads_cache_of_another: bool = False
    relative_projection: bool = False
    input_dim: int = 0
    query_rank: int = 0

    role = "attention"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "kv_heads", "key_dim")
        if not self.value_dim:
            object.__setattr__(self, "value_dim", self.key_dim)
        if self.heads % self.kv_heads:
            raise ArchitectureError(f"attention: kv_heads = {self.kv_heads} does not divide heads = {self.heads}")
        if self.qk_norm not in QK_NORMS or self.gate not in GATES or not self.biases <= set(PROJECTIONS):
            raise ArchitectureError(f"attention: {self.qk_norm!r}, {self.gate!r} or {sorted(self.biases)} is not known")

    @property
    def part(self) -> str:
        return "windowed attention" if self.window else "attention"

    @property
    def cached_numbers(self) -> int:
        return 0 if self.reads_cache_of_another else self.kv_heads * (self.key_dim + self.value_dim)

    @property
    def kv_shards(self) -> int:
        return self.kv_heads

    def reach(self, context: PerCase) -> PerCase:
        return within(context, self.window)

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Self-attention of `repeats` layers."""
        outputs, biased = self._projected()
        direct = outputs - self.heads * self.key_dim + self.query_rank if self.query_rank else outputs
        yield linear("qkv projection", self.input_dim or p.d_model, direct, p.tokens, p, part, repeats, bias=biased)
        if self.query_rank:
            yield normalization("query latent norm", "rmsnorm", self.query_rank, p.tokens * self.query_rank, p, part, repeats)
            yield linear("query up", self.query_rank, self.heads * self.key_dim, p.tokens, p, part, repeats, bias=False)
        if self.qk_norm:
            yield self._query_key_norm(p, part, repeats)
        if self.rotary:
            rotated = self.heads + (0 if self.reads_cache_of_another else self.kv_heads)
            yield elementwise("rotary positions", "rotary", p.tokens * rotated * self.rotary, p, part, repeats,
                              split="tensor")  # fmt: skip
        if self.relative_projection:
            # The positions' vectors are constants: backward there is the gradient of the weight only.
            yield linear("relative position projection", p.d_model, self.heads * self.key_dim, p.context, p, part,
                         repeats, bias=False, backward_products=1)  # fmt: skip
        core = Core(self.heads, self.key_dim, self.value_dim, self.kv_heads * self.key_dim, self.kv_heads * self.value_dim)
        pairs, seen = self.attended(p)
        yield from core.operations(p, part, repeats, pairs, seen, sinks=self.heads if self.sinks else 0)
        if self.gate:
            width = self.heads * (self.value_dim if self.gate == "full" else 1)
            yield linear("output gate", p.d_model, width, p.tokens, p, part, repeats, bias=False)
            yield elementwise("gated output", "multiply", p.tokens * self.heads * self.value_dim, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.heads * self.value_dim, p.d_model, p.tokens, p, part, repeats,
                     bias="output" in self.biases)  # fmt: skip

    def attended(self, p: Pass) -> tuple[PerCase, PerCase]:
        """Return pairs of a query and a key that one sequence computes, and positions whose keys and values it reads."""
        return attended_pairs(p, self.window, chunked=self.chunked), within(p.context, self.window)

    def cross_operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Attention of `repeats` decoder layers to what the encoder made of its input."""
        queries, keys, values = self.heads * self.key_dim, self.kv_heads * self.key_dim, self.kv_heads * self.value_dim
        yield linear("query projection", p.d_model, queries, p.tokens, p, part, repeats, bias="query" in self.biases)
        biased = keys * ("key" in self.biases) + values * ("value" in self.biases)
        yield linear("key and value projection", p.d_model, keys + values, p.encoder_tokens, p, part, repeats, bias=biased)
        if self.qk_norm:
            yield self._query_key_norm(p, part, repeats)
        core = Core(self.heads, self.key_dim, self.value_dim, keys, values)
        yield from core.operations(p, part, repeats, p.sequence * p.encoder_sequence, p.encoder_sequence)
        yield linear("output projection", self.heads * self.value_dim, p.d_model, p.tokens, p, part, repeats,
                     bias="output" in self.biases)  # fmt: skip

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return 0, attention_kept(self.heads, self.kv_heads, self.key_dim, self.value_dim, sequence, stored, selective)

    def _projected(self) -> tuple[int, int]:
        """Outputs of the matrices of queries, keys and values, and how many of them have a bias."""
        widths = {"query": self.heads * self.key_dim}
        if not self.reads_cache_of_another:
            widths["key"] = self.kv_heads * self.key_dim
            if not self.key_is_value:
                widths["value"] = self.kv_heads * self.value_dim
        return sum(widths.values()), sum(width for name, width in widths.items() if name in self.biases)

    def _query_key_norm(self, p: Pass, part: str, repeats: int) -> Operation:
        key_heads = 0 if self.reads_cache_of_another else self.kv_heads
        width = (self.heads + key_heads) * self.key_dim
        normed = width if self.qk_norm in ("width", "heads") else (1 + bool(key_heads)) * self.key_dim
        parameters = self.qk_norm_vectors * normed
        return normalization("query and key norm", "rmsnorm", parameters, p.tokens * width, p, part, repeats)


@dataclass(frozen=True)
class Core:
    """Scores, softmax and the weighted sum of values, of `heads`; a position's keys and values as they are read."""

    heads: int
    key_dim: int
    value_dim: int
    key_numbers: int
    value_numbers: int

    def operations(self, p: Pass, part: str, repeats: int, pairs: PerCase, seen: PerCase, sinks: int = 0) -> Iterator[Operation]:
        """`pairs` of a query and a key a sequence; `seen` positions whose keys and values are read."""
        queries = p.tokens * self.heads
        keys, values = p.batch * seen * self.key_numbers, p.batch * seen * self.value_numbers
        scores = p.batch * self.heads * pairs * (0 if p.fused_attention else 1)
        yield product("scores", Matmul(p.sequence, self.key_dim, pairs / p.sequence, p.batch * self.heads),
                      queries * self.key_dim + keys, scores, p, part, repeats)  # fmt: skip
        flop = FLOP_PER_ELEMENT["softmax"] * p.batch * self.heads * pairs
        moved = scores * p.activation
        yield Operation("softmax", part, "elementwise", repeats, sinks, sinks, flop, flop, moved, moved, 2 * moved, moved,
                        "tensor")  # fmt: skip
        yield product("weighted values", Matmul(p.sequence, pairs / p.sequence, self.value_dim, p.batch * self.heads),
                      scores + values, queries * self.value_dim, p, part, repeats)  # fmt: skip


def attention_kept(
    heads: int, kv_heads: int, key_dim: int, value_dim: int, sequence: PerCase, stored: PerCase, selective: bool
) -> PerCase:
    """Bytes a token that attention keeps for the backward pass, all split by tensor parallelism."""
    numbers = heads * key_dim + kv_heads * (key_dim + value_dim) + heads * value_dim
    split = numbers * stored.element_bytes
    if selective:
        return split
    if stored.fused_attention:
        return split + 4 * heads  # the logarithm of the sum of exponentials, in FP32
    # The softmax's output, and with dropout its mask (one byte) and what it leaves.
    return split + heads * sequence * (2 * stored.element_bytes + 1 if stored.dropout else stored.element_bytes)


def attended_pairs(p: Pass, window: int, *, chunked: bool = False) -> PerCase:
    """Pairs of a query and a key of one sequence that attention computes, each query with `window` keys at most."""
    if not p.causal:
        return p.sequence * within(p.context, window)
    if not window:
        return p.sequence * (p.context - (p.sequence - 1) / 2)
    before = _seen_chunked if chunked else _seen_sliding
    return before(p.context, window) - before(p.context - p.sequence, window)


def _seen_sliding(length: PerCase, window: int) -> PerCase:
    """Pairs of the first `length` queries, each with the `window` positions up to its own."""
    short = within(length, window)
    return short * (short + 1) / 2 + (length - short) * window


def _seen_chunked(length: PerCase, chunk: int) -> PerCase:
    """Pairs of the first `length` queries, each with the positions of its chunk up to its own."""
    rest = length % chunk
    return length // chunk * (chunk * (chunk + 1) / 2) + rest * (rest + 1) / 2
