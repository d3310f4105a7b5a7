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
    rotated = f.items("no_rope_layers", kind=int) or []
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


def mimo_v2_flash(f: Fields) -> Architecture:
    """Windowed layers have twice the key-value heads, and sinks; values are narrower than keys."""
    pattern = f.items("hybrid_layer_pattern", kind=int, length=f.n_layers)
    kinds = f.kinds("layer_types", known=(FULL, SLIDING))
    if kinds is None:
        kinds = [FULL if index == 0 or (index + 1) % 6 == 0 else SLIDING for index in range(f.n_layers)]
        if pattern is not None:
            kinds = [SLIDING if windowed else FULL for windowed in pattern]
    window = f.optional("sliding_window", "sliding_window_size", least=1) or 0
    sizes = {"value_dim": f.whole("v_head_dim"), "biases": QKV if f.flag("attention_bias") else frozenset()}
    more = f.optional("swa_num_key_value_heads", least=1) or 2 * f.kv_heads
    mixers = {FULL: attention(f, **sizes), SLIDING: attention(f, window=window, kv_heads=more, sinks=True, **sizes)}
    every = f.items("moe_layer_freq", kind=int, length=f.n_layers)
    is_expert = after_first(f, 1)
    if every is not None and not f.has("mlp_layer_types"):
        is_expert = lambda index: bool(every[min(index, len(every) - 1)])  # noqa: E731
    mlp = mixture(f, is_expert, correction=True, shared_d_ff=0)
    # Files don't say that published weights have three windowed layers with an MLP that predict further tokens.
    count = f.optional("num_nextn_predict_layers")
    count = f.assume("num_nextn_predict_layers", 3) if count is None else count
    ends = prediction_layers(f, count, Layer(mixers[SLIDING], dense(f, bias=False)))
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp(index)), **ends)


def step3p5(f: Fields) -> Architecture:
    """Step 3.5 and 3.7: a gate a head, and another number of heads in windowed layers."""
    kinds = f.items("layer_types", kind=str) or [FULL] * f.n_layers
    if len(kinds) < f.n_layers or set(kinds) - {FULL, SLIDING}:
        raise f.refuse("layer_types", f"does not say {FULL} or {SLIDING} of each of {f.n_layers} layers")
    other = f.inside("attention_other_setting").optional("num_attention_heads", least=1)
    heads = f.optional("num_sliding_attention_heads", least=1) or other or f.heads
    kv_heads = f.optional("num_attention_groups", "num_key_value_heads", least=1) or f.heads
    common = {"qk_norm": "head", "gate": "head", "biases": frozenset(), "kv_heads": kv_heads}
    mixers = {FULL: attention(f, **common), SLIDING: attention(f, heads=heads, window=f.whole("sliding_window"), **common)}
    d_ff = f.whole("moe_intermediate_size")
    routed = experts(f, d_ff=d_ff, per_token=f.whole("num_experts_per_tok", "moe_top_k"), correction=True,
                     shared_d_ff=f.whole("share_expert_dim", "share_expert_dims"))  # fmt: skip
    types = f.items("mlp_layer_types", kind=str)
    listed = f.text("moe_layers_enum")
    sparse = {int(item) for item in listed.split(",") if item.strip().isdigit()} if listed else set(range(3, f.n_layers))
    mlp = dense(f, bias=False)

    def layer(index: int) -> Layer:
        is_expert = types[index] == "sparse" if types and index < len(types) else index in sparse
        return Layer(mixers[kinds[index]], routed if is_expert else mlp)

    count = f.optional("num_nextn_predict_layers", "num_mtp_layers") or 0
    ahead = kinds[f.n_layers :] or f.items("mtp_layer_types", kind=str) or [FULL] * count
    ends: dict[str, Any] = {}
    if count:
        if len(ahead) < count or set(ahead) - set(mixers):
            raise f.refuse("mtp_layer_types", f"does not say {FULL} or {SLIDING} of each of {count} layers")
        predicting = tuple((Layer(mixers[kind], mlp), 1) for kind in ahead[:count])
        ends = {"mtp_layers": predicting, "mtp_extra": count * (2 * f.d_model**2 + 3 * f.d_model)}
    return decoder(f, layer, tied_embeddings=f.flag("tie_word_embeddings"), **ends)


READERS = {
    "mimo_v2_flash": mimo_v2_flash,
    "step3p5": step3p5,
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
