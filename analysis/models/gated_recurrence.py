"""Recurrent mixers of single channels or of matrices a head: RG-LRU (Griffin), RWKV, and xLSTM's mLSTM."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.models.operation import Operation, Pass, elementwise, linear, normalization, scales
from analysis.models.recurrent import Recurrent, chunk_of, convolution, recurrence
from analysis.models.shape import check_counts

#: Positions that a chunk of a linear mixer holds.
CHUNK = 64


@dataclass(frozen=True)
class GatedLinearUnit(Recurrent):
    """RG-LRU (De et al. 2024): a state of one number for each of `width` channels, gates by `blocks` of channels."""

    width: int
    blocks: int
    kernel: int = 4

    part = "gated linear recurrence"

    def __post_init__(self) -> None:
        check_counts(self, "width", "blocks", "kernel")

    @property
    def state_numbers(self) -> int:
        return self.width

    @property
    def convolved(self) -> tuple[int, int]:
        return self.width, self.kernel

    @property
    def inner(self) -> int:
        return 5 * self.width

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        block = self.width // self.blocks
        yield linear("input and gate", p.d_model, 2 * self.width, p.tokens, p, part, repeats, bias=True)
        yield convolution(self.width, self.kernel, True, p, part, repeats)
        # Matrices of blocks: the gates of a channel see the channels of its block.
        yield linear("gates of the recurrence", block, 2 * self.width, p.tokens, p, part, repeats, bias=True)
        yield scales("decay rates", self.width, p.tokens * self.width, p, part, repeats)
        yield elementwise("scan", "scan", p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield elementwise("gated output", "multiply", p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.width, p.d_model, p.tokens, p, part, repeats, bias=True)


@dataclass(frozen=True)
class Rwkv(Recurrent):
    """RWKV's time mixing (Peng et al. 2023, 2024): receptance, key and value, and from version 5 a `gate`, of `width`.

    `head_dim` 0: a channel has a state of three numbers (version 4); else a head has a matrix. `vectors`: numbers that mix
    a token with the one before, decay rates and others. `low_rank`: matrices (name, inputs, outputs) that make the mix and
    the decay depend on the token (version 6). `norm`: one of all heads with a bias.
    """

    width: int
    vectors: int
    head_dim: int = 0
    gate: bool = False
    norm: bool = False
    low_rank: tuple[tuple[str, int, int], ...] = ()

    part = "time mixing"

    def __post_init__(self) -> None:
        check_counts(self, "width", "vectors")

    @property
    def state_numbers(self) -> int:
        return self.width * (self.head_dim or 3)

    @property
    def convolved(self) -> tuple[int, int]:
        return 2 * self.width, 2  # both parts of a layer mix a token with the one before

    @property
    def inner(self) -> int:
        return (5 + self.gate) * self.width

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        yield scales("mix with the last token", self.vectors, p.tokens * p.d_model, p, part, repeats)
        for name, inputs, outputs in self.low_rank:
            yield linear(name, inputs, outputs, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("receptance, key and value", p.d_model, (3 + self.gate) * self.width, p.tokens, p, part, repeats, bias=False)
        if self.head_dim:
            chunk = chunk_of(p, CHUNK)
            flop = 4 * self.state_numbers + (chunk - 1) * 4 * self.width
            yield recurrence("weighted keys and values", flop, self.state_size, 4 * self.width, chunk, p, part, repeats)
        else:
            yield elementwise("scan", "scan", p.tokens * self.state_numbers, p, part, repeats, 0, "tensor")
        if self.norm:
            yield normalization("norm of heads", "layernorm", 2 * self.width, p.tokens * self.width, p, part, repeats)
        yield elementwise("gated output", "multiply", p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.width, p.d_model, p.tokens, p, part, repeats, bias=False)


@dataclass(frozen=True)
class MatrixMemory(Recurrent):
    """xLSTM's mLSTM (Beck et al. 2024): a matrix of `key_dim` by `value_dim` a head, an input and a forget gate a head."""

    heads: int
    key_dim: int
    value_dim: int
    bias: bool = False

    part = "matrix memory"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "key_dim", "value_dim")

    @property
    def state_numbers(self) -> int:
        return self.heads * (self.key_dim * self.value_dim + self.key_dim + 1)

    @property
    def inner(self) -> int:
        return self.heads * (2 * self.key_dim + 3 * self.value_dim)

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        keys, values = self.heads * self.key_dim, self.heads * self.value_dim
        yield linear("queries, keys, values and output gate", p.d_model, 2 * (keys + values), p.tokens, p, part, repeats,
                     bias=self.bias)  # fmt: skip
        yield linear("input and forget gates", p.d_model, 2 * self.heads, p.tokens, p, part, repeats, bias=True, split="none")
        chunk = chunk_of(p, CHUNK)
        flop = 4 * keys * self.value_dim + (chunk - 1) * 2 * (keys + values)
        yield recurrence("matrix memory", flop, self.state_size, 2 * keys + values, chunk, p, part, repeats)
        yield normalization("norm of heads", "rmsnorm", values * (1 + self.bias), p.tokens * values, p, part, repeats)
        yield elementwise("gated output", "multiply", p.tokens * values, p, part, repeats, 2, "tensor")
        yield linear("output projection", values, p.d_model, p.tokens, p, part, repeats, bias=self.bias)
