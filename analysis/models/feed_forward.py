"""The feed-forward part of a layer as operations: a dense MLP, and a mixture of experts with its router."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.arrays import PerCase
from analysis.models.operation import Matmul, Operation, Pass, activation, elementwise, linear, normalization
from analysis.models.shape import ArchitectureError, check_counts


@dataclass(frozen=True)
class Dense:
    """An MLP of `d_ff` numbers; `gated`: two matrices into it, one of which gates the other."""

    d_ff: int
    gated: bool = True
    bias: bool = False

    role = "mlp"
    part = "mlp"

    def __post_init__(self) -> None:
        check_counts(self, "d_ff")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The MLP of `repeats` layers."""
        yield from _matrices(p, part, repeats, p.d_model, self.d_ff, "mlp", self.gated, self.bias)

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        return 0, _inner(self.gated) * self.d_ff * stored.element_bytes


@dataclass(frozen=True)
class Experts:
    """`n_experts` MLPs of `d_ff` numbers, of which each token passes `per_token`, and shared ones that all pass.

    `shared_d_ff`: the width of all shared experts together, with `shared_gate` multiplied by a learned number.
    `router_bias` and `correction` (of loss-free load balancing) are one number an expert. `zero_experts` pass a token on
    as it is: the router knows them. `router_width`: of a router of four matrices, with a norm. `latent`: the width that
    experts work in where it is not the model's, with a matrix into it and one out of it. `groups`: a token's experts lie
    in `groups_per_token` of so many; 0 where any will do.
    """

    n_experts: int
    per_token: int
    d_ff: int
    gated: bool = True
    bias: bool = False
    shared_d_ff: int = 0
    shared_gated: bool = True
    shared_bias: bool = False
    shared_gate: bool = False
    router_bias: bool = False
    correction: bool = False
    zero_experts: int = 0
    latent: int = 0
    latent_bias: bool = False
    router_width: int = 0
    groups: int = 0
    groups_per_token: int = 0

    role = "mlp"
    part = "experts"

    def __post_init__(self) -> None:
        check_counts(self, "n_experts", "per_token", "d_ff")
        if self.per_token > self.n_experts + self.zero_experts:
            raise ArchitectureError(f"experts: per_token = {self.per_token} is more than n_experts = {self.n_experts}")

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixture of experts of `repeats` layers: router, routed experts, and shared ones."""
        routes = self.n_experts + self.zero_experts
        bias = routes * (self.router_bias + self.correction)
        if inner := self.router_width:
            yield linear("router down", p.d_model, inner, p.tokens, p, part, repeats, bias=True, split="none")
            yield normalization("router norm", "rmsnorm", inner, p.tokens * inner, p, part, repeats)
            yield linear("router layers", inner, 2 * inner, p.tokens, p, part, repeats, bias=True, split="none")
        yield linear("router", self.router_width or p.d_model, routes, p.tokens, p, part, repeats, bias=bias, split="none")
        yield elementwise("router softmax", "softmax", p.tokens * routes, p, part, repeats)
        width = self.latent or p.d_model
        if self.latent:
            yield linear("into latent", p.d_model, width, p.tokens, p, part, repeats, bias=self.latent_bias)
        sent = p.tokens * self.per_token
        yield elementwise("dispatch", None, sent * width, p, part, repeats)
        if self.gated:
            yield self._matrix("expert gate", width, self.d_ff, p, part, repeats)
        yield self._matrix("expert up", width, self.d_ff, p, part, repeats)
        yield activation(p, "expert activation", sent * self.d_ff, part, repeats, gated=self.gated, split="expert")
        yield self._matrix("expert down", self.d_ff, width, p, part, repeats)
        yield elementwise("combine", "multiply", sent * width, p, part, repeats)
        if self.latent:
            yield linear("out of latent", width, p.d_model, p.tokens, p, part, repeats, bias=self.latent_bias)
        if self.shared_d_ff:
            yield from _matrices(p, part, repeats, p.d_model, self.shared_d_ff, "shared expert", self.shared_gated,
                                 self.shared_bias)  # fmt: skip
        if self.shared_gate:
            yield linear("shared expert's gate", p.d_model, 1, p.tokens, p, part, repeats, bias=False, split="none")

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        # The router's probabilities are FP32; each expert's input and output are kept for each token sent to it.
        routed = self.per_token * (_inner(self.gated) * self.d_ff + 2 * (self.latent or d_model))
        shared = _inner(self.shared_gated) * self.shared_d_ff
        return 4 * self.n_experts, (routed + shared) * stored.element_bytes

    def _matrix(self, name: str, k: int, n: int, p: Pass, part: str, repeats: int) -> Operation:
        """The matrices of all routed experts, under balanced routing.

        Few tokens don't reach every expert: of E, each token choosing k at random, E (1 - (1 - k/E)^tokens) are read.
        """
        size = k * n + (n if self.bias else 0)
        sent = p.tokens * self.per_token
        reached = self.n_experts * (1 - (1 - self.per_token / self.n_experts) ** p.tokens)
        flop = 2 * sent * k * n
        inputs, outputs, weights = sent * k * p.activation, sent * n * p.activation, reached * k * n
        return Operation(
            name, part, "matmul", repeats, self.n_experts * size, self.per_token * size, flop, 2 * flop,
            inputs + weights * p.weight, outputs,
            2 * outputs + inputs + weights * p.weight, inputs + weights * p.gradient,
            "expert", Matmul(sent / reached, k, n, reached),
        )  # fmt: skip


def _matrices(
    p: Pass, part: str, repeats: int, inputs: int, width: int, name: str, gated: bool, bias: bool
) -> Iterator[Operation]:
    if gated:
        yield linear(f"{name} gate", inputs, width, p.tokens, p, part, repeats, bias=bias)
    yield linear(f"{name} up", inputs, width, p.tokens, p, part, repeats, bias=bias)
    yield activation(p, f"{name} activation", p.tokens * width, part, repeats, gated=gated)
    yield linear(f"{name} down", width, inputs, p.tokens, p, part, repeats, bias=bias)


def _inner(gated: bool) -> int:
    """Numbers that training keeps of an MLP, in its widths: what went in, the gate's, and what comes out."""
    return 3 if gated else 2
