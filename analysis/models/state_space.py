"""State-space mixers: Mamba (Gu & Dao 2023) and Mamba-2 (Dao & Gu 2024)."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.models.operation import Operation, Pass, elementwise, linear, normalization, scales
from analysis.models.recurrent import Recurrent, chunk_of, convolution, recurrence
from analysis.models.shape import check_counts


@dataclass(frozen=True)
class Mamba1(Recurrent):
    """A selective state-space model: `state_dim` numbers of state for each of `width` channels.

    `rank`: the width through which a channel's step comes from the input. `norms`: Jamba's norms of step, input and
    output matrices, with `norm_weights` or without.
    """

    width: int
    state_dim: int
    rank: int
    kernel: int = 4
    bias: bool = False
    convolution_bias: bool = True
    norms: bool = False
    norm_weights: bool = True

    part = "Mamba"

    def __post_init__(self) -> None:
        check_counts(self, "width", "state_dim", "rank", "kernel")

    @property
    def state_numbers(self) -> int:
        return self.width * self.state_dim

    @property
    def convolved(self) -> tuple[int, int]:
        return self.width, self.kernel

    @property
    def inner(self) -> int:
        return 4 * self.width + self.rank + 2 * self.state_dim

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        chosen = self.rank + 2 * self.state_dim
        yield linear("input projection", p.d_model, 2 * self.width, p.tokens, p, part, repeats, bias=self.bias)
        yield convolution(self.width, self.kernel, self.convolution_bias, p, part, repeats)
        yield linear("selection", self.width, chosen, p.tokens, p, part, repeats, bias=False)
        if self.norms:
            yield normalization("selection norms", "rmsnorm", chosen * self.norm_weights, p.tokens * chosen, p, part, repeats)
        yield linear("step", self.rank, self.width, p.tokens, p, part, repeats, bias=True)
        yield scales("decay rates", self.width * (self.state_dim + 1), p.tokens * self.width, p, part, repeats)
        # The scan is no matrix product, but for the last: decay, input and sum of each state, and its product with C.
        yield elementwise("scan", "scan", p.tokens * self.state_numbers, p, part, repeats, 0, "tensor")
        yield recurrence(
            "scan output",
            2 * self.state_numbers,
            self.state_size,
            4 * self.width,
            p.sequence,
            p,
            part,
            repeats,
        )
        yield elementwise("gated output", "multiply", p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.width, p.d_model, p.tokens, p, part, repeats, bias=self.bias)


@dataclass(frozen=True)
class Mamba2(Recurrent):
    """State-space duality: `heads` of `head_dim` channels, `state_dim` numbers a channel, `groups` of input matrices.

    `norm`: a gated norm over all channels.
    """

    heads: int
    head_dim: int
    state_dim: int
    groups: int = 1
    kernel: int = 4
    chunk: int = 256
    bias: bool = False
    output_bias: bool | None = None  # None: as `bias`
    convolution_bias: bool = True
    norm: bool = True

    part = "Mamba-2"

    def __post_init__(self) -> None:
        check_counts(self, "heads", "head_dim", "state_dim", "groups", "kernel", "chunk")

    @property
    def width(self) -> int:
        """Channels."""
        return self.heads * self.head_dim

    @property
    def state_numbers(self) -> int:
        return self.width * self.state_dim

    @property
    def convolved(self) -> tuple[int, int]:
        return self.width + 2 * self.groups * self.state_dim, self.kernel

    @property
    def inner(self) -> int:
        return self.convolved[0] + 2 * self.width

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixer of `repeats` layers."""
        channels = self.convolved[0]
        outputs = self.width + channels + self.heads
        yield linear("input projection", p.d_model, outputs, p.tokens, p, part, repeats, bias=self.bias)
        yield convolution(channels, self.kernel, self.convolution_bias, p, part, repeats)
        yield scales("decay rates", 3 * self.heads, p.tokens * self.width, p, part, repeats)
        chunk = chunk_of(p, self.chunk)
        # Within a chunk: scores of a group, and weighted values of each head. With the state: into it and out of it.
        within = (chunk - 1) * 2 * (self.groups * self.state_dim + self.width)
        flop = within + 4 * self.state_numbers
        yield recurrence("state-space product", flop, self.state_size, channels + self.width, chunk, p, part, repeats)
        if self.norm:
            yield normalization("gated norm", "rmsnorm", self.width, p.tokens * self.width, p, part, repeats)
        yield elementwise("gated output", "multiply", p.tokens * self.width, p, part, repeats, 2, "tensor")
        yield linear("output projection", self.width, p.d_model, p.tokens, p, part, repeats,
                     bias=self.bias if self.output_bias is None else self.output_bias)  # fmt: skip
