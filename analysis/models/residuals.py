"""What a layer has beside its mixer and its feed-forward part: several residual streams, low-rank ways around, inputs.

Each is a block as those in `analysis.models.layers` are, with the role "beside".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.arrays import PerCase
from analysis.models.operation import Operation, Pass, activation, elementwise, linear, normalization, scales
from analysis.models.shape import check_counts


@dataclass(frozen=True)
class HyperConnections:
    """Hyper-connections (Zhu et al. 2024; DeepSeek-V4): `streams` residuals, of which each block reads and writes a mix.

    A matrix over all streams gives one weight a stream for what a block reads and one for what it writes; with `mixing`,
    also the weights by which the streams are mixed among themselves. Both blocks of a layer have one.
    """

    streams: int
    mixing: bool = True

    role = "beside"
    part = "hyper-connections"

    def __post_init__(self) -> None:
        check_counts(self, "streams")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The hyper-connections of `repeats` layers."""
        outputs = self.streams * (2 + self.streams * self.mixing)
        wide = p.tokens * self.streams * p.d_model
        sites = 2 * repeats
        yield linear("stream weights", self.streams * p.d_model, outputs, p.tokens, p, part, sites, bias=True, split="none")
        yield scales("stream scales", 2 + self.mixing, p.tokens * outputs, p, part, sites)
        yield elementwise("streams read", "multiply", wide, p, part, sites)
        if self.mixing:
            yield linear("streams mixed", self.streams, self.streams, p.tokens * p.d_model, p, part, sites, bias=False,
                         split="none", shared_weights=True)  # fmt: skip
        yield elementwise("streams written", "multiply", wide, p, part, sites, 2)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return 2 * self.streams * d_model * stored.element_bytes, 0


@dataclass(frozen=True)
class AlternatingUpdates:
    """Alternating updates (Baykal et al. 2023; Gemma 3n): `streams`, one of which a layer updates and the rest follow."""

    streams: int

    role = "beside"
    part = "alternating updates"

    def __post_init__(self) -> None:
        check_counts(self, "streams")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Prediction of all streams before the layer, and their correction after it."""
        n, width = self.streams, p.tokens * p.d_model
        yield normalization("router norm", "rmsnorm", p.d_model, 2 * width, p, part, repeats)
        for shared in (False, True):
            yield linear("router", p.d_model, n, p.tokens, p, part, repeats, bias=False, split="none", shared_weights=shared)
        yield linear("prediction weights", n, n * n, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("streams predicted", n, n, width, p, part, repeats, bias=False, split="none", shared_weights=True)
        yield linear("correction weights", n, n, p.tokens, p, part, repeats, bias=False, split="none")
        yield elementwise("streams corrected", "multiply", n * width, p, part, repeats, 2)
        yield scales("output scale", p.d_model, width, p, part, repeats)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return 2 * self.streams * d_model * stored.element_bytes, 0


@dataclass(frozen=True)
class DepthAttention:
    """Attention residuals (Kimi K3): each block of a layer reads a mean of earlier layers' sums, weighted by a score.

    A score is one product with a learned vector of the normed sum; `sources` sums at most are read.
    """

    sources: int

    role = "beside"
    part = "attention residuals"

    def __post_init__(self) -> None:
        check_counts(self, "sources")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """Both blocks' reading, of `repeats` layers."""
        read = p.tokens * p.d_model * self.sources
        yield normalization("source norm", "rmsnorm", p.d_model, read, p, part, 2 * repeats)
        yield linear("source scores", p.d_model, 1, p.tokens * self.sources, p, part, 2 * repeats, bias=False, split="none")
        yield elementwise("weighted sources", "multiply", read, p, part, 2 * repeats)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return 2 * d_model * stored.element_bytes, 0


@dataclass(frozen=True)
class LowRank:
    """A way around the mixer through `rank` numbers, normed (LAuReL, Menghani et al. 2024; Gemma 3n)."""

    rank: int

    role = "beside"
    part = "low-rank residual"

    def __post_init__(self) -> None:
        check_counts(self, "rank")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The two matrices of `repeats` layers."""
        yield linear("low rank down", p.d_model, self.rank, p.tokens, p, part, repeats, bias=False, split="none")
        yield linear("low rank up", self.rank, p.d_model, p.tokens, p, part, repeats, bias=False, split="none")
        yield normalization("low rank norm", "rmsnorm", p.d_model, p.tokens * p.d_model, p, part, repeats)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return (self.rank + d_model) * stored.element_bytes, 0


@dataclass(frozen=True)
class PerLayerInput:
    """What a layer takes of a second embedding of its token: `width` numbers, gated by the layer's output (Gemma 3n)."""

    width: int

    role = "beside"
    part = "per-layer input"

    def __post_init__(self) -> None:
        check_counts(self, "width")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The gate and the projection of `repeats` layers."""
        yield linear("input gate", p.d_model, self.width, p.tokens, p, part, repeats, bias=False, split="none")
        yield activation(p, "input activation", p.tokens * self.width, part, repeats, gated=True, split="none")
        yield linear("input projection", self.width, p.d_model, p.tokens, p, part, repeats, bias=False, split="none")
        yield normalization("input norm", "rmsnorm", p.d_model, p.tokens * p.d_model, p, part, repeats)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return (3 * self.width + d_model) * stored.element_bytes, 0


@dataclass(frozen=True)
class Matrices:
    """Further matrices of a layer, each (name, inputs, outputs), with a bias or without; of `copies` a token passes one.

    `part` is what they are called together: adapters, projections between widths.
    """

    part: str
    matrices: tuple[tuple[str, int, int], ...]
    bias: bool = False
    copies: int = 1

    role = "beside"

    def __post_init__(self) -> None:
        check_counts(self, "copies")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The matrices of `repeats` layers."""
        for name, inputs, outputs in self.matrices:
            row = linear(name, inputs, outputs, p.tokens, p, part, repeats, bias=self.bias, split="none")
            yield replace(row, parameters=self.copies * row.parameters)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return sum(inputs for _, inputs, _ in self.matrices) * stored.element_bytes, 0


@dataclass(frozen=True)
class Idle:
    """Parameters of a layer that no token of text passes: experts of pictures, cross-attention to them."""

    part: str
    parameters: int

    role = "beside"

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """What `repeats` layers hold, without work."""
        yield replace(scales(part, self.parameters, 0 * p.tokens, p, part, repeats), active_parameters=0, split="tensor")

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Nothing is kept of them."""
        return 0, 0
