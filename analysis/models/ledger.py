"""The ledger of a network: one row an operation, in the order in which a forward pass does them.

Equal mixers, and equal feed-forward parts, are one group, however layers alternate.

`ledger(load("GPT-3-175B"), batch=1, sequence=2048)` says of each operation how often it repeats, its parameters, its
FLOP forward and backward, and the bytes that it reads and writes. Batch and lengths may be floats or NumPy arrays.
A multiply and an add are two FLOP. Only matrix products, weights' and attention's, count as FLOP in the conventions
that runs are published in; those of the other operations are nominal, a few an element.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import pandas as pd

from analysis.arrays import PerCase
from analysis.models.architecture import Architecture, load, names, table
from analysis.models.layers import Part
from analysis.models.operation import (
    PRODUCTS,
    Operation,
    Pass,
    elementwise,
    linear,
    lookup,
    norm,
    product_flop,
    scales,
    total,
)

__all__ = [
    "ENDS",
    "PRODUCTS",
    "Operation",
    "active_parameters",
    "ledger",
    "mtp_parameters",
    "multiplied_parameters",
    "parameters",
    "product_flop",
    "published_counts",
    "total",
    "vocabulary_parameters",
]

#: Layers of the ledger that are outside the repeated stack.
ENDS = ("embedding", "final")


def ledger(
    architecture: Architecture,
    batch: PerCase,
    sequence: PerCase,
    context: PerCase = None,
    *,
    encoder_sequence: PerCase = None,
    scored_positions: PerCase = None,
    causal: bool = False,
    fused_attention: bool = True,
    absorbed: bool = False,
    weight_bytes: PerCase = 2,
    activation_bytes: PerCase = 2,
    gradient_bytes: PerCase = 4,
) -> tuple[Operation, ...]:
    """Return the operations of one pass of `batch` sequences of `sequence` tokens each, in order.

    `context`: positions that keys and values are held for, these tokens included (default: `sequence`; in decoding
    one token, the length so far). `encoder_sequence`: tokens that an encoder before a decoder reads (default:
    `sequence`). `scored_positions`: tokens a sequence whose next one is predicted (default: all; 1 in inference).
    `causal`: count only pairs of positions that the causal mask leaves, as causal kernels compute them; without it
    all pairs count, as in most published conventions. `fused_attention`: scores stay on the chip (FlashAttention),
    so that they cost no memory traffic. `absorbed`: latent attention multiplies queries into the latent space rather
    than expanding keys and values, as decoding does. `weight_bytes`, `activation_bytes` and `gradient_bytes` are
    bytes an element.
    """
    sequence = 1.0 * sequence
    sizes = Pass(
        batch=1.0 * batch,
        sequence=sequence,
        context=sequence if context is None else 1.0 * context,
        encoder_sequence=sequence if encoder_sequence is None else 1.0 * encoder_sequence,
        scored_positions=sequence if scored_positions is None else 1.0 * scored_positions,
        causal=causal and architecture.causal,
        fused_attention=fused_attention,
        absorbed=absorbed,
        weight=weight_bytes,
        activation=activation_bytes,
        gradient=gradient_bytes,
        d_model=architecture.d_model,
        layer_norm=architecture.norm,
    )
    return tuple(_operations(architecture, sizes))


@cache
def _unit(architecture: Architecture) -> tuple[Operation, ...]:
    """The ledger of one token: parameters don't depend on what goes through."""
    return ledger(architecture, 1, 1)


def _number(operations: Iterable[Operation], amount: str = "parameters") -> int:
    number: int = total(operations, amount)
    return number


def parameters(architecture: Architecture) -> int:
    """Return the number of parameters."""
    return _number(_unit(architecture))


def active_parameters(architecture: Architecture) -> int:
    """Return the number of parameters that one token passes: all but the experts that it is not sent to."""
    return _number(_unit(architecture), "active_parameters")


def multiplied_parameters(architecture: Architecture) -> int:
    """Return the weights that one token is multiplied by, as publishers count active ones.

    Those are the active parameters without the tables that a token is looked up in; one that is the head too counts.
    """
    tables = [row for row in _unit(architecture) if row.name in ("token embedding", "per-layer embedding")]
    if architecture.tied_embeddings and architecture.unembedding:
        tables = [row for row in tables if row.name != "token embedding"]
    return active_parameters(architecture) - _number(tables, "active_parameters")


def mtp_parameters(architecture: Architecture) -> int:
    """Return the parameters of the layers that predict further tokens, without embedding and head that they share."""
    if not architecture.mtp_layers:
        return 0
    layers = replace(architecture, layers=architecture.mtp_layers, mtp_layers=())
    rows = (row for row in _unit(layers) if row.layer not in ENDS)
    return _number(rows) + architecture.mtp_extra


def vocabulary_parameters(architecture: Architecture) -> int:
    """Return the number of parameters that stand for tokens and positions: embeddings and unembedding."""
    return _number(row for row in _unit(architecture) if row.kind == "lookup" or row.name == "unembedding")


def published_counts() -> pd.DataFrame:
    """Return, by model, the parameters that its shape gives beside the published ones, and why the two differ."""
    columns = ["params_published", "params_last_digit", "params_differ"]
    frame = table().loc[names(), columns].dropna(subset="params_published")
    computed = [parameters(load(name)) for name in frame.index]
    return frame.assign(params_computed=computed, difference=computed - frame["params_published"])


def _operations(arch: Architecture, p: Pass) -> Iterator[Operation]:
    yield from _embedding(arch, p)
    if arch.kind == "encoder-decoder":
        reading = _reading(p)
        for part in arch.encoder_stack.parts:
            yield from part_operations(part, reading)
        if arch.final_norm:
            yield norm(reading, "encoder norm", "final", 1)
    for part in arch.stack.parts:
        yield from part_operations(part, p)
    yield from _final(arch, p)


def part_operations(part: Part, p: Pass) -> Iterator[Operation]:
    """Norms, block and residual of equal parts of layers; without parameters where these are an earlier layer's."""
    for row in _part_operations(part, p):
        yield replace(row, parameters=0, active_parameters=0) if part.repeated else row


def _part_operations(part: Part, p: Pass) -> Iterator[Operation]:
    if part.norm is not None:
        p = replace(p, layer_norm=part.norm)
    for name, parameters in part.extras:
        yield scales(name, parameters, p.tokens * p.d_model, p, part.name, part.repeats)
    if part.block is None:
        return
    crossing = part.name.endswith("cross-attention")
    role = "cross-attention" if crossing else part.block.role
    for _ in range(part.norms):
        yield norm(p, f"{role} norm", part.name, part.repeats)
    operations = part.block.cross_operations if crossing else part.block.operations
    yield from operations(p, part.name, part.repeats)
    if role != "beside":
        yield elementwise(f"{role} residual", "add", p.tokens * p.d_model, p, part.name, part.repeats, reads=2)


def _reading(p: Pass) -> Pass:
    """Return what goes through an encoder before a decoder: its whole input, each position seeing every other."""
    return replace(p, sequence=p.encoder_sequence, context=p.encoder_sequence, causal=False)


def _embedding(arch: Architecture, p: Pass) -> Iterator[Operation]:
    tokens = p.tokens + (p.encoder_tokens if arch.kind == "encoder-decoder" else 0)
    width = arch.embedding_dim or arch.d_model
    yield lookup("token embedding", arch.vocab_size * width, width, tokens, p, split="tensor")
    if arch.learned_positions:
        yield lookup("position embedding", arch.learned_positions * arch.d_model, arch.d_model, tokens, p)
    if arch.token_types:
        yield lookup("token type embedding", arch.token_types * width, width, tokens, p)
    if arch.relative_buckets:
        stacks = 2 if arch.kind == "encoder-decoder" else 1
        yield lookup("relative position bias", stacks * arch.relative_buckets * arch.n_heads, 0, tokens, p)
    if arch.per_layer_embedding:
        table, row = arch.per_layer_embedding
        yield lookup("per-layer embedding", table * row, row, tokens, p, split="tensor")
    if arch.embedding_dim:
        yield linear("embedding projection", width, arch.d_model, tokens, p, "embedding", 1,
                     bias=arch.embedding_projection_bias)  # fmt: skip
    if arch.embedding_norm:
        yield norm(p, "embedding norm", "embedding", 1)
    for name, k, n in arch.extra_matrices:
        yield linear(name, k, n, tokens, p, "embedding", 1, bias=False)
    for name, parameters in arch.extras:
        yield scales(name, parameters, tokens * arch.d_model, p, "embedding", 1)


def _final(arch: Architecture, p: Pass) -> Iterator[Operation]:
    if arch.final_norm:
        yield norm(p, "final norm", "final", 1)
    if arch.pooler:
        yield linear("pooler", arch.d_model, arch.d_model, p.batch, p, "final", 1, bias=True, split="none")
    if arch.unembedding:
        scored = p.batch * p.scored_positions
        width = arch.d_model
        if arch.embedding_dim:
            width = arch.embedding_dim
            yield linear("projection before the head", arch.d_model, width, scored, p, "final", 1, bias=False)
        yield linear("unembedding", width, arch.vocab_size, scored, p, "final", 1,
                     bias=arch.unembedding_bias, shared_weights=arch.tied_embeddings)  # fmt: skip
        yield elementwise("vocabulary softmax", "softmax", scored * arch.vocab_size, p, "final", 1, split="tensor")
