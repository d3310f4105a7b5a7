"""Further dense decoders of Llama's kind, each with what sets it apart."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import ALL, FULL, LAYER_NORM, QKV, SLIDING, attention, decoder, dense, latent, windows
from analysis.models.families.fields import Fields
from analysis.models.families.llama import llama, qwen_windows, windowed
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.operation import Norm


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


READERS = {
    "apertus": apertus,
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
