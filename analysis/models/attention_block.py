"""Attention of a layer as operations: multi-head, grouped-query, latent, windowed and cross-attention."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.models.architecture import Architecture
from analysis.models.operation import (
    FLOP_PER_ELEMENT,
    Matmul,
    Operation,
    Pass,
    elementwise,
    linear,
    norm,
    normalization,
    product,
)


def attention(arch: Architecture, p: Pass, layer: str, repeats: int, window: int) -> Iterator[Operation]:
    """Self-attention of `repeats` layers, over the last `window` positions, or over all with 0."""
    for _ in range((arch.norms_per_layer + 1) // 2):
        yield norm(arch, p, "attention norm", layer, repeats)
    if arch.has_latent_attention:
        yield from _latent_projections(arch, p, layer, repeats)
    else:
        heads = arch.n_heads + 2 * arch.n_kv_heads
        yield linear("qkv projection", arch.d_model, heads * arch.d_head, p.tokens, p, layer, repeats,
                     bias="qkv" in arch.biases)  # fmt: skip
    if arch.qk_norm:
        yield _query_key_norm(arch, p, layer, repeats)
    if arch.positions == "rotary":
        key_heads = 1 if arch.has_latent_attention else arch.n_kv_heads
        width = (arch.n_heads + key_heads) * (arch.qk_rope_dim or arch.d_head)
        yield elementwise("rotary positions", "rotary", p.tokens * width, p, layer, repeats, split="tensor")
    if arch.positions == "relative-projection":
        # The positions' vectors are constants: backward there is the gradient of the weight only.
        yield linear("relative position projection", arch.d_model, arch.n_heads * arch.d_head, p.context, p, layer,
                     repeats, bias=False, backward_products=1)  # fmt: skip
    yield from _core(arch, p, layer, repeats, _pairs(arch, p, window), _seen(p, window))
    yield linear("output projection", arch.n_heads * arch.value_dim, arch.d_model, p.tokens, p, layer, repeats,
                 bias="output" in arch.biases)  # fmt: skip
    yield elementwise("attention residual", "add", p.tokens * arch.d_model, p, layer, repeats, reads=2)


def cross_attention(arch: Architecture, p: Pass, repeats: int) -> Iterator[Operation]:
    """Attention of `repeats` decoder layers to what the encoder made of its input."""
    layer = "cross-attention"
    bias = "qkv" in arch.biases
    yield norm(arch, p, "cross-attention norm", layer, repeats)
    yield linear("query projection", arch.d_model, arch.n_heads * arch.d_head, p.tokens, p, layer, repeats, bias=bias)
    yield linear("key and value projection", arch.d_model, 2 * arch.n_kv_heads * arch.d_head, p.encoder_tokens, p,
                 layer, repeats, bias=bias)  # fmt: skip
    yield from _core(arch, p, layer, repeats, p.sequence * p.encoder_sequence, p.encoder_sequence)
    yield linear("output projection", arch.n_heads * arch.d_head, arch.d_model, p.tokens, p, layer, repeats,
                 bias="output" in arch.biases)  # fmt: skip
    yield elementwise("cross-attention residual", "add", p.tokens * arch.d_model, p, layer, repeats, reads=2)


def _latent_projections(arch: Architecture, p: Pass, layer: str, repeats: int) -> Iterator[Operation]:
    query = arch.n_heads * arch.query_key_dim
    bias = "qkv" in arch.biases
    if arch.q_lora_rank:
        yield linear("query down", arch.d_model, arch.q_lora_rank, p.tokens, p, layer, repeats, bias=bias, split="none")
        yield _latent_norm("query latent norm", arch.q_lora_rank, p, layer, repeats)
        yield linear("query up", arch.q_lora_rank, query, p.tokens, p, layer, repeats, bias=False)
    else:
        yield linear("query projection", arch.d_model, query, p.tokens, p, layer, repeats, bias=bias)
    latent = arch.kv_lora_rank + arch.qk_rope_dim
    yield linear("key-value down", arch.d_model, latent, p.tokens, p, layer, repeats, bias=bias, split="none")
    yield _latent_norm("key-value latent norm", arch.kv_lora_rank, p, layer, repeats)
    # Absorbed, each new token passes the matrix once in halves: its query into the latent space, its value out of it.
    positions = p.tokens if p.absorbed else p.batch * p.context
    up = arch.n_heads * (arch.qk_nope_dim + arch.v_dim)
    yield linear("key-value up", arch.kv_lora_rank, up, positions, p, layer, repeats, bias=False)


def _latent_norm(name: str, width: int, p: Pass, layer: str, repeats: int) -> Operation:
    return normalization(name, "rmsnorm", width, p.tokens * width, p, layer, repeats)


def _query_key_norm(arch: Architecture, p: Pass, layer: str, repeats: int) -> Operation:
    width = (arch.n_heads + arch.n_kv_heads) * arch.d_head
    parameters = width if arch.qk_norm == "width" else 2 * arch.d_head
    return normalization("query and key norm", "rmsnorm", parameters, p.tokens * width, p, layer, repeats)


def _core(arch: Architecture, p: Pass, layer: str, repeats: int, pairs: Any, seen: Any) -> Iterator[Operation]:
    """Scores, softmax and the weighted sum of values."""
    key_dim, value_dim, kv_heads = arch.query_key_dim, arch.value_dim, arch.n_kv_heads
    key_bytes, value_bytes = kv_heads * key_dim, kv_heads * value_dim
    if arch.has_latent_attention and p.absorbed:
        key_dim, value_dim = arch.kv_lora_rank + arch.qk_rope_dim, arch.kv_lora_rank
        key_bytes, value_bytes = key_dim, 0  # the latent is key and value at once
    queries = p.tokens * arch.n_heads
    keys, values = p.batch * seen * key_bytes, p.batch * seen * value_bytes
    scores = p.batch * arch.n_heads * pairs * (0 if p.fused_attention else 1)
    yield product("scores", Matmul(p.sequence, key_dim, pairs / p.sequence, p.batch * arch.n_heads),
                  queries * key_dim + keys, scores, p, layer, repeats)  # fmt: skip
    flop = FLOP_PER_ELEMENT["softmax"] * p.batch * arch.n_heads * pairs
    sinks = arch.n_heads if arch.attention_sinks and layer != "cross-attention" else 0
    moved = scores * p.activation
    yield Operation("softmax", layer, "elementwise", repeats, sinks, sinks, flop, flop, moved, moved, 2 * moved, moved,
                    "tensor")  # fmt: skip
    yield product("weighted values", Matmul(p.sequence, pairs / p.sequence, value_dim, p.batch * arch.n_heads),
                  scores + values, queries * value_dim, p, layer, repeats)  # fmt: skip


def _pairs(arch: Architecture, p: Pass, window: int) -> Any:
    """Pairs of a query and a key of one sequence that attention computes."""
    if not p.causal:
        return p.sequence * _seen(p, window)
    if not window:
        return p.sequence * (p.context - (p.sequence - 1) / 2)
    before = _seen_chunked if arch.window == "chunked" else _seen_sliding
    return before(p.context, window) - before(p.context - p.sequence, window)


def _seen(p: Pass, window: int) -> Any:
    """Key positions that lie in reach of a query at the end of the context."""
    return np.minimum(p.context, window) if window else p.context


def _seen_sliding(length: Any, window: int) -> Any:
    """Pairs of the first `length` queries, each with the `window` positions up to its own."""
    short = np.minimum(length, window)
    return short * (short + 1) / 2 + (length - short) * window


def _seen_chunked(length: Any, chunk: int) -> Any:
    """Pairs of the first `length` queries, each with the positions of its chunk up to its own."""
    rest = length % chunk
    return length // chunk * (chunk * (chunk + 1) / 2) + rest * (rest + 1) / 2
