"""The models before Llama: layer norms with biases, MLPs without a gate, learned or relative positions; encoders."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import ALL, LAYER_NORM, QKV, attention, decoder
from analysis.models.families.fields import MOST_LAYERS, Fields
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
    n_inner = f.optional("n_inner", least=1) or 4 * f.d_model  # of the first files, which say null
    d_ff = n_inner if "n_inner" in f.given and not f.has("intermediate_size") else f.whole("intermediate_size")
    layer = Layer(mixer, Dense(d_ff, gated=False, bias=True), 1, 0)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, unembedding_bias=True)


def bert(f: Fields, **changes: Any) -> Architecture:
    """BERT without a head, its pooler with it: what is published as its size."""
    # What a kin of BERT says of its own is not looked up: its files need not have it.
    tables = {"learned_positions": ("max_position_embeddings", 1), "token_types": ("type_vocab_size", 0)}
    ends: dict[str, Any] = {name: f.whole(field, least=least) for name, (field, least) in tables.items() if name not in changes}
    ends |= {"kind": "encoder", "positions": "learned", "embedding_norm": True, "final_norm": False, "pooler": True,
             "unembedding": False}  # fmt: skip
    return plain(f, f.whole("intermediate_size"), **{**ends, **changes})


def gpt_bigcode(f: Fields) -> Architecture:
    """StarCoder: GPT-2 with one head of keys and values."""
    head_dim = f.divided("n_head", f.d_model, f.heads)
    mixer = Attention(f.heads, 1 if f.flag("multi_query") else f.heads, head_dim, biases=ALL)
    places = f.whole("n_positions")
    d_ff = f.optional("n_inner", least=1) or 4 * f.d_model
    return plain(f, d_ff, mixer=mixer, positions="learned", learned_positions=places)


def biogpt(f: Fields) -> Architecture:
    places = f.whole("max_position_embeddings") + 2
    return plain(f, f.whole("intermediate_size"), positions="learned", learned_positions=places)


def xglm(f: Fields) -> Architecture:
    return plain(f, f.whole("ffn_dim"), positions="sinusoidal")


def openai_gpt(f: Fields) -> Architecture:
    """The first GPT: norms after its parts, so none after the last layer."""
    return plain(f, 4 * f.d_model, positions="learned", learned_positions=f.whole("n_positions"), final_norm=False)


def ctrl(f: Fields) -> Architecture:
    return plain(f, f.whole("dff"), positions="sinusoidal", unembedding_bias=True)


def gptj(f: Fields) -> Architecture:
    """Attention without biases, beside an MLP behind the same norm."""
    head_dim = f.divided("n_head", f.d_model, f.heads)
    mixer = Attention(f.heads, f.heads, head_dim, rotary=f.optional("rotary_dim") or head_dim)
    layer = Layer(mixer, Dense(f.optional("n_inner", least=1) or 4 * f.d_model, gated=False, bias=True), 1, 0)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, unembedding_bias=True)


def gpt_neo(f: Fields) -> Architecture:
    """A window in every second layer; a bias on attention's output only."""
    kinds = f.items("attention_layers", kind=str, length=f.n_layers)
    if kinds is None:
        kinds = [part for pattern, times in _attention_types(f) for _ in range(times) for part in pattern]
    if len(kinds) != f.n_layers or set(kinds) - {"global", "local"}:
        raise f.refuse("attention_types", f"does not say global or local of each of {f.n_layers} layers")
    window, head_dim = f.whole("window_size"), f.divided("num_heads", f.d_model, f.heads)
    mixers = {
        kind: Attention(f.heads, f.heads, head_dim, window=window if kind == "local" else 0, biases=frozenset({"output"}))
        for kind in ("global", "local")
    }
    mlp = Dense(f.optional("intermediate_size", least=1) or 4 * f.d_model, gated=False, bias=True)
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp), norm=LAYER_NORM, positions="learned",
                   learned_positions=f.whole("max_position_embeddings"))  # fmt: skip


def _attention_types(f: Fields) -> list[tuple[list[str], int]]:
    """Return patterns of `attention_types`, each with how often it comes: [[["global", "local"], 12]]."""
    types = f.value("attention_types", default=[[["global", "local"], f.n_layers // 2]])
    plain_pairs = isinstance(types, list) and all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], list) and isinstance(pair[1], int) for pair in types
    )
    if not plain_pairs or any(not 0 <= times <= MOST_LAYERS for _, times in types):
        raise f.refuse("attention_types", f"= {types!r:.60} is not a list of patterns and numbers")
    return [(pattern, times) for pattern, times in types]


def t5(f: Fields) -> Architecture:
    """An encoder and a decoder with a bias by distance; heads of `d_kv`."""
    gated = f.text("feed_forward_proj").startswith("gated")
    mixer = Attention(f.heads, f.heads, f.whole("d_kv"))
    mlp = Dense(f.whole("d_ff"), gated=gated)
    encoder = Layer(mixer, mlp)
    layer = Layer(mixer, mlp, cross_attention=mixer)
    count = f.optional("num_decoder_layers", least=1, most=10_000) or f.n_layers
    if f.given.get("tie_word_embeddings") is False:
        apart = f"true, as the class of transformers has it; weights may hold a head of {f.vocab_size * f.d_model:,} besides"
        f.assume("tie_word_embeddings", apart)
    return decoder(
        f, [layer] * count, encoder_layers=runs([encoder] * f.n_layers),
        kind="encoder-decoder", tied_embeddings=True, positions="relative-bias",
        relative_buckets=f.whole("relative_attention_num_buckets"),
    )  # fmt: skip


def umt5(f: Fields) -> Architecture:
    """T5 with a bias by distance in every layer."""
    made = t5(f)
    buckets = ((("distances' biases", made.relative_buckets * made.n_heads)),)

    def with_buckets(layers: Any) -> Any:
        return tuple((replace(layer, extras=buckets), count) for layer, count in layers)

    return replace(made, relative_buckets=0, layers=with_buckets(made.layers), encoder_layers=with_buckets(made.encoder_layers))


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
    "gpt_bigcode": gpt_bigcode,
    "gptj": gptj,
    "biogpt": biogpt,
    "xglm": xglm,
    "openai-gpt": openai_gpt,
    "ctrl": ctrl,
    "codegen": gptj,
    "gpt_neo": gpt_neo,
    "mt5": t5,
    "umt5": umt5,
    "t5": t5,
}
