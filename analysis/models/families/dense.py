"""Further dense decoders of Llama's kind, each with what sets it apart."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import ALL, FULL, LAYER_NORM, QKV, SLIDING, attention, decoder, dense, latent, windows
from analysis.models.families.classic import plain
from analysis.models.families.fields import Fields
from analysis.models.families.llama import llama, qwen_windows, windowed
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.operation import Norm
from analysis.models.residuals import Matrices


def ungated(f: Fields, *, bias: bool = False, norm: Norm | None = None, **changes: Any) -> Architecture:
    """Layers whose MLP has no gate."""
    extras = changes.pop("extras", ())
    layer = Layer(attention(f, **changes), Dense(f.whole("intermediate_size"), gated=False, bias=bias), extras=extras)
    return decoder(f, lambda index: layer, **({"norm": norm} if norm else {}))


def apertus(f: Fields) -> Architecture:
    return ungated(f, bias=False, qk_norm="head", extras=(("activation slopes", 2),))


def arcee(f: Fields) -> Architecture:
    return ungated(f, bias=f.flag("mlp_bias"))


def jais2(f: Fields) -> Architecture:
    return ungated(f, bias=f.flag("mlp_bias"), norm=LAYER_NORM)


def nemotron(f: Fields) -> Architecture:
    return ungated(f, bias=f.flag("mlp_bias"), norm=LAYER_NORM)


def nanochat(f: Fields) -> Architecture:
    """Norms without parameters, of queries and keys too."""
    return ungated(f, norm=Norm(weight=False), qk_norm="head", qk_norm_vectors=0)


def persimmon(f: Fields) -> Architecture:
    norms = {"qk_norm": "head", "qk_norm_vectors": 2} if f.flag("qk_layernorm") else {}
    return ungated(f, bias=True, norm=LAYER_NORM, kv_heads=f.heads, biases=ALL, **norms)


def starcoder2(f: Fields) -> Architecture:
    bias = f.flag("use_bias")
    window = f.optional("sliding_window") or 0
    return ungated(f, bias=bias, norm=LAYER_NORM, biases=ALL if bias else frozenset(), window=window)


def bitnet(f: Fields) -> Architecture:
    """Norms before the matrices out of attention and MLP."""
    mlp = dense(f, bias=False)
    norms = (("norm before the output", f.heads * f.head_dim), ("norm within the MLP", mlp.d_ff))
    layer = Layer(attention(f), mlp, extras=norms)
    return decoder(f, lambda index: layer)


def cwm(f: Fields) -> Architecture:
    seen = windows(f, lambda index: FULL if index % 4 == 0 else SLIDING)
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, biases=frozenset(), window=seen[index]), mlp))


def ernie(f: Fields) -> Architecture:
    bias = f.flag("use_bias")
    layer = Layer(attention(f, biases=ALL if bias else frozenset()), dense(f, bias=bias))
    return decoder(f, lambda index: layer)


def exaone4(f: Fields) -> Architecture:
    """Norms after attention and MLP; no positions in layers that see all."""
    every = f.value("sliding_window_pattern")
    every = len(every) if isinstance(every, str) else f.optional("sliding_window_pattern") or 0
    return windowed(f, every if f.optional("sliding_window") else 0, qk_norm="head", biases=frozenset())


def glm(f: Fields) -> Architecture:
    return llama(f, biases=QKV if f.flag("attention_bias") else frozenset())


def glm4(f: Fields) -> Architecture:
    return llama(f, norms=(2, 2), biases=QKV if f.flag("attention_bias") else frozenset())


def granite_swa(f: Fields) -> Architecture:
    return windowed(f, 0, sinks=True)


def hunyuan(f: Fields) -> Architecture:
    return llama(f, qk_norm="head")


def ministral(f: Fields) -> Architecture:
    seen = windows(f, lambda index: SLIDING)
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, biases=frozenset(), window=seen[index]), mlp))


def ministral3(f: Fields) -> Architecture:
    return llama(f, biases=frozenset(), window=f.optional("sliding_window") or 0)


def seed_oss(f: Fields) -> Architecture:
    output = frozenset({"output"} if f.flag("attention_out_bias") else ())
    return llama(f, biases=(QKV if f.flag("attention_bias") else frozenset()) | output)


def smollm3(f: Fields) -> Architecture:
    seen = qwen_windows(f) if f.flag("use_sliding_window") else [0] * f.n_layers
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index]), mlp))


def vaultgemma(f: Fields) -> Architecture:
    return windowed(f, 2)


def latent_dense(f: Fields) -> Architecture:
    """Latent attention and an MLP: MiniCPM 3, Youtu."""
    value = f.optional("v_head_dim", least=1) or f.divided("num_attention_heads", f.d_model, f.heads)
    layer = Layer(latent(f, value_dim=value), dense(f))
    return decoder(f, lambda index: layer)


def apertus1p5(f: Fields) -> Architecture:
    rows = f.optional("output_vocab_size", least=1) or f.vocab_size
    if rows != f.vocab_size:
        raise f.refuse("output_vocab_size", f"= {rows} (a head of fewer tokens than the embedding has) is not described")
    return apertus(f)


def hyperclovax(f: Fields) -> Architecture:
    return llama(f, norms=(2, 2) if f.flag("use_post_norm") else (1, 1))


def diffllama(f: Fields) -> Architecture:
    """Differential attention: the difference of two maps, weighted by four vectors of a head."""
    layer = Layer(attention(f), dense(f, bias=False), extras=(("weights of the difference", 4 * f.head_dim),))
    return decoder(f, lambda index: layer)


def doge(f: Fields) -> Architecture:
    """A mask that depends on the values; residuals weighted by number."""
    if f.flag("is_moe"):
        raise f.refuse("is_moe", "= true (experts of one number, found by products of keys) is not described")
    heads, bias = f.kv_heads, f.flag("attention_bias")
    mask = Matrices("mask of values", (("mask of values", heads * f.head_dim, heads),), bias)
    extras = (("residuals' weights", 2 * f.d_model + heads),)
    layer = Layer(attention(f, qk_norm="head"), dense(f), beside=(mask,), extras=extras)
    return decoder(f, lambda index: layer)


def gpt_neox_japanese(f: Fields) -> Architecture:
    """GPT-NeoX with one bias, of the last attention's output."""
    mixer, width = attention(f, kv_heads=f.heads, biases=frozenset()), f.whole("intermediate_multiple_size") * f.d_model
    last = replace(mixer, biases=frozenset({"output"}))
    mlp, end = Dense(width, gated=False), f.n_layers - 1
    return decoder(f, lambda index: Layer(last if index == end else mixer, mlp), norm=LAYER_NORM)


def bert_generation(f: Fields) -> Architecture:
    """BERT that generates."""
    return plain(
        f, f.whole("intermediate_size"), positions="learned", learned_positions=f.whole("max_position_embeddings"),
        embedding_norm=True, final_norm=False, unembedding_bias=True,
    )  # fmt: skip


def cpmant(f: Fields) -> Architecture:
    """CPM-Ant: prompts learned beside the vocabulary, kinds of segment, one table of distances for all layers."""
    segments = f.whole("segment_types")
    layer = Layer(attention(f, head_dim=f.whole("dim_head"), kv_heads=f.heads, rotary=0), Dense(f.whole("dim_ff")))
    tables = f.whole("position_bias_num_buckets") + segments * segments
    extras = (
        ("learned prompts", f.whole("prompt_types") * f.whole("prompt_length") * f.d_model),
        ("segments", segments * f.d_model), ("distances' biases", tables * f.heads),
    )  # fmt: skip
    return decoder(f, lambda index: layer, positions="relative-bias", tied_embeddings=False, extras=extras)


READERS = {
    "apertus": apertus,
    "apertus1p5_text": apertus1p5,
    "hyperclovax": hyperclovax,
    "diffllama": diffllama,
    "doge": doge,
    "gpt_neox_japanese": gpt_neox_japanese,
    "bert-generation": bert_generation,
    "cpmant": cpmant,
    "arcee": arcee,
    "bitnet": bitnet,
    "cwm": cwm,
    "ernie4_5": ernie,
    "exaone4": exaone4,
    "glm": glm,
    "glm4": glm4,
    "granite": llama,
    "granite_swa": granite_swa,
    "helium": glm,
    "hunyuan_v1_dense": hunyuan,
    "iquestcoder": llama,
    "jais2": jais2,
    "minicpm3": latent_dense,
    "ministral": ministral,
    "ministral3": ministral3,
    "nanochat": nanochat,
    "nemotron": nemotron,
    "persimmon": persimmon,
    "seed_oss": seed_oss,
    "smollm3": smollm3,
    "starcoder2": starcoder2,
    "vaultgemma": vaultgemma,
    "youtu": latent_dense,
}
