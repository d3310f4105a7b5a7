"""The MLP of a layer as operations: dense, and a mixture of experts with its router."""

from collections.abc import Iterator

from analysis.models.architecture import Architecture
from analysis.models.operation import Matmul, Operation, Pass, activation, elementwise, linear, norm


def mlp(arch: Architecture, p: Pass, layer: str, repeats: int) -> Iterator[Operation]:
    """The dense MLP of `repeats` layers."""
    for _ in range(arch.norms_per_layer // 2):
        yield norm(arch, p, "mlp norm", layer, repeats)
    yield from _mlp_matrices(arch, p, layer, repeats, arch.d_ff, "mlp")
    yield elementwise("mlp residual", "add", p.tokens * arch.d_model, p, layer, repeats, reads=2)


def experts(arch: Architecture, p: Pass, repeats: int) -> Iterator[Operation]:
    """The mixture of experts of `repeats` layers: router, routed experts, and shared ones."""
    layer = "experts"
    for _ in range(arch.norms_per_layer // 2):
        yield norm(arch, p, "mlp norm", layer, repeats)
    yield linear("router", arch.d_model, arch.n_experts, p.tokens, p, layer, repeats, bias="router" in arch.biases,
                 split="none")  # fmt: skip
    yield elementwise("router softmax", "softmax", p.tokens * arch.n_experts, p, layer, repeats)
    sent = p.tokens * arch.experts_per_token
    yield elementwise("dispatch", None, sent * arch.d_model, p, layer, repeats)
    if arch.gated_mlp:
        yield _expert_linear(arch, "expert gate", arch.d_model, arch.d_ff_expert, p, repeats)
    yield _expert_linear(arch, "expert up", arch.d_model, arch.d_ff_expert, p, repeats)
    yield activation(arch, p, "expert activation", sent * arch.d_ff_expert, layer, repeats, split="expert")
    yield _expert_linear(arch, "expert down", arch.d_ff_expert, arch.d_model, p, repeats)
    yield elementwise("combine", "multiply", sent * arch.d_model, p, layer, repeats)
    if arch.n_shared_experts:
        yield from _mlp_matrices(arch, p, layer, repeats, arch.n_shared_experts * arch.d_ff_expert, "shared expert")
    yield elementwise("mlp residual", "add", p.tokens * arch.d_model, p, layer, repeats, reads=2)


def _mlp_matrices(arch: Architecture, p: Pass, layer: str, repeats: int, width: int, name: str) -> Iterator[Operation]:
    bias = "mlp" in arch.biases
    if arch.gated_mlp:
        yield linear(f"{name} gate", arch.d_model, width, p.tokens, p, layer, repeats, bias=bias)
    yield linear(f"{name} up", arch.d_model, width, p.tokens, p, layer, repeats, bias=bias)
    yield activation(arch, p, f"{name} activation", p.tokens * width, layer, repeats)
    yield linear(f"{name} down", width, arch.d_model, p.tokens, p, layer, repeats, bias=bias)


def _expert_linear(arch: Architecture, name: str, k: int, n: int, p: Pass, repeats: int) -> Operation:
    """The matrices of all routed experts, under balanced routing.

    Few tokens don't reach every expert: of E, each token choosing k at random, E (1 - (1 - k/E)^tokens) are read.
    """
    biases = n if "mlp" in arch.biases else 0
    one = k * n + biases
    sent = p.tokens * arch.experts_per_token
    reached = arch.n_experts * (1 - (1 - arch.experts_per_token / arch.n_experts) ** p.tokens)
    flop = 2 * sent * k * n
    inputs, outputs, weights = sent * k * p.activation, sent * n * p.activation, reached * k * n
    return Operation(
        name, "experts", "matmul", repeats, arch.n_experts * one, arch.experts_per_token * one, flop, 2 * flop,
        inputs + weights * p.weight, outputs,
        2 * outputs + inputs + weights * p.weight, inputs + weights * p.gradient,
        "expert", Matmul(sent / reached, k, n, reached),
    )  # fmt: skip
