"""The ledger of a transformer: one row an operation, in the order in which a forward pass does them.

Layers of one kind (windowed attention, attention, dense MLP, experts) are one group, however they alternate.

`ledger(load("GPT-3-175B"), batch=1, sequence=2048)` says of each operation how often it repeats, its parameters, its
FLOP forward and backward, and the bytes that it reads and writes. Batch and lengths may be floats or NumPy arrays.
A multiply and an add are two FLOP. Only matrix products, weights' and attention's, count as FLOP in the conventions
that runs are published in; those of the other operations are nominal, a few an element.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from analysis.models import attention_block, mlp_block
from analysis.models.architecture import Architecture, load, names, table
from analysis.models.operation import (
    PRODUCTS,
    Operation,
    Pass,
    elementwise,
    linear,
    lookup,
    norm,
    product_flop,
    total,
)

__all__ = [
    "ENDS",
    "PRODUCTS",
    "Operation",
    "active_parameters",
    "ledger",
    "non_embedding_parameters",
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
    batch: Any,
    sequence: Any,
    context: Any = None,
    *,
    encoder_sequence: Any = None,
    scored_positions: Any = None,
    causal: bool = False,
    fused_attention: bool = True,
    absorbed: bool = False,
    weight_bytes: Any = 2,
    activation_bytes: Any = 2,
    gradient_bytes: Any = 4,
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
    )
    return tuple(_operations(architecture, sizes))


@cache
def _unit(architecture: Architecture) -> tuple[Operation, ...]:
    """The ledger of one token: parameters don't depend on what goes through."""
    return ledger(architecture, 1, 1)


def parameters(architecture: Architecture) -> int:
    """Return the number of parameters."""
    return total(_unit(architecture), "parameters")


def active_parameters(architecture: Architecture) -> int:
    """Return the number of parameters that one token passes: all but the experts that it is not sent to."""
    return total(_unit(architecture), "active_parameters")


def vocabulary_parameters(architecture: Architecture) -> int:
    """Return the number of parameters that stand for tokens and positions: embeddings and unembedding."""
    return total((row for row in _unit(architecture) if row.kind == "lookup" or row.name == "unembedding"), "parameters")


def non_embedding_parameters(architecture: Architecture) -> int:
    """Return the number of parameters without those of the vocabulary and of positions (Kaplan et al. 2020)."""
    return parameters(architecture) - vocabulary_parameters(architecture)


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
        n = arch.n_encoder_layers
        yield from attention_block.attention(arch, reading, "encoder attention", n, window=0)
        yield from mlp_block.mlp(arch, reading, "encoder mlp", n)
        if arch.final_norm:
            yield norm(arch, reading, "encoder norm", "final", 1)
    windowed = arch.n_windowed_layers
    if windowed:
        yield from attention_block.attention(arch, p, "windowed attention", windowed, window=arch.sliding_window)
    if arch.n_layers > windowed:
        yield from attention_block.attention(arch, p, "attention", arch.n_layers - windowed, window=0)
    if arch.kind == "encoder-decoder":
        yield from attention_block.cross_attention(arch, p, arch.n_layers)
    if arch.n_layers > arch.n_expert_layers:
        yield from mlp_block.mlp(arch, p, "mlp", arch.n_layers - arch.n_expert_layers)
    if arch.n_expert_layers:
        yield from mlp_block.experts(arch, p, arch.n_expert_layers)
    yield from _final(arch, p)


def _reading(p: Pass) -> Pass:
    """Return what goes through an encoder before a decoder: its whole input, each position seeing every other."""
    return replace(p, sequence=p.encoder_sequence, context=p.encoder_sequence, causal=False)


def _embedding(arch: Architecture, p: Pass) -> Iterator[Operation]:
    tokens = p.tokens + (p.encoder_tokens if arch.kind == "encoder-decoder" else 0)
    yield lookup("token embedding", arch.vocab_size * arch.d_model, arch.d_model, tokens, p, split="tensor")
    if arch.learned_positions:
        yield lookup("position embedding", arch.learned_positions * arch.d_model, arch.d_model, tokens, p)
    if arch.token_types:
        yield lookup("token type embedding", arch.token_types * arch.d_model, arch.d_model, tokens, p)
    if arch.relative_buckets:
        stacks = 2 if arch.kind == "encoder-decoder" else 1
        yield lookup("relative position bias", stacks * arch.relative_buckets * arch.n_heads, 0, tokens, p)
    if arch.embedding_norm:
        yield norm(arch, p, "embedding norm", "embedding", 1)


def _final(arch: Architecture, p: Pass) -> Iterator[Operation]:
    if arch.final_norm:
        yield norm(arch, p, "final norm", "final", 1)
    if arch.pooler:
        yield linear("pooler", arch.d_model, arch.d_model, p.batch, p, "final", 1, bias=True, split="none")
    if arch.unembedding:
        scored = p.batch * p.scored_positions
        yield linear("unembedding", arch.d_model, arch.vocab_size, scored, p, "final", 1,
                     bias="unembedding" in arch.biases, shared_weights=arch.tied_embeddings)  # fmt: skip
        yield elementwise("vocabulary softmax", "softmax", scored * arch.vocab_size, p, "final", 1, split="tensor")
