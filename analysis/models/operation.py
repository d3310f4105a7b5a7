"""Operations of a transformer, and how each kind's parameters, FLOP and bytes follow from its sizes."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.arrays import PerCase

#: Nominal FLOP an element of operations that are not matrix products.
FLOP_PER_ELEMENT = {"softmax": 5, "layernorm": 7, "rmsnorm": 4, "activation": 8, "rotary": 3, "multiply": 1, "add": 1,
                    "scan": 6}  # fmt: skip

#: The kinds of operation that are matrix products.
PRODUCTS = ("matmul", "attention", "recurrence")


@dataclass(frozen=True)
class Matmul:
    """`count` matrix products, each of an m x k by a k x n matrix."""

    m: PerCase
    k: PerCase
    n: PerCase
    count: PerCase = 1


@dataclass(frozen=True)
class Operation:
    """One operation. Parameters, FLOP and bytes are those of one of its `repeats`.

    `layer` is the part of the network that it belongs to, and `kind` is matmul, attention (a product of activations),
    recurrence (such products of a linear mixer), elementwise, normalization or lookup.
    `split` says what parallelism divides it by besides the tokens: "tensor",
    "expert" (experts lie on different accelerators, each divided by tensor) or "none" (its weights are on all).
    """

    name: str
    layer: str
    kind: str
    repeats: int
    parameters: int
    active_parameters: int
    forward_flop: PerCase
    backward_flop: PerCase
    forward_bytes_read: PerCase
    forward_bytes_written: PerCase
    backward_bytes_read: PerCase
    backward_bytes_written: PerCase
    split: str = "none"
    shape: Matmul | None = None


@dataclass(frozen=True)
class Norm:
    """A "layernorm" or "rmsnorm", with a weight and a bias a number or without."""

    kind: str = "rmsnorm"
    weight: bool = True
    bias: bool = False

    def parameters(self, width: int) -> int:
        """Return the parameters over `width` numbers."""
        return width * (self.weight + self.bias)


@dataclass(frozen=True)
class Pass:
    """What goes through the network: lengths, and bytes an element; the network's width and the norm of its layers."""

    batch: PerCase
    sequence: PerCase
    context: PerCase
    encoder_sequence: PerCase
    scored_positions: PerCase
    causal: bool
    fused_attention: bool
    absorbed: bool
    weight: PerCase
    activation: PerCase
    gradient: PerCase
    d_model: int = 0
    layer_norm: Norm = Norm()

    @property
    def tokens(self) -> PerCase:
        return self.batch * self.sequence

    @property
    def encoder_tokens(self) -> PerCase:
        return self.batch * self.encoder_sequence


def total(operations: Iterable[Operation], amount: str) -> PerCase:
    """Return the sum over `operations`, repeats included, of the field `amount`, such as "forward_flop"."""
    return sum(operation.repeats * getattr(operation, amount) for operation in operations)


def product_flop(operations: Iterable[Operation]) -> tuple[PerCase, PerCase]:
    """Return the FLOP of the matrix products, weights' and attention's: forward and backward."""
    products = [operation for operation in operations if operation.kind in PRODUCTS]
    return total(products, "forward_flop"), total(products, "backward_flop")


def lookup(name: str, parameters: int, width: int, tokens: PerCase, p: Pass, split: str = "none") -> Operation:
    """A table of `parameters`, from which each of `tokens` reads `width` of them."""
    elements = tokens * width
    return Operation(
        name, "embedding", "lookup", 1, parameters, parameters, 0 * tokens, 0 * tokens,
        elements * p.weight, elements * p.activation, elements * p.activation, elements * p.gradient, split,
    )  # fmt: skip


def linear(
    name: str,
    k: int,
    n: int,
    tokens: PerCase,
    p: Pass,
    layer: str,
    repeats: int,
    *,
    bias: bool | int,
    split: str = "tensor",
    shared_weights: bool = False,
    backward_products: int = 2,
) -> Operation:
    """A matrix of k x n weights that `tokens` rows are multiplied with; backward, the gradients of both factors.

    `bias`: whether all outputs have one, or how many do.
    """
    weights = k * n
    parameters = (0 if shared_weights else weights) + (n if bias is True else int(bias))
    flop = 2 * tokens * k * n
    inputs, outputs = tokens * k * p.activation, tokens * n * p.activation
    return Operation(
        name, layer, "matmul", repeats, parameters, parameters, flop, backward_products * flop,
        inputs + weights * p.weight, outputs,
        2 * outputs + inputs + weights * p.weight, inputs + weights * p.gradient,
        split, Matmul(tokens, k, n),
    )  # fmt: skip


def product(name: str, shape: Matmul, read: PerCase, written: PerCase, p: Pass, layer: str, repeats: int) -> Operation:
    """A product of two activations. `read` and `written` are elements."""
    flop = 2 * shape.m * shape.k * shape.n * shape.count
    inputs, outputs = read * p.activation, written * p.activation
    return Operation(
        name, layer, "attention", repeats, 0, 0, flop, 2 * flop, inputs, outputs, 2 * inputs + 2 * outputs, inputs,
        "tensor", shape,
    )  # fmt: skip


def elementwise(
    name: str, flop: str | None, elements: PerCase, p: Pass, layer: str, repeats: int, reads: int = 1, split: str = "none"
) -> Operation:
    """Work on each of `elements`, of the kind `flop` (None: they are only moved), that reads `reads` inputs an element."""
    work = (FLOP_PER_ELEMENT[flop] if flop else 0) * elements
    moved = elements * p.activation
    return Operation(name, layer, "elementwise", repeats, 0, 0, work, work, reads * moved, moved, moved, moved, split)


def activation(
    p: Pass, name: str, elements: PerCase, layer: str, repeats: int, *, gated: bool, split: str = "tensor"
) -> Operation:
    """The activation function, and the product with the gate."""
    reads = 2 if gated else 1
    work = (FLOP_PER_ELEMENT["activation"] + (FLOP_PER_ELEMENT["multiply"] if gated else 0)) * elements
    moved = elements * p.activation
    return Operation(name, layer, "elementwise", repeats, 0, 0, work, 2 * work, reads * moved, moved,
                     (1 + reads) * moved, reads * moved, split)  # fmt: skip


def norm(p: Pass, name: str, layer: str, repeats: int) -> Operation:
    """The network's norm over its width."""
    parameters = p.layer_norm.parameters(p.d_model)
    return normalization(name, p.layer_norm.kind, parameters, p.tokens * p.d_model, p, layer, repeats)


def normalization(name: str, kind: str, parameters: int, elements: PerCase, p: Pass, layer: str, repeats: int) -> Operation:
    """A "layernorm" or "rmsnorm" of `elements`."""
    work = FLOP_PER_ELEMENT[kind] * elements
    moved = elements * p.activation
    return Operation(name, layer, "normalization", repeats, parameters, parameters, work, 2 * work, moved, moved,
                     2 * moved, moved)  # fmt: skip


def scales(name: str, parameters: int, elements: PerCase, p: Pass, layer: str, repeats: int) -> Operation:
    """`parameters` that multiply or shift `elements`, one each: scales, gates without a matrix, decay rates."""
    moved = elements * p.activation
    return Operation(name, layer, "elementwise", repeats, parameters, parameters, elements, elements, moved, moved, moved,
                     moved, "none")  # fmt: skip
