"""Mixtures of experts of late 2026 whose attention or routing is of their own kind."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import FULL, SLIDING, attention, decoder, dense, experts, indexer, latent, windows
from analysis.models.families.deepseek import indexer_kinds
from analysis.models.families.fields import Fields
from analysis.models.families.mixtures import after_first, mixture
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.residuals import Idle, Matrices

INDEXED, HYBRID, HYBRID_SLIDING = "indexed_attention", "hybrid", "hybrid_sliding"


def jetmoe(f: Fields) -> Architecture:
    """Experts of queries and output, too: a token's chosen ones share the keys and values of all."""
    kv_heads, chosen, count = f.whole("num_key_value_heads"), f.whole("num_experts_per_tok"), f.whole("num_local_experts")
    if chosen > count:
        raise f.refuse("num_experts_per_tok", f"= {chosen} is more than num_local_experts = {count}")
    width, head_dim = f.d_model, f.whole("kv_channels")
    mixer = Attention(kv_heads * chosen, kv_heads, head_dim, rotary=head_dim)
    beside: list[Any] = [Matrices("router of attention", (("router of attention", width, count),))]
    if count > chosen:
        beside.append(Idle("other experts of attention", (count - chosen) * 2 * width * kv_heads * head_dim))
    layer = Layer(mixer, experts(f, d_ff=f.whole("intermediate_size")), beside=tuple(beside),
                  extras=(("biases of experts' sums", 2 * width),))  # fmt: skip
    return decoder(f, lambda index: layer)


def mistral_large4(f: Fields) -> Architecture:
    """Sparse latent attention without positions in each fourth layer; scores scaled by learned numbers of each head."""
    rotated = f.items("no_rope_layers", kind=int, length=f.n_layers)
    every = f.optional("no_rope_layer_interval", least=1) or 4
    rotated = rotated or [int((index + 1) % every != 0) for index in range(f.n_layers)]
    sources = f.items("kv_source_layers", kind=int, length=f.n_layers) or list(range(f.n_layers))
    if sources != list(range(f.n_layers)):
        raise f.refuse("kv_source_layers", "(latents that several layers share) is not described")
    kinds, nope, rope = indexer_kinds(f), f.whole("qk_nope_head_dim"), f.whole("qk_rope_head_dim")
    mlp = mixture(f, after_first(f, 1), dense_bias=False)
    scales = 2 * f.heads

    def layer(index: int) -> Layer:
        has_indexer = kinds[index] != "shared"
        sizes = {} if rotated[index] else {"nope_dim": nope + rope, "rope_dim": 0}
        more = 2 * f.d_model + 2 * f.whole("index_n_heads") if has_indexer else 0
        mixer = latent(f, indexer=indexer(f, shared=not has_indexer), query_rank=0, **sizes)
        return Layer(mixer, mlp(index), extras=(("scales of scores", scales + more),))

    return decoder(f, layer, extras=(("scales of frequencies", rope // 2),))


def dots3_note(f: Fields) -> Architecture:
    """Latent attention of two sizes, that of a window and that which an indexer chooses for; a gate a head."""
    kinds = f.kinds("layer_types", known=(FULL, INDEXED, SLIDING))
    kinds = kinds or [INDEXED if index < 2 or index % 4 == 1 else SLIDING for index in range(f.n_layers)]
    nope, window = f.whole("swa_qk_nope_head_dim", default=192), f.whole("sliding_window", "sliding_window_size", default=512)
    narrow = {
        "heads": f.whole("swa_num_attention_heads", default=64), "query_rank": f.whole("swa_q_lora_rank", default=1024),
        "kv_rank": f.whole("swa_kv_lora_rank", default=1024), "nope_dim": nope,
        "rope_dim": f.whole("swa_qk_rope_head_dim", default=max(f.whole("swa_head_dim", default=256) - nope, 0), least=0),
        "value_dim": f.whole("swa_v_head_dim", default=128),
    }  # fmt: skip
    listed = f.inside("per_layer_config")  # as transformers writes what it read: what differs from the other layers
    narrow = {} if listed.given else narrow
    mixers = {FULL: latent(f, gate="head"), INDEXED: latent(f, gate="head", indexer=indexer(f)),
              SLIDING: latent(f, gate="head", window=window, **narrow)}  # fmt: skip
    names = {"heads": "num_attention_heads", "query_rank": "q_lora_rank", "kv_rank": "kv_lora_rank",
             "nope_dim": "qk_nope_head_dim", "rope_dim": "qk_rope_head_dim", "value_dim": "v_head_dim"}  # fmt: skip
    shared = f.whole("moe_shared_expert_intermediate_size", "shared_experts_intermediate_size")
    shared *= f.optional("n_shared_experts") or 0
    mlp = mixture(f, after_first(f, 1), correction=True, shared_d_ff=shared)

    def layer(index: int) -> Layer:
        fields = listed.inside(str(index))
        sizes: dict[str, Any] = {key: fields.whole(name) for key, name in names.items() if fields.has(name)}
        mixer = replace(mixers[kinds[index]], **sizes)
        return Layer(mixer, mlp(index), extras=(("norm of rotated keys", mixer.rope_dim),))

    return decoder(f, layer)


def muse_spark(f: Fields) -> Architecture:
    """Experts in a narrower width, normed on both sides; residuals with gates a number."""
    last = f.n_layers - 1
    seen = windows(f, lambda index: SLIDING if (last - index) % 4 else FULL)
    inner, width = f.whole("moe_hidden_size"), f.d_model
    kinds = f.kinds("mlp_layer_types", known=("dense", "sparse")) or ["sparse"] * f.n_layers
    routed = experts(f, latent=inner, correction=True, shared_d_ff=0)
    norms = {"qk_norm": "head", "qk_norm_vectors": 0, "gate": "full"}

    def layer(index: int) -> Layer:
        sparse = kinds[index] == "sparse"
        extras = (("residuals' gates", 2 * width), *((("norms of experts", 2 * inner),) if sparse else ()))
        mlp = routed if sparse else dense(f, bias=False)
        return Layer(attention(f, window=seen[index], **norms), mlp, 1, 2, extras=extras)

    return decoder(f, layer)


def zaya(f: Fields) -> Architecture:
    """Convolutions over queries and keys, a router of several layers that may skip experts, scaled residuals."""
    kinds = f.kinds("layer_types", known=(HYBRID, HYBRID_SLIDING)) or [HYBRID] * f.n_layers
    inner, width = f.whole("router_hidden_size"), f.d_model
    mlp = experts(f, zero_experts=1, shared_d_ff=0, router_width=inner)
    window = f.optional("sliding_window") or 0

    def layer(index: int) -> Layer:
        mixer = attention(f, window=window if kinds[index] == HYBRID_SLIDING else 0)
        channels = (mixer.heads + mixer.kv_heads) * mixer.key_dim
        kernels = channels * (f.whole("cca_time0") + f.whole("cca_time1") * mixer.key_dim + 2)
        extras = (("convolutions of queries and keys", kernels + mixer.kv_heads), ("residuals' scales", 8 * width))
        return Layer(mixer, mlp, extras=(*extras, ("router's memory", inner)) if index else extras)

    return decoder(f, layer, unembedding_bias=f.flag("lm_head_bias"), extras=(("scale and shift of embeddings", 2 * width),))


def inkling(f: Fields) -> Architecture:
    """Scores by relative position from each token's state, short convolutions of keys, values and both parts' outputs."""
    listed = f.items("local_layer_ids", kind=int)
    kinds = f.kinds("layer_types", known=(HYBRID, HYBRID_SLIDING))
    local = [index in listed for index in range(f.n_layers)] if listed is not None else [
        (index + 1) % 6 != 0 for index in range(f.n_layers)
    ]  # fmt: skip
    local = [kind == HYBRID_SLIDING for kind in kinds] if kinds else local
    types = f.kinds("mlp_layer_types", known=("dense", "sparse"))
    first = f.optional("dense_mlp_idx") or 0
    sparse = [kind == "sparse" for kind in types] if types else [index >= first for index in range(f.n_layers)]
    width, kernel, relative = f.d_model, f.whole("conv_kernel_size"), f.whole("d_rel")
    wide = f.optional("dense_intermediate_size", least=1) if f.has("dense_intermediate_size") else None
    d_ff = f.whole("intermediate_size") if wide else f.whole("moe_intermediate_size")
    shared = f.whole("n_shared_experts", least=0)
    routed = experts(f, d_ff=d_ff, shared_d_ff=shared * d_ff, correction=True)
    plain = Dense(wide or f.whole("intermediate_size"))
    swa = {"heads": f.whole("swa_num_attention_heads"), "kv_heads": f.whole("swa_num_key_value_heads"),
           "head_dim": f.whole("swa_head_dim"), "window": f.whole("sliding_window_size")}  # fmt: skip

    def layer(index: int) -> Layer:
        mixer = attention(f, qk_norm="head", rotary=0, biases=frozenset(), **(swa if local[index] else {}))
        extent = mixer.window if local[index] else f.whole("rel_extent")
        positions = Matrices("relative positions", (("relative states", width, mixer.heads * relative),))
        kernels = kernel * (mixer.kv_heads * (mixer.key_dim + mixer.value_dim) + 2 * width)
        router = shared * width if sparse[index] else 0
        extras = (("short convolutions", kernels), ("scores of relative positions", relative * extent),
                  ("router of shared experts and scale", router + 1))  # fmt: skip
        return Layer(mixer, routed if sparse[index] else plain, beside=(positions,), extras=extras)

    if f.optional("unpadded_vocab_size") not in (None, f.vocab_size):
        f.uncounted.append("the head's narrower vocabulary (its padding is counted)")
    return decoder(f, layer, embedding_norm=True, positions="relative-bias")


READERS: dict[str, Any] = {
    "jetmoe": jetmoe,
    "mistral_large4_text": mistral_large4,
    "dots3_note_text": dots3_note,
    "muse_spark_text": muse_spark,
    "zaya": zaya,
    "inkling_text": inkling,
}
