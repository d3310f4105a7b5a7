"""Further mixtures of experts: layers of unequal attention, shared experts of another width, empty experts."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import (
    FULL,
    QKV,
    SLIDING,
    attention,
    decoder,
    dense,
    experts,
    indexer,
    latent,
    prediction_layers,
    windows,
)
from analysis.models.families.deepseek import deepseek
from analysis.models.families.fields import Fields
from analysis.models.families.mixtures import after_first, glm4_moe, mixture
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.operation import Norm
from analysis.models.recurrent import LightningAttention
from analysis.models.residuals import Matrices

LINEAR = "linear_attention"


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


def step3(f: Fields) -> Architecture:
    """Step 3: queries from a latent, one head of keys and values, a shared expert; some layers are dense."""
    mixer = attention(f, kv_heads=f.whole("num_attention_groups"), query_rank=f.whole("share_q_dim"), biases=frozenset())
    routed = experts(f, d_ff=f.whole("moe_intermediate_size"), n_experts=f.whole("moe_num_experts"),
                     per_token=f.whole("moe_top_k"), shared_d_ff=f.whole("share_expert_dim"))  # fmt: skip
    sparse = f.items("moe_layers_enum", kind=int) or []
    mlp = dense(f, bias=False)
    return decoder(
        f, lambda index: Layer(mixer, routed if index in sparse else mlp), tied_embeddings=f.flag("tie_word_embeddings"),
        context_length=f.optional("max_position_embedding", "max_seq_len") or 0,
    )  # fmt: skip


def equal(f: Fields, mlp: Any, **changes: Any) -> Architecture:
    """Equal layers of attention and experts; `changes` are of the attention."""
    layer = Layer(attention(f, **changes), mlp)
    return decoder(f, lambda index: layer)


def olmoe(f: Fields) -> Architecture:
    return equal(f, experts(f, d_ff=f.whole("intermediate_size")), qk_norm="width")


def granitemoe(f: Fields) -> Architecture:
    shared = f.optional("shared_intermediate_size") or 0
    return equal(f, experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=shared))


def granitemoe_swa(f: Fields) -> Architecture:
    seen = windows(f)
    mlp = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=f.optional("shared_intermediate_size") or 0)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], sinks=True), mlp))


def hunyuan_moe(f: Fields) -> Architecture:
    d_ff = f.whole("intermediate_size")
    per_token = f.value("moe_topk")
    per_token = per_token[0] if isinstance(per_token, list) and per_token else per_token
    mlp = experts(f, d_ff=d_ff, shared_d_ff=d_ff, per_token=f.whole_number("moe_topk", per_token, 1))
    return equal(f, mlp, qk_norm="head")


def minimax(f: Fields) -> Architecture:
    """MiniMax-01: lightning attention in most layers."""
    kinds = f.kinds("layer_types", known=(LINEAR, FULL))
    listed = f.items("attn_type_list", kind=int, length=f.n_layers)  # of published files: 0 is linear
    linear = [not number for number in listed or ()] or [index % 2 == 1 for index in range(f.n_layers)]
    linear = [kind == LINEAR for kind in kinds] if kinds else linear
    window = f.optional("sliding_window") or 0
    mixers = {True: LightningAttention(f.heads, f.head_dim, f.whole("block_size")),
              False: attention(f, biases=frozenset(), window=window)}  # fmt: skip
    mlp = experts(f, d_ff=f.whole("intermediate_size"))
    return decoder(f, lambda index: Layer(mixers[linear[index]], mlp))


def exaone_moe(f: Fields) -> Architecture:
    every = f.value("sliding_window_pattern")
    every = len(every) if isinstance(every, str) else f.optional("sliding_window_pattern") or 0
    every = every if f.optional("sliding_window") else 0
    seen = windows(f, (lambda index: FULL if (index + 1) % every == 0 else SLIDING) if every else None)
    mlp = mixture(f, after_first(f, 1), correction=True)
    return decoder(f, lambda index: Layer(attention(f, biases=frozenset(), window=seen[index], qk_norm="head"), mlp(index)))


def hy_v3(f: Fields) -> Architecture:
    mlp = mixture(f, after_first(f, 1), correction=True)
    mixer = attention(f, qk_norm="head")
    return decoder(f, lambda index: Layer(mixer, mlp(index)))


def solar_open(f: Fields) -> Architecture:
    return equal(f, experts(f, correction=True), biases=QKV if f.flag("attention_bias") else frozenset())


def afmoe(f: Fields) -> Architecture:
    """Trinity: an output gate of attention, norms before and after, positions in windowed layers only."""
    every = f.whole("global_attn_every_n_layers")
    seen = windows(f, lambda index: FULL if (index + 1) % every == 0 else SLIDING)
    first = f.whole("num_dense_layers", least=0)
    mlp = mixture(f, lambda index: index >= first, correction=True)

    def layer(index: int) -> Layer:
        return Layer(attention(f, window=seen[index], qk_norm="head", gate="full"), mlp(index), 2, 2)

    return decoder(f, layer)


def mistral4(f: Fields) -> Architecture:
    mlp = mixture(f, after_first(f))
    mixer = latent(f)
    return decoder(f, lambda index: Layer(mixer, mlp(index)))


def longcat_flash(f: Fields) -> Architecture:
    """Two layers of attention and MLP a block; experts, empty ones among them, stand beside the first one's MLP."""
    mixer, d_ff = latent(f), f.whole("ffn_hidden_size")
    routed = experts(
        f, d_ff=f.whole("expert_ffn_hidden_size"), per_token=f.whole("moe_topk"), shared_d_ff=d_ff, correction=True,
        zero_experts=f.optional("zero_expert_num") or 0,
    )  # fmt: skip
    blocks = f.whole("num_layers", "num_hidden_layers", most=10_000)
    return decoder(f, [Layer(mixer, routed), Layer(mixer, Dense(d_ff))] * blocks)


def mellum(f: Fields) -> Architecture:
    seen = windows(f)
    kinds = f.kinds("mlp_layer_types", known=("dense", "sparse")) or ["sparse"] * f.n_layers
    mlp = mixture(f, lambda index: kinds[min(index, len(kinds) - 1)] == "sparse", shared_d_ff=0)
    window = f.optional("sliding_window") or 0
    ahead = Layer(attention(f, qk_norm="head", window=window), experts(f, shared_d_ff=0))
    ends = prediction_layers(f, f.optional("num_mtp_layers", "num_nextn_predict_layers") or 0, ahead)
    return decoder(f, lambda index: Layer(attention(f, qk_norm="head", window=seen[index]), mlp(index)), **ends)


def laguna(f: Fields) -> Architecture:
    """A gate a head, and numbers of heads that differ by layer."""
    seen = windows(f)
    heads = f.items("num_attention_heads_per_layer", kind=int, length=f.n_layers) or [f.heads] * f.n_layers
    mlp = mixture(f, after_first(f, 1), correction=True, shared_d_ff=f.whole("shared_expert_intermediate_size"))

    def layer(index: int) -> Layer:
        mixer = attention(f, heads=heads[index], qk_norm="head", gate="head", window=seen[index])
        return Layer(mixer, mlp(index))

    return decoder(f, layer)


def axk1(f: Fields) -> Architecture:
    """Latent attention, and a norm after experts."""
    is_expert = after_first(f, 1)
    mixer, mlp = latent(f), mixture(f, is_expert, correction=True)
    return decoder(f, lambda index: Layer(mixer, mlp(index), 1, 2 if is_expert(index) else 1))


def dbrx(f: Fields) -> Architecture:
    """Sizes of attention and experts in objects of their own; norms without a bias."""
    heads, inside = f.inside("attn_config"), f.inside("ffn_config")
    mixer = attention(f, kv_heads=heads.whole("kv_n_heads"), biases=frozenset())
    mlp = experts(
        inside, n_experts=inside.whole("moe_num_experts"), per_token=inside.whole("moe_top_k"),
        d_ff=inside.whole("ffn_hidden_size"), shared_d_ff=0,
    )  # fmt: skip
    layer = Layer(mixer, mlp)
    return decoder(f, lambda index: layer, norm=Norm("layernorm"), tied_embeddings=f.flag("tie_word_embeddings"),
                   context_length=f.optional("max_seq_len") or 0)  # fmt: skip


def cohere2_moe(f: Fields) -> Architecture:
    """Attention beside experts, behind one norm; MLPs of another width in the first layers."""
    every = f.whole("sliding_window_pattern")
    kinds = f.kinds("mlp_layer_types", known=("dense", "sparse")) or ["sparse"] * f.n_layers
    seen = windows(f, lambda index: FULL if (index + 1) % every == 0 else SLIDING)
    d_ff = f.whole("intermediate_size")
    routed = experts(f, d_ff=d_ff, shared_d_ff=d_ff * (f.optional("num_shared_experts") or 0))

    def layer(index: int) -> Layer:
        mlp = routed if kinds[index] == "sparse" else Dense(f.whole("prefix_dense_intermediate_size"))
        return Layer(attention(f, window=seen[index]), mlp, 1, 0)

    return decoder(f, layer, norm=Norm("layernorm"))


def aria(f: Fields) -> Architecture:
    d_ff = f.whole("intermediate_size")
    shared = (f.optional("moe_num_shared_experts") or 0) * d_ff
    mlp = experts(f, d_ff=d_ff, per_token=f.whole("moe_topk"), shared_d_ff=shared, shared_bias=f.flag("mlp_bias"))
    return equal(f, mlp)


def beam(f: Fields) -> Architecture:
    """An output gate of attention with a bias a head, norms before and after."""
    seen = windows(f, lambda index: SLIDING if (index + 1) % 6 and index < f.n_layers - 1 else FULL)
    mlp = mixture(f, after_first(f, 3), correction=True, shared_d_ff=0, dense_bias=False)
    extras = (("gates' biases", f.heads),)

    def layer(index: int) -> Layer:
        return Layer(attention(f, window=seen[index], qk_norm="head", gate="full"), mlp(index), 2, 2, extras=extras)

    return decoder(f, layer)


def flint(f: Fields) -> Architecture:
    """Sinks, a window in three of four layers, MLPs in the first two."""
    last = f.n_layers - 1
    seen = windows(f, lambda index: FULL if index < 2 or index % 4 == 1 or index == last else SLIDING)
    without = f.items("mlp_only_layers", kind=int)
    without = [0, 1] if without is None else without
    step = f.whole("decoder_sparse_step", default=1)
    mlp = mixture(
        f, lambda index: index not in without and (index + 1) % step == 0, dense_bias=False,
        shared_d_ff=f.whole("shared_expert_intermediate_size"),
    )  # fmt: skip
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], qk_norm="head", sinks=True), mlp(index)))


def kolibri1(f: Fields) -> Architecture:
    """Norms before and after; a window in four of five layers."""
    seen = windows(f, lambda index: FULL if (index + 1) % 5 == 0 else SLIDING)
    mlp = experts(f, correction=True, shared_d_ff=f.whole("shared_expert_intermediate_size"))
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], qk_norm="head", biases=frozenset()), mlp, 2, 2))


def axk2(f: Fields) -> Architecture:
    """Latent attention that an indexer chooses for, with an output gate; norms with a gate of low rank before."""
    first, every = after_first(f, 1), f.optional("moe_layer_freq", least=1) or 1

    def is_expert(index: int) -> bool:
        return first(index) and index % every == 0

    mixer, rank, width = latent(f, indexer=indexer(f)), f.whole("gated_norm_rank"), f.d_model
    query, queries = f.whole("q_lora_rank"), f.heads * (f.whole("qk_nope_head_dim") + f.whole("qk_rope_head_dim"))
    # One matrix makes queries and gate of two latents of queries side by side; that of queries by one of them is counted.
    gate = ("output gate", query, queries + 2 * f.heads * f.whole("v_head_dim"))
    norm = (("norm's gate down", width, rank), ("norm's gate up", rank, width))
    mlp = mixture(f, is_expert, correction=True, dense_bias=False)

    def layer(index: int) -> Layer:
        matrices = (gate, *norm, *(norm if is_expert(index) else ()))
        return Layer(mixer, mlp(index), beside=(Matrices("gates", matrices),))

    return decoder(f, layer)


READERS = {
    "aria_text": aria,
    "beam": beam,
    "flint": flint,
    "kolibri1": kolibri1,
    "axk2": axk2,
    "cohere2_moe": cohere2_moe,
    "mellum": mellum,
    "laguna": laguna,
    "axk1": axk1,
    "dbrx": dbrx,
    "sarvam_mla": deepseek,
    "sarvam_moe": glm4_moe,
    "mimo_v2_flash": mimo_v2_flash,
    "step3p5": step3p5,
    "step3_text": step3,
    "olmoe": olmoe,
    "flex_olmo": olmoe,
    "granitemoe": granitemoe,
    "granitemoeshared": granitemoe,
    "granitemoe_swa": granitemoe_swa,
    "hunyuan_v1_moe": hunyuan_moe,
    "minimax": minimax,
    "exaone_moe": exaone_moe,
    "hy_v3": hy_v3,
    "solar_open": solar_open,
    "afmoe": afmoe,
    "mistral4": mistral4,
    "longcat_flash": longcat_flash,
}
