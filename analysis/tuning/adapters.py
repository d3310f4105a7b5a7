"""Low-rank adapters (LoRA, Hu et al. 2021): which matrices get one, and how many parameters that makes.

An adapter of rank r beside a matrix of k inputs and n outputs is a product of two matrices, k x r and r x n.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from analysis.arrays import PerCase
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.suggest import nearest

#: Matrices that can be named, and what stands for several of them.
NAMES = ("q", "k", "v", "o", "gate", "up", "down")
GROUPS = {"attention": ("q", "k", "v", "o"), "mlp": ("gate", "up", "down")}
#: Every matrix of the layers, of whatever mixer; not the router, and not the ends.
ALL = "all"

#: The name of a matrix by its row in the ledger; a latent that keys and values are made of counts for both.
_ROWS = {
    "query down": "q", "query up": "q", "key-value down": "kv", "key-value up": "kv", "output projection": "o",
    "mlp gate": "gate", "mlp up": "up", "mlp down": "down", "expert gate": "gate", "expert up": "up", "expert down": "down",
    "shared expert gate": "gate", "shared expert up": "up", "shared expert down": "down",
}  # fmt: skip
_NEVER = ("router", "router down", "router layers", "unembedding")
#: Matrices whose inputs tensor parallelism divides; it divides the outputs of the others.
_BY_INPUTS = ("o", "down")


class TuningError(ValueError):
    """A way to tune a model that can't be; the message names the field, what was given, and what is valid."""


@dataclass(frozen=True)
class Matrix:
    """`count` equal matrices of `inputs` x `outputs`, of which a token passes `active`."""

    name: str
    inputs: int
    outputs: int
    count: int
    active: int

    @property
    def expert(self) -> bool:
        """Whether these are routed experts, which lie on different chips."""
        return self.count != self.active


def targets(text: str) -> frozenset[str]:
    """Return the names of matrices that `text` names: "q,v", "attention", "attention,mlp", "all". Raises TuningError."""
    chosen: set[str] = set()
    for word in filter(None, (word.strip().casefold() for word in text.split(","))):
        if word not in (*NAMES, *GROUPS, ALL):
            raise TuningError(
                f"targets = {word!r} is not known{nearest(word, (*NAMES, *GROUPS, ALL)) or ';'} "
                f"valid: {', '.join((*NAMES, *GROUPS, ALL))}, or several with commas between"
            )
        chosen |= set(GROUPS.get(word, (word,)))
    if not chosen:
        raise TuningError(f"targets is empty; valid: {', '.join((*NAMES, *GROUPS, ALL))}")
    return frozenset(chosen)


@cache
def matrices(architecture: Architecture) -> tuple[Matrix, ...]:
    """Return the matrices of the layers that an adapter can stand beside."""
    return tuple(_matrices(architecture))


def _matrices(architecture: Architecture) -> Iterator[Matrix]:
    blocks = {part.name: part.block for stack in (architecture.encoder_stack, architecture.stack) for part in stack.parts}
    for row in ledger.ledger(architecture, 1, 1):
        if row.kind != "matmul" or row.name in _NEVER or row.layer in ledger.ENDS or row.shape is None:
            continue
        inputs, outputs = int(row.shape.k), int(row.shape.n)
        block = blocks.get(row.layer)
        if row.name == "qkv projection" and isinstance(block, Attention):
            parts = {"q": 0 if block.query_rank else block.heads * block.key_dim}
            if not block.reads_cache_of_another:
                parts |= {"k": block.kv_heads * block.key_dim}
                parts |= {} if block.key_is_value else {"v": block.kv_heads * block.value_dim}
            yield from (Matrix(name, inputs, width, row.repeats, row.repeats) for name, width in parts.items() if width)
            continue
        size = inputs * outputs
        each = max(1, round(row.parameters / size))
        active = max(1, round(row.active_parameters / size))
        yield Matrix(_ROWS.get(row.name, row.name), inputs, outputs, each * row.repeats, active * row.repeats)


@cache
def adapted(architecture: Architecture, text: str) -> tuple[Matrix, ...]:
    """Return the matrices of the architecture that `text` names, see `targets`. Raises TuningError."""
    chosen = targets(text)

    def is_chosen(matrix: Matrix) -> bool:
        return ALL in chosen or matrix.name in chosen or (matrix.name == "kv" and bool(chosen & {"k", "v"}))

    beside = tuple(filter(is_chosen, matrices(architecture)))
    if not beside:
        has = sorted({matrix.name for matrix in matrices(architecture)})
        raise TuningError(f"targets = {text!r} names no matrix of {architecture.name}; it has {', '.join(has)}; valid: all")
    return beside


def parameters(architecture: Architecture, rank: int, text: str) -> int:
    """Return the parameters of adapters of `rank` beside the matrices that `text` names. Raises TuningError."""
    return sum(matrix.count * rank * (matrix.inputs + matrix.outputs) for matrix in adapted(architecture, text))


def on_one(
    architecture: Architecture, rank: int, text: str, tensor: PerCase, pipeline: PerCase, expert: PerCase
) -> PerCase:  # fmt: skip
    """Return the adapters' parameters on one chip before replicas share any.

    Tensor parallelism divides one of the two factors, the other lies on each chip; experts are divided by their groups.
    """
    whole: PerCase = 0.0
    for matrix in adapted(architecture, text):
        by_inputs = matrix.name in _BY_INPUTS
        split = matrix.inputs if by_inputs else matrix.outputs
        copied = matrix.inputs + matrix.outputs - split
        numbers = matrix.count * rank * (split / tensor + copied)
        whole = whole + (matrix.count * rank * (split + copied) / expert if matrix.expert else numbers)
    return whole / pipeline
