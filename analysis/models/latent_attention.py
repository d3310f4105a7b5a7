"""Multi-head latent attention (DeepSeek-V2), and the indexer that makes it sparse (DeepSeek-V3.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.models.attention import Core, attended_pairs, attention_kept
from analysis.models.layers import Mixer, within
from analysis.models.operation import Matmul, Operation, Pass, elementwise, linear, normalization, product, scales
from analysis.models.shape import check_counts


@dataclass(frozen=True)
class Indexer:
    """Chooses the `top_k` positions that each query attends to, by `heads` small heads with one key a position.

    `shared`: this layer takes the choice of an earlier one, and has no indexer of its own. `pool`: positions whose keys
    are averaged, by learned weights, into the one that is scored.
    """

    heads: int
    key_dim: int
    top_k: int
    shared: bool = False
    pool: int = 1

    def operations(self, p: Pass, part: str, repeats: int, query_rank: int) -> Iterator[Operation]:
        """Index queries from the query's latent, one key and the heads' weights from the layer's input; scores of all."""
        width = self.heads * self.key_dim
        yield linear("index query", query_rank or p.d_model, width, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("index key", p.d_model, self.key_dim, p.tokens, p, part, repeats, bias=False, split="none")
        yield normalization("index key norm", "layernorm", 2 * self.key_dim, p.tokens * self.key_dim, p, part, repeats)
        yield linear("index weights", p.d_model, self.heads, p.tokens, p, part, repeats, bias=False, split="none")
        if self.pool > 1:
            yield linear("index pooling", p.d_model, self.key_dim, p.tokens, p, part, repeats, bias=False, split="none")
            yield scales("index pool positions", self.pool * self.key_dim, p.tokens * self.key_dim, p, part, repeats)
        pairs = attended_pairs(p, 0) / self.pool
        scores = p.batch * self.heads * pairs * (0 if p.fused_attention else 1)
        read = p.tokens * width + p.batch * p.context / self.pool * self.key_dim
        yield product("index scores", Matmul(p.sequence, self.key_dim, pairs / p.sequence, p.batch * self.heads),
                      read, scores, p, part, repeats)  # fmt: skip


@dataclass(frozen=True)
class LatentAttention(Mixer):
    """Attention of `heads` whose keys and values are made from one latent of `kv_rank` numbers a position.

    A key is `nope_dim` numbers from the latent and `rope_dim` that all heads share. `query_rank` 0: queries are not made
    from a latent. `indexer`: which positions are attended to; without one, all.
    """

    heads: int
    kv_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int
    query_rank: int = 0
    bias: bool = False  # of the matrices into the latents
    output_bias: bool = False
    window: int = 0
    gate: str = ""
    sinks: bool = False
    indexer: Indexer | None = None
    latent_norms: bool = True

    role = "attention"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "kv_rank", "nope_dim", "value_dim")

    @property
    def part(self) -> str:
        kind = "sparse latent attention" if self.indexer else "attention"
        return f"windowed {kind}" if self.window else kind

    @property
    def sparse(self) -> bool:
        return self.indexer is not None

    @property
    def key_dim(self) -> int:
        """Width of one head's query and key."""
        return self.nope_dim + self.rope_dim

    @property
    def kv_heads(self) -> int:
        """As many as heads, once keys and values are made."""
        return self.heads

    @property
    def cached_numbers(self) -> int:
        return self.kv_rank + self.rope_dim

    @property
    def index_numbers(self) -> int:
        return self.indexer.key_dim // self.indexer.pool if self.indexer and not self.indexer.shared else 0

    def reach(self, context: PerCase) -> PerCase:
        return within(context, self.window)

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Self-attention of `repeats` layers."""
        yield from self._projections(p, part, repeats)
        width = (self.heads + 1) * self.rope_dim
        if width:
            yield elementwise("rotary positions", "rotary", p.tokens * width, p, part, repeats, split="tensor")
        chosen = self.window
        if self.indexer:
            if not self.indexer.shared:
                yield from self.indexer.operations(p, part, repeats, self.query_rank)
            chosen = self.indexer.top_k
        if p.absorbed:  # the latent is key and value at once
            core = Core(self.heads, self.kv_rank + self.rope_dim, self.kv_rank, self.kv_rank + self.rope_dim, 0)
        else:
            core = Core(self.heads, self.key_dim, self.value_dim, self.heads * self.key_dim, self.heads * self.value_dim)
        yield from core.operations(p, part, repeats, attended_pairs(p, chosen), self._read(p, chosen),
                                   sinks=self.heads if self.sinks else 0)  # fmt: skip
        if self.gate:
            width = self.heads * (self.value_dim if self.gate == "full" else 1)
            yield linear("output gate", p.d_model, width, p.tokens, p, part, repeats, bias=False)
        yield linear("output projection", self.heads * self.value_dim, p.d_model, p.tokens, p, part, repeats,
                     bias=self.output_bias)  # fmt: skip

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        copied = 2 * (self.query_rank + self.kv_rank) * stored.element_bytes
        return copied, attention_kept(self.heads, self.heads, self.key_dim, self.value_dim, sequence, stored, selective)

    def _read(self, p: Pass, chosen: int) -> PerCase:
        """Positions whose keys and values one sequence reads: each query its own choice, all of them at most."""
        if not self.indexer:
            return within(p.context, chosen)
        return np.minimum(p.context, p.sequence * chosen)

    def _projections(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        query = self.heads * self.key_dim
        if self.query_rank:
            yield linear("query down", p.d_model, self.query_rank, p.tokens, p, part, repeats, bias=self.bias, split="none")
            yield self._norm("query latent norm", self.query_rank, p, part, repeats)
            yield linear("query up", self.query_rank, query, p.tokens, p, part, repeats, bias=False)
        else:
            yield linear("query projection", p.d_model, query, p.tokens, p, part, repeats, bias=False)
        latent = self.kv_rank + self.rope_dim
        yield linear("key-value down", p.d_model, latent, p.tokens, p, part, repeats, bias=self.bias, split="none")
        yield self._norm("key-value latent norm", self.kv_rank, p, part, repeats)
        # Absorbed, each new token passes the matrix once in halves: its query into the latent space, its value out of it.
        positions = p.tokens if p.absorbed else p.batch * p.context
        up = self.heads * (self.nope_dim + self.value_dim)
        yield linear("key-value up", self.kv_rank, up, positions, p, part, repeats, bias=False)

    def _norm(self, name: str, width: int, p: Pass, part: str, repeats: int) -> Operation:
        return normalization(name, "rmsnorm", width * self.latent_norms, p.tokens * width, p, part, repeats)
