"""Models whose classes were never part of transformers: read as their published code makes them."""

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import ALL, LAYER_NORM, QKV, attention, decoder, dense, experts
from analysis.models.families.fields import Fields
from analysis.models.families.llama import llama, phi3
from analysis.models.families.mixtures import after_first, glm4_moe, mixture
from analysis.models.feed_forward import Dense, Experts
from analysis.models.layers import Layer
from analysis.models.operation import Norm


def internlm(f: Fields) -> Architecture:
    """InternLM: biases on all matrices of attention."""
    mixer = attention(f, biases=ALL if f.flag("bias", default=True) else frozenset())
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"))


def internlm2(f: Fields) -> Architecture:
    """InternLM 2: one matrix of queries, keys and values; no biases."""
    mixer = attention(f, biases=ALL if f.flag("bias") else frozenset())
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"))


def minicpm(f: Fields) -> Architecture:
    """MiniCPM: a Llama with scaled residuals, or with experts of `intermediate_size`."""
    mixer = attention(f, biases=ALL if f.flag("attention_bias") else frozenset())
    count = f.optional("num_experts") or 0
    mlp = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=0) if count else dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp))


def qwen(f: Fields) -> Architecture:
    """Qwen 1: biases on queries, keys and values; `intermediate_size` counts both matrices into the MLP."""
    heads, width = f.heads, f.optional("kv_channels", least=1) or f.head_dim
    mixer = attention(f, kv_heads=heads, head_dim=width, biases=QKV)
    mlp = Dense(f.whole("intermediate_size") // 2)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"),
                   context_length=f.optional("max_position_embeddings", "seq_length") or 0)  # fmt: skip


def chatglm(f: Fields) -> Architecture:
    """ChatGLM 2, 3 and GLM-4-9B: grouped queries with biases; the first ChatGLM, which names `inner_hidden_size`."""
    if f.has("inner_hidden_size"):
        return _first_chatglm(f)
    biases = ALL if f.flag("add_bias_linear") else QKV if f.flag("add_qkv_bias") else frozenset()
    groups = f.whole("multi_query_group_num") if f.flag("multi_query_attention") else f.heads
    width = f.optional("kv_channels", least=1) or f.head_dim
    mlp = Dense(f.whole("ffn_hidden_size"), bias=f.flag("add_bias_linear"))
    layer = Layer(attention(f, head_dim=width, kv_heads=groups, biases=biases, rotary=width // 2), mlp)
    norm = Norm() if f.flag("rmsnorm", default=True) else LAYER_NORM
    return decoder(
        f, lambda index: layer, norm=norm,
        tied_embeddings=f.flag("tie_word_embeddings"), final_norm=f.flag("post_layer_norm", default=True),
    )  # fmt: skip


def _first_chatglm(f: Fields) -> Architecture:
    mlp = Dense(f.whole("inner_hidden_size"), gated=False, bias=True)
    layer = Layer(attention(f, kv_heads=f.heads, biases=ALL), mlp)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, context_length=f.optional("max_sequence_length") or 0)


def baichuan(f: Fields) -> Architecture:
    """Baichuan 1 and 2: a Llama with one matrix of queries, keys and values; the 13B models have no rotary positions."""
    alibi = f.n_layers >= 40
    layer = Layer(attention(f, kv_heads=f.heads, biases=frozenset(), **({"rotary": 0} if alibi else {})), dense(f, bias=False))
    return decoder(
        f, lambda index: layer, positions="alibi" if alibi else "rotary", tied_embeddings=f.flag("tie_word_embeddings"),
        context_length=f.optional("max_position_embeddings", "model_max_length") or 0,
    )  # fmt: skip


def orion(f: Fields) -> Architecture:
    """Orion: a Llama with layer norms."""
    layer = Layer(attention(f, biases=ALL if f.flag("attention_bias") else frozenset()), dense(f, bias=False))
    return decoder(f, lambda index: layer, norm=LAYER_NORM, tied_embeddings=f.flag("tie_word_embeddings"))


def exaone(f: Fields) -> Architecture:
    """EXAONE 3: a Llama by other names."""
    return llama(f)


def deepseek(f: Fields, first: int = 0) -> Architecture:
    """The first DeepSeek and DeepSeekMoE: a Llama, with experts after the first layers where it has any."""
    mixer = attention(f)
    if f.optional("n_routed_experts") is None:
        mlp = dense(f, bias=False)
        return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"))
    every = f.whole("moe_layer_freq", default=1)
    is_expert = after_first(f, first)
    part = mixture(f, lambda index: is_expert(index) and index % every == 0, dense_bias=False)
    return decoder(f, lambda index: Layer(mixer, part(index)), tied_embeddings=f.flag("tie_word_embeddings"))


def phi3_v(f: Fields) -> Architecture:
    """Phi 3 vision: Phi 3 and a tower, which the file describes elsewhere."""
    f.uncounted.append("vision tower")
    return phi3(f)


def hunyuan(f: Fields) -> Architecture:
    """Hunyuan-Large: experts in every layer; of `cla_share_factor` layers the later ones read the first one's cache."""
    d_ff, sharing = f.whole("intermediate_size"), f.whole("cla_share_factor", default=1) if f.flag("use_cla") else 1
    biases = ALL if f.flag("attention_bias") else frozenset()
    norm = "head" if f.flag("use_qk_norm") else ""
    mixers = [attention(f, biases=biases, qk_norm=norm, reads_cache_of_another=reads) for reads in (False, True)]
    mlp: Dense | Experts = dense(f, bias=False)
    if (f.optional("num_experts") or 1) > 1:
        mlp = experts(f, d_ff=d_ff, per_token=f.whole("moe_topk"), shared_d_ff=(f.optional("num_shared_expert") or 0) * d_ff)
    return decoder(
        f, lambda index: Layer(mixers[index % sharing > 0], mlp), tied_embeddings=f.flag("tie_word_embeddings", default=True)
    )


def bailing_moe(f: Fields) -> Architecture:
    """Ling Lite and Plus: grouped-query attention and experts, shared ones beside them."""
    mixer = attention(f, biases=QKV if f.flag("use_qkv_bias") else frozenset())
    mlp = mixture(f, after_first(f, 0), dense_bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp(index)), tied_embeddings=f.flag("tie_word_embeddings"))


def phi3small(f: Fields) -> Architecture:
    """Phi 3 small: layer norms and biases; every second layer attends to few blocks, which are cached as all are."""
    mixer = attention(f, biases=ALL)
    mlp = Dense(f.whole("ff_intermediate_size"), bias=True)
    if f.whole("dense_attention_every_n_layers") > 1:
        f.uncounted.append("attention to few blocks (its work is counted as that of full attention)")
    tied = f.flag("tie_word_embeddings", default=True)
    return decoder(f, lambda index: Layer(mixer, mlp), norm=LAYER_NORM, tied_embeddings=tied)


READERS = {
    "internlm": internlm,
    "internlm2": internlm2,
    "minicpm": minicpm,
    "qwen": qwen,
    "chatglm": chatglm,
    "baichuan": baichuan,
    "orion": orion,
    "exaone": exaone,
    "deepseek": deepseek,
    "phi3_v": phi3_v,
    "phi3small": phi3small,
    "hunyuan": hunyuan,
    "bailing_moe": bailing_moe,
    "bailing_moe_v2": glm4_moe,
}
