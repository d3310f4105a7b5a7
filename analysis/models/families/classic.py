"""The models before Llama: layer norms with biases, MLPs without a gate, learned or relative positions; encoders."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import ALL, LAYER_NORM, QKV, attention, decoder
from analysis.models.families.fields import Fields
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer, runs
from analysis.models.operation import Norm


def plain(f: Fields, d_ff: int, *, bias: bool = True, mixer: Any = None, **ends: Any) -> Architecture:
    """Equal layers of attention and an MLP without a gate, biases everywhere or nowhere."""
    biases = ALL if bias else frozenset()
    mixer = mixer or Attention(f.heads, f.heads, f.divided("num_attention_heads", f.d_model, f.heads), biases=biases)
    layer = Layer(mixer, Dense(d_ff, gated=False, bias=bias))
    return decoder(f, lambda index: layer, **{"norm": LAYER_NORM, **ends})


def gpt2(f: Fields) -> Architecture:
    d_ff = f.optional("n_inner", least=1) or 4 * f.d_model
    places = f.whole("n_positions", "max_position_embeddings")
    return plain(f, d_ff, positions="learned", learned_positions=places)


def bloom(f: Fields) -> Architecture:
    return plain(f, 4 * f.d_model, positions="alibi", embedding_norm=True, context_length=0)


def mpt(f: Fields) -> Architecture:
    inside = f.inside("attn_config")
    bias = not f.flag("no_bias", default=True)
    places = {"positions": "alibi"}
    mixer = Attention(f.heads, f.heads, f.divided("n_heads", f.d_model, f.heads), biases=ALL if bias else frozenset())
    if inside.flag("qk_ln"):
        raise f.refuse("attn_config.qk_ln", "= true is not described")
    # Transformers makes the MLP four times as wide whatever `expansion_ratio` says, which is 4 wherever MPT is published.
    return plain(
        f, 4 * f.d_model, bias=bias, mixer=mixer, norm=Norm("layernorm"),
        context_length=f.optional("max_seq_len") or 0, **places,
    )  # fmt: skip


def opt(f: Fields) -> Architecture:
    bias = f.flag("enable_bias", default=True)
    width = f.optional("word_embed_proj_dim", least=1) or f.d_model
    places = f.whole("max_position_embeddings")
    norm = Norm("layernorm", weight=f.flag("layer_norm_elementwise_affine", default=True), bias=True)
    norm = norm if norm.weight else Norm("layernorm", weight=False)
    final = f.flag("do_layer_norm_before", default=True) and not f.flag("_remove_final_layer_norm")
    return plain(
        f, f.whole("ffn_dim"), bias=bias, positions="learned", learned_positions=places + 2, norm=norm, final_norm=final,
        embedding_dim=0 if width == f.d_model else width,
    )  # fmt: skip


def gpt_neox(f: Fields) -> Architecture:
    mixer = attention(f, kv_heads=f.heads, biases=ALL if f.flag("attention_bias", default=True) else frozenset())
    layer = Layer(mixer, Dense(f.whole("intermediate_size"), gated=False, bias=True))
    return decoder(f, lambda index: layer, norm=LAYER_NORM)


def falcon(f: Fields) -> Architecture:
    new, parallel = f.flag("new_decoder_architecture"), f.flag("parallel_attn")
    grouped = f.optional("num_kv_heads", least=1) or f.heads
    kv_heads = grouped if new else 1 if f.flag("multi_query") else f.heads
    bias, alibi = f.flag("bias"), f.flag("alibi")
    head_dim = f.divided("num_attention_heads", f.d_model, f.heads)
    biases = ALL if bias else frozenset()
    mixer = Attention(f.heads, kv_heads, head_dim, biases=biases, rotary=0 if alibi else head_dim)
    given = f.optional("num_ln_in_parallel_attn", least=1)
    count = (2 if new else 1) if given is None else given
    norms = (1, 1) if not parallel or count == 2 else (1, 0)
    d_ff = f.optional("ffn_hidden_size", least=1) if f.has("ffn_hidden_size") else None
    layer = Layer(mixer, Dense(d_ff or 4 * f.d_model, gated=False, bias=bias), *norms)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, positions="alibi" if alibi else "rotary")


def stablelm(f: Fields) -> Architecture:
    biases = QKV if f.flag("use_qkv_bias") else frozenset()
    mixer = attention(f, biases=biases, qk_norm="heads" if f.flag("qk_layernorm") else "")
    layer = Layer(mixer, Dense(f.whole("intermediate_size")), 1, 0 if f.flag("use_parallel_residual") else 1)
    return decoder(f, lambda index: layer, norm=LAYER_NORM)


def phi(f: Fields) -> Architecture:
    mixer = attention(f, biases=ALL, qk_norm="head" if f.flag("qk_layernorm") else "", qk_norm_vectors=2)
    layer = Layer(mixer, Dense(f.whole("intermediate_size", "n_inner", default=4 * f.d_model), gated=False, bias=True), 1, 0)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, unembedding_bias=True)


def bert(f: Fields) -> Architecture:
    """BERT without a head, its pooler with it: what is published as its size."""
    return plain(
        f, f.whole("intermediate_size"), kind="encoder", positions="learned",
        learned_positions=f.whole("max_position_embeddings"), token_types=f.whole("type_vocab_size"),
        embedding_norm=True, final_norm=False, pooler=True, unembedding=False,
    )  # fmt: skip


def t5(f: Fields) -> Architecture:
    """An encoder and a decoder with a bias by distance; heads of `d_kv`."""
    gated = f.text("feed_forward_proj").startswith("gated")
    mixer = Attention(f.heads, f.heads, f.whole("d_kv"))
    mlp = Dense(f.whole("d_ff"), gated=gated)
    encoder = Layer(mixer, mlp)
    layer = Layer(mixer, mlp, cross_attention=mixer)
    count = f.optional("num_decoder_layers", least=1, most=10_000) or f.n_layers
    return decoder(
        f, [layer] * count, encoder_layers=runs([encoder] * f.n_layers),
        kind="encoder-decoder", tied_embeddings=True, positions="relative-bias",
        relative_buckets=f.whole("relative_attention_num_buckets"),
    )  # fmt: skip


READERS = {
    "gpt2": gpt2,
    "bloom": bloom,
    "mpt": mpt,
    "opt": opt,
    "gpt_neox": gpt_neox,
    "falcon": falcon,
    "stablelm": stablelm,
    "phi": phi,
    "bert": bert,
    "t5": t5,
}
