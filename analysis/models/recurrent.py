"""Linear attention of a layer: gated delta net, Kimi delta attention, lightning attention, short convolutions.

A linear mixer keeps a matrix a head instead of a cache: keys by values. Over a prompt it works chunk by chunk, with
products within a chunk and one with the state; a single token only reads and writes the state. Both are one formula
here: a chunk is as long as what passes, so a chunk of one token is the recurrence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from analysis.arrays import PerCase
from analysis.models.layers import Mixer
from analysis.models.operation import Operation, Pass, elementwise, linear, normalization, scales
from analysis.models.shape import check_counts

#: Tokens of a chunk in the kernels of flash-linear-attention.
CHUNK = 64
#: Bytes a number of a recurrent state, which kernels keep in FP32.
STATE_BYTES = 4


def chunk_of(p: Pass, chunk: int) -> PerCase:
    """Return the tokens of a chunk of what passes."""
    return np.minimum(p.sequence, chunk)


def convolution(channels: int, kernel: int, bias: bool, p: Pass, part: str, repeats: int) -> Operation:
    """A causal convolution of each of `channels` over `kernel` positions."""
    parameters = channels * (kernel + bias)
    elements = p.tokens * channels
    work, moved = 2 * kernel * elements, elements * p.activation
    return Operation("short convolution", part, "elementwise", repeats, parameters, parameters, work, 2 * work, moved,
                     moved, 2 * moved, moved, "tensor")  # fmt: skip


def recurrence(
    name: str, flop: PerCase, state_bytes: int, elements: int, tokens_a_chunk: PerCase, p: Pass, part: str, repeats: int
) -> Operation:
    """The products of a linear mixer, `flop` a token: `elements` a token are read; the state passes memory once a chunk."""
    work = p.tokens * flop
    inputs = p.tokens * elements * p.activation
    states = state_bytes * p.tokens / tokens_a_chunk
    return Operation(name, part, "recurrence", repeats, 0, 0, work, 2 * work, inputs + states, inputs + states,
                     2 * (inputs + states), inputs + states, "tensor")  # fmt: skip


@dataclass(frozen=True)
class Recurrent(Mixer):
    """What linear mixers share: a state of `state_numbers`, and a convolution over the last positions.

    `state_element`: bytes a number of the state.
    """

    state_element: int = field(default=STATE_BYTES, kw_only=True)

    @property
    def state_numbers(self) -> int:
        raise NotImplementedError

    @property
    def state_size(self) -> int:
        """Bytes of the state."""
        return self.state_element * self.state_numbers

    @property
    def convolved(self) -> tuple[int, int]:
        """Channels that pass the short convolution, and its length; (0, 1) without one."""
        return 0, 1

    @property
    def inner(self) -> int:
        """Numbers of a token between the matrix into the mixer and the one out of it."""
        raise NotImplementedError

    def state_bytes(self, element_bytes: PerCase = 2) -> PerCase:
        """Bytes of the state, and of the positions that the convolution looks back to."""
        channels, kernel = self.convolved
        return self.state_size + channels * (kernel - 1) * element_bytes

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        states = 0 if selective else self.state_size / CHUNK
        return 0, 2 * self.inner * stored.element_bytes + states


@dataclass(frozen=True)
class GatedDeltaNet(Recurrent):
    """Gated delta net (Yang et al. 2024): a state of key x value a head, corrected by what it already says of a key.

    Each of `value_heads` decays by a number of its own; the output is normed head by head and gated by the input.
    """

    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    kernel: int = 4

    part = "gated delta net"

    def __post_init__(self) -> None:
        check_counts(self, "key_heads", "value_heads", "key_dim", "value_dim", "kernel")

    @property
    def state_numbers(self) -> int:
        return self.value_heads * self.key_dim * self.value_dim

    @property
    def convolved(self) -> tuple[int, int]:
        return 2 * self.key_heads * self.key_dim + self.value_heads * self.value_dim, self.kernel

    @property
    def inner(self) -> int:
        return self.convolved[0] + 2 * self.value_heads * self.value_dim

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        channels, values = self.convolved[0], self.value_heads * self.value_dim
        yield linear("qkvz projection", p.d_model, channels + values, p.tokens, p, part, repeats, bias=False)
        yield linear("decay and correction", p.d_model, 2 * self.value_heads, p.tokens, p, part, repeats, bias=False)
        yield convolution(channels, self.kernel, False, p, part, repeats)
        yield scales("decay rates", 2 * self.value_heads, p.tokens * self.value_heads, p, part, repeats)
        yield delta_rule(self, self.value_heads, self.key_dim, self.value_dim, channels + values, p, part, repeats)
        yield normalization("gated norm", "rmsnorm", self.value_dim, p.tokens * values, p, part, repeats)
        yield elementwise("gated output", "multiply", p.tokens * values, p, part, repeats, 2, "tensor")
        yield linear("output projection", values, p.d_model, p.tokens, p, part, repeats, bias=False)


@dataclass(frozen=True)
class KimiDeltaAttention(Recurrent):
    """Kimi delta attention (Kimi Linear, 2025): a gated delta net that decays each number of a key by itself.

    Decay and output gate come from the input through a bottleneck of a head's width, or by a matrix at full rank.
    `rates`: numbers that scale the decay, 0 for one a head.
    """

    heads: int
    head_dim: int
    kernel: int = 4
    full_rank_decay: bool = False
    full_rank_gate: bool = False
    rates: int = 0

    part = "Kimi delta attention"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "head_dim", "kernel")

    @property
    def state_numbers(self) -> int:
        return self.heads * self.head_dim**2

    @property
    def convolved(self) -> tuple[int, int]:
        return 3 * self.heads * self.head_dim, self.kernel

    @property
    def inner(self) -> int:
        return 6 * self.heads * self.head_dim

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        width = self.heads * self.head_dim
        yield linear("qkv projection", p.d_model, 3 * width, p.tokens, p, part, repeats, bias=False)
        yield convolution(3 * width, self.kernel, False, p, part, repeats)
        for name, full in (("decay", self.full_rank_decay), ("output gate", self.full_rank_gate)):
            if full:
                yield linear(name, p.d_model, width, p.tokens, p, part, repeats, bias=False)
                continue
            yield linear(f"{name} down", p.d_model, self.head_dim, p.tokens, p, part, repeats, bias=False, split="none")
            yield linear(f"{name} up", self.head_dim, width, p.tokens, p, part, repeats, bias=False)
        yield scales("decay rates", width + (self.rates or self.heads), p.tokens * width, p, part, repeats)
        yield linear("correction", p.d_model, self.heads, p.tokens, p, part, repeats, bias=False)
        yield delta_rule(self, self.heads, self.head_dim, self.head_dim, 5 * width, p, part, repeats)
        yield normalization("gated norm", "rmsnorm", self.head_dim, p.tokens * width, p, part, repeats)
        yield elementwise("gated output", "multiply", p.tokens * width, p, part, repeats, 2, "tensor")
        yield linear("output projection", width, p.d_model, p.tokens, p, part, repeats, bias=False)


@dataclass(frozen=True)
class LightningAttention(Recurrent):
    """Lightning attention (MiniMax-01, 2025): linear attention with a fixed decay a head.

    Its output is normed over all heads, or over fewer, and gated by the input. `qk_norm`: a norm of a
    head's width over queries and keys.
    """

    heads: int
    head_dim: int
    chunk: int = 256
    qkv_bias: bool = False
    qk_norm: bool = False
    norm: int = 0  # parameters of the norm of its output; 0: one a number

    part = "lightning attention"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "head_dim", "chunk")

    @property
    def state_numbers(self) -> int:
        return self.heads * self.head_dim**2

    @property
    def inner(self) -> int:
        return 5 * self.heads * self.head_dim

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        width = self.heads * self.head_dim
        yield linear("qkv projection", p.d_model, 3 * width, p.tokens, p, part, repeats, bias=self.qkv_bias)
        if self.qk_norm:
            yield normalization("query and key norm", "rmsnorm", 2 * self.head_dim, 2 * p.tokens * width, p, part, repeats)
        chunk = chunk_of(p, self.chunk)
        # Within a chunk scores and weighted values; with the state, what it adds and what is added to it.
        flop = self.heads * (4 * self.head_dim * (chunk - 1) + 4 * self.head_dim**2)
        yield recurrence("linear attention", flop, self.state_size, 4 * width, chunk, p, part, repeats)
        yield normalization("output norm", "rmsnorm", self.norm or width, p.tokens * width, p, part, repeats)
        yield linear("output gate", p.d_model, width, p.tokens, p, part, repeats, bias=False)
        yield elementwise("gated output", "multiply", p.tokens * width, p, part, repeats, 2, "tensor")
        yield linear("output projection", width, p.d_model, p.tokens, p, part, repeats, bias=False)


@dataclass(frozen=True)
class ShortConvolution(Recurrent):
    """A gated short convolution (LFM2): two gates and a convolution over `kernel` positions of `width` channels."""

    width: int
    kernel: int = 3
    bias: bool = False

    part = "short convolution"

    def __post_init__(self) -> None:
        check_counts(self, "width", "kernel")

    @property
    def state_numbers(self) -> int:
        return 0

    @property
    def convolved(self) -> tuple[int, int]:
        return self.width, self.kernel

    @property
    def inner(self) -> int:
        return 4 * self.width

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        yield linear("gates and input", p.d_model, 3 * self.width, p.tokens, p, part, repeats, bias=self.bias)
        yield convolution(self.width, self.kernel, self.bias, p, part, repeats)
        yield elementwise("gated output", "multiply", 2 * p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.width, p.d_model, p.tokens, p, part, repeats, bias=self.bias)


def delta_rule(mixer: Recurrent, heads: int, key: int, value: int, elements: int, p: Pass, part: str, repeats: int) -> Operation:
    """The products of the delta rule in chunks (Yang et al. 2024, section 3): a single token's are 6 x key x value.

    Within a chunk: scores of keys with keys and of queries with keys, the solution of a triangular system for values
    and keys, and weighted values. With the state: what it says of queries and of keys, and what is added to it.
    """
    chunk = chunk_of(p, CHUNK)
    within = (chunk - 1) * (6 * key + 4 * value)
    flop = heads * (within + 6 * key * value)
    return recurrence("delta rule", flop, mixer.state_size, elements, chunk, p, part, repeats)
