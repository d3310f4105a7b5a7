"""Mixtures of experts with grouped-query attention."""

from collections.abc import Callable
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import (
    ALL,
    CHUNKED,
    FULL,
    LAYER_NORM,
    QKV,
    SLIDING,
    attention,
    decoder,
    dense,
    experts,
    prediction_layers,
    windows,
)
from analysis.models.families.fields import Fields
from analysis.models.families.llama import qwen_windows
from analysis.models.feed_forward import Dense, Experts
from analysis.models.layers import Layer


def mixture(f: Fields, is_expert: Callable[[int], bool], **changes: Any) -> Callable[[int], Dense | Experts]:
    """Return the feed-forward part of each layer: experts where `is_expert`, else an MLP; both with `dense_bias`."""
    dense_bias = changes.pop("dense_bias", None)
    routed = experts(f, **changes)
    plain = (
        {}
        if all(is_expert(index) for index in range(f.n_layers))
        else {"mlp": dense(f) if dense_bias is None else dense(f, bias=dense_bias)}
    )
    return lambda index: routed if is_expert(index) else plain["mlp"]


def after_first(f: Fields, default: int = 0) -> Callable[[int], bool]:
    """Return whether a layer has experts: by `mlp_layer_types`, else all after the first `first_k_dense_replace`."""
    kinds = f.kinds("mlp_layer_types", known=("dense", "sparse"))
    if kinds:
        return lambda index: kinds[min(index, len(kinds) - 1)] == "sparse"
    first = f.whole("first_k_dense_replace", least=0, default=default)
    return lambda index: index >= first


def mixtral(f: Fields) -> Architecture:
    layer = Layer(attention(f, biases=frozenset(), window=f.optional("sliding_window") or 0), experts(f))
    return decoder(f, lambda index: layer)


def qwen_expert_layers(f: Fields) -> Callable[[int], bool]:
    """Return whether a layer has experts: each `decoder_sparse_step`th that `mlp_only_layers` does not name."""
    step = f.whole("decoder_sparse_step", default=1)
    without = set(f.items("mlp_only_layers", kind=int) or ())
    return lambda index: index not in without and (index + 1) % step == 0


def qwen2_moe(f: Fields) -> Architecture:
    seen = qwen_windows(f)
    shared = f.whole("shared_expert_intermediate_size")
    mlp = mixture(f, qwen_expert_layers(f), shared_d_ff=shared, shared_gate=True)
    biases = QKV if f.flag("qkv_bias", default=True) else frozenset()
    return decoder(f, lambda index: Layer(attention(f, biases=biases, window=seen[index]), mlp(index)))


def qwen3_moe(f: Fields) -> Architecture:
    mlp = mixture(f, qwen_expert_layers(f), shared_d_ff=0)
    window = (f.optional("sliding_window") or 0) if f.flag("use_sliding_window") else 0
    mixer = attention(f, qk_norm="head", window=window)
    return decoder(f, lambda index: Layer(mixer, mlp(index)))


def gpt_oss(f: Fields) -> Architecture:
    seen = windows(f, lambda index: FULL if index % 2 else SLIDING)
    mlp = experts(f, d_ff=f.whole("intermediate_size"), bias=True, router_bias=True)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], sinks=True), mlp))


def glm4_moe(f: Fields) -> Architecture:
    mlp = mixture(f, after_first(f), correction=True)
    biases = QKV if f.flag("attention_bias") else frozenset()
    mixer = attention(f, biases=biases, qk_norm="head" if f.flag("use_qk_norm") else "")
    ends = prediction_layers(f, f.optional("num_nextn_predict_layers") or 0, Layer(mixer, mlp(f.n_layers)))
    return decoder(f, lambda index: Layer(mixer, mlp(index)), **ends)


def llama4(f: Fields) -> Architecture:
    every = f.whole("interleave_moe_layer_step", default=1, least=0)
    given = f.items("moe_layers", kind=int)
    routed = set(given) if given is not None else {n for n in range(f.n_layers) if every and (n + 1) % every == 0}
    d_ff = f.whole("intermediate_size")
    both = experts(f, d_ff=d_ff, shared_d_ff=d_ff), dense(f, d_ff=f.whole("intermediate_size_mlp"), bias=False)
    rotated = f.items("no_rope_layers", kind=int, length=f.n_layers if f.given.get("no_rope_layers") else None) or []
    interval = f.whole("no_rope_layer_interval", default=4)
    if not rotated:
        rotated = [int((index + 1) % interval != 0) for index in range(f.n_layers)]
    seen = windows(f, lambda index: CHUNKED if rotated[index] else FULL)

    def layer(index: int) -> Layer:
        mixer = attention(f, window=seen[index], chunked=True, **({} if rotated[index] else {"rotary": 0}))
        return Layer(mixer, both[0] if index in routed else both[1])

    return decoder(f, layer)


def minimax_m2(f: Fields) -> Architecture:
    mixer = attention(f, biases=frozenset(), qk_norm="width" if f.flag("use_qk_norm", default=True) else "")
    layer = Layer(mixer, experts(f, d_ff=f.whole("intermediate_size"), correction=True, shared_d_ff=0))
    return decoder(f, lambda index: layer)


def phimoe(f: Fields) -> Architecture:
    layer = Layer(attention(f, window=0), experts(f))
    return decoder(f, lambda index: layer, norm=LAYER_NORM, unembedding_bias=f.flag("lm_head_bias"))


def ernie_moe(f: Fields) -> Architecture:
    first, last = f.whole("moe_layer_start_index", least=0), f.value("moe_layer_end_index")
    last = f.n_layers - 1 if last in (None, -1) else f.whole_number("moe_layer_end_index", last)
    every = f.whole("moe_layer_interval", default=1)
    shared = (f.optional("moe_num_shared_experts") or 0) * f.whole("moe_intermediate_size")
    bias = f.flag("use_bias")
    mlp = mixture(
        f, lambda index: (index + 1) % every == 0 and first <= index <= last,
        correction=True, shared_d_ff=shared, shared_bias=bias, dense_bias=bias,
    )  # fmt: skip
    mixer = attention(f, biases=ALL if bias else frozenset())
    ends: dict[str, Any] = {}
    if count := f.optional("num_nextn_predict_layers") or 0:
        ahead = Layer(mixer, dense(f, bias=bias))
        ends = {"mtp_layers": ((ahead, count),), "mtp_extra": count * (2 * f.d_model**2 + 2 * f.d_model)}
    return decoder(f, lambda index: Layer(mixer, mlp(index)), unembedding_bias=bias, **ends)


def dots1(f: Fields) -> Architecture:
    seen = windows(f)
    mlp = mixture(f, after_first(f), correction=True)
    return decoder(f, lambda index: Layer(attention(f, qk_norm="head", window=seen[index]), mlp(index)))


READERS = {
    "mixtral": mixtral,
    "qwen2_moe": qwen2_moe,
    "qwen3_moe": qwen3_moe,
    "qwen3_vl_moe_text": qwen3_moe,
    "gpt_oss": gpt_oss,
    "glm4_moe": glm4_moe,
    "glm4v_moe_text": glm4_moe,
    "llama4_text": llama4,
    "minimax_m2": minimax_m2,
    "phimoe": phimoe,
    "ernie4_5_moe": ernie_moe,
    "dots1": dots1,
}
