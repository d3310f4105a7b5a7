"""Attention to few positions: compressed (DeepSeek-V4), and by chosen blocks (MiniMax-M3).

The indexer of DeepSeek-V3.2, which chooses single positions of latent attention, is in `latent_attention`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.models.attention import Attention, Core, attended_pairs, attention_kept
from analysis.models.layers import Mixer, within
from analysis.models.operation import Matmul, Operation, Pass, elementwise, linear, normalization, product, scales
from analysis.models.shape import ArchitectureError, check_counts


@dataclass(frozen=True)
class CompressedIndexer:
    """Chooses `top_k` compressed positions by `heads` small heads with one compressed key (DeepSeek-V4)."""

    heads: int
    key_dim: int
    top_k: int

    def __post_init__(self) -> None:
        check_counts(self, "heads", "key_dim", "top_k")


@dataclass(frozen=True)
class CompressedAttention(Mixer):
    """DeepSeek-V4's attention: the last `window` positions one by one, and all earlier ones `ratio` to an entry.

    One vector of `key_dim` numbers a position is key and value of all heads. An entry is a mean, by learned weights, of
    `ratio` positions, with `overlap` also of the `ratio` before these; `ratio` 0 has the window alone. With an `indexer` a
    query sees the entries that it chooses, else all. Queries come from a latent of `query_rank`, the output passes
    `output_rank` numbers in each of `groups`.
    """

    heads: int
    key_dim: int
    query_rank: int
    groups: int
    output_rank: int
    window: int
    ratio: int = 0
    overlap: bool = False
    rotary: int = 0
    indexer: CompressedIndexer | None = None

    role = "attention"

    @property
    def sparse(self) -> bool:
        return True

    kv_heads = 1
    gate = ""

    def __post_init__(self) -> None:
        check_counts(self, "heads", "key_dim", "query_rank", "groups", "output_rank", "window")
        if self.heads * self.key_dim % self.groups:
            raise ArchitectureError(f"attention: groups = {self.groups} does not divide its {self.heads * self.key_dim} outputs")
        if self.indexer and not self.ratio:
            raise ArchitectureError("attention: ratio = 0 leaves the indexer nothing to choose from")

    @property
    def part(self) -> str:
        if self.indexer:
            return "compressed sparse attention"
        return "heavily compressed attention" if self.ratio else "windowed attention"

    @property
    def value_dim(self) -> int:
        """As wide as keys: they are the same."""
        return self.key_dim

    @property
    def cached_numbers(self) -> int:
        return self.key_dim

    def reach(self, context: PerCase) -> PerCase:
        """Positions in the window, and compressed entries."""
        held = within(context, self.window)
        return held + context / self.ratio if self.ratio else held

    def cache_bytes(self, context: PerCase, element_bytes: PerCase = 2) -> PerCase:
        """Bytes of one layer's cache; compressed index keys in 16 bits."""
        held = self.reach(context) * self.key_dim * element_bytes
        return held + 2 * context / self.ratio * self.indexer.key_dim if self.indexer else held

    def state_bytes(self, element_bytes: PerCase = 2) -> PerCase:
        """Bytes of the positions that wait to be compressed, with their weights."""
        widths = self.key_dim + (self.indexer.key_dim if self.indexer else 0)
        return 2 * self.ratio * (1 + self.overlap) * widths * element_bytes

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The attention of `repeats` layers."""
        width = self.heads * self.key_dim
        yield linear("query down", p.d_model, self.query_rank, p.tokens, p, part, repeats, bias=False, split="none")
        yield normalization("query latent norm", "rmsnorm", self.query_rank, p.tokens * self.query_rank, p, part, repeats)
        yield linear("query up", self.query_rank, width, p.tokens, p, part, repeats, bias=False)
        yield normalization("query norm", "rmsnorm", 0, p.tokens * width, p, part, repeats)
        yield linear("shared key and value", p.d_model, self.key_dim, p.tokens, p, part, repeats, bias=False, split="none")
        yield normalization("key norm", "rmsnorm", self.key_dim, p.tokens * self.key_dim, p, part, repeats)
        # Queries, keys, and once more the output: values are rotated with keys.
        turned = p.tokens * (2 * self.heads + 1) * self.rotary
        yield elementwise("rotary positions", "rotary", turned, p, part, repeats, split="tensor")
        pairs, seen = attended_pairs(p, self.window), within(p.context, self.window)
        if self.ratio:
            yield from self._compression("", self.key_dim, p, part, repeats)
            chosen = self.indexer.top_k if self.indexer else 0
            # A query that sees `chosen` entries at most is one with a window of so many times `ratio` positions.
            pairs = pairs + attended_pairs(p, chosen * self.ratio) / self.ratio
            entries = p.context / self.ratio
            seen = seen + (np.minimum(entries, p.sequence * chosen) if chosen else entries)
        if self.indexer:
            yield from self._index(self.indexer, p, part, repeats)
        core = Core(self.heads, self.key_dim, self.key_dim, self.key_dim, 0)
        yield from core.operations(p, part, repeats, pairs, seen, sinks=self.heads)
        inner = self.groups * self.output_rank
        yield linear("output down", width // self.groups, inner, p.tokens, p, part, repeats, bias=False)
        yield linear("output up", inner, p.d_model, p.tokens, p, part, repeats, bias=False)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        copied = 2 * (self.query_rank + self.key_dim * (1 + 2 * bool(self.ratio))) * stored.element_bytes
        inner = self.groups * self.output_rank * stored.element_bytes
        return copied, inner + attention_kept(self.heads, 1, self.key_dim, self.key_dim, sequence, stored, selective)

    def _compression(self, kind: str, width: int, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Values and weights of every position, and their mean over those of an entry."""
        outputs = width * (1 + self.overlap)
        for name in ("values", "weights"):
            yield linear(f"{kind}compression {name}", p.d_model, outputs, p.tokens, p, part, repeats, bias=False, split="none")
        yield scales(f"{kind}compression positions", self.ratio * outputs, p.tokens * outputs, p, part, repeats)
        yield elementwise(f"{kind}compression", "softmax", p.tokens * outputs, p, part, repeats, 2)
        yield normalization(f"{kind}compressed norm", "rmsnorm", width, p.tokens / self.ratio * width, p, part, repeats)

    def _index(self, indexer: CompressedIndexer, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        width = indexer.heads * indexer.key_dim
        yield from self._compression("index ", indexer.key_dim, p, part, repeats)
        yield linear("index query", self.query_rank, width, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("index weights", p.d_model, indexer.heads, p.tokens, p, part, repeats, bias=False, split="none")
        yield index_scores(indexer.heads, indexer.key_dim, self.ratio, p, part, repeats)


@dataclass(frozen=True)
class BlockSparseAttention(Attention):
    """MiniMax-M3's attention: each group of heads sees `top_blocks` blocks of `block` positions, its own among them.

    `index_heads` small heads with one key a position score all; a block counts by its best position.
    """

    index_heads: int = 1
    index_dim: int = 1
    block: int = 1
    top_blocks: int = 1

    @property
    def sparse(self) -> bool:
        return True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, "index_heads", "index_dim", "block", "top_blocks")

    @property
    def part(self) -> str:
        return "block-sparse attention"

    @property
    def index_numbers(self) -> int:
        return self.index_dim

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The attention of `repeats` layers, its index first."""
        width = self.index_heads * self.index_dim
        yield linear("index query", p.d_model, width, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("index key", p.d_model, self.index_dim, p.tokens, p, part, repeats, bias=False, split="none")
        normed = p.tokens * (width + self.index_dim)
        yield normalization("index query and key norm", "rmsnorm", 2 * self.index_dim, normed, p, part, repeats)
        yield index_scores(self.index_heads, self.index_dim, 1, p, part, repeats)
        yield from super().operations(p, part, repeats)

    def attended(self, p: Pass) -> tuple[PerCase, PerCase]:
        """Pairs and positions read; the blocks that a query sees hold as many positions as a window would."""
        chosen = self.top_blocks * self.block
        return attended_pairs(p, chosen), np.minimum(p.context, p.sequence * chosen)


def index_scores(heads: int, key_dim: int, ratio: int, p: Pass, part: str, repeats: int) -> Operation:
    """Scores of every query with every key before it, `ratio` positions to a key."""
    pairs = attended_pairs(p, 0) / ratio
    scores = p.batch * heads * pairs * (0 if p.fused_attention else 1)
    read = p.tokens * heads * key_dim + p.batch * p.context / ratio * key_dim
    return product("index scores", Matmul(p.sequence, key_dim, pairs / p.sequence, p.batch * heads), read, scores, p, part,
                   repeats)  # fmt: skip
