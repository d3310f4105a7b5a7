"""Dense models of Llama's kind: grouped-query attention, gated MLPs, RMS norms, rotary positions."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import (
    ALL,
    FULL,
    QKV,
    SLIDING,
    attention,
    decoder,
    dense,
    windows,
)
from analysis.models.families.fields import Fields
from analysis.models.layers import Layer
from analysis.models.operation import Norm


def llama(f: Fields, *, norms: tuple[int, int] = (1, 1), ends: dict[str, Any] | None = None, **changes: Any) -> Architecture:
    """Equal layers; `changes` are of the attention."""
    layer = Layer(attention(f, **changes), dense(f), *norms)
    return decoder(f, lambda index: layer, **(ends or {}))


def windowed(
    f: Fields, every: int = 0, *, norms: tuple[int, int] = (1, 1), ends: dict[str, Any] | None = None, **changes: Any
) -> Architecture:
    """Layers with a window, but for each `every`th where `layer_types` lists none (0: all see the whole context)."""
    seen = windows(f, (lambda index: FULL if (index + 1) % every == 0 else SLIDING) if every else None)
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], **changes), mlp, *norms), **(ends or {}))


def mistral(f: Fields) -> Architecture:
    return llama(f, biases=frozenset(), window=f.optional("sliding_window") or 0)


def qwen2(f: Fields, **changes: Any) -> Architecture:
    seen = qwen_windows(f)
    changes = {"biases": QKV, **changes}
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], **changes), mlp))


def qwen3(f: Fields) -> Architecture:
    return qwen2(f, biases=ALL if f.flag("attention_bias") else frozenset(), qk_norm="head")


def qwen_windows(f: Fields) -> list[int]:
    """Windows of Qwen: only where `use_sliding_window` says so, and after the first `max_window_layers`."""
    if not f.flag("use_sliding_window"):
        return [0] * f.n_layers
    first = f.whole("max_window_layers", least=0)
    return windows(f, lambda index: SLIDING if index >= first else FULL)


def gemma(f: Fields) -> Architecture:
    return llama(f)


def gemma2(f: Fields) -> Architecture:
    seen = windows(f, lambda index: FULL if index % 2 else SLIDING)
    mlp = dense(f)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index]), mlp, 2, 2))


def gemma3(f: Fields) -> Architecture:
    every = f.optional("sliding_window_pattern", "_sliding_window_pattern") or 6
    return windowed(f, every, norms=(2, 2), qk_norm="head")


def phi3(f: Fields) -> Architecture:
    return llama(f, biases=frozenset(), window=f.optional("sliding_window") or 0)


def cohere(f: Fields) -> Architecture:
    return llama(f, norms=(1, 0), ends={"norm": Norm("layernorm")}, qk_norm="heads" if f.flag("use_qk_norm") else "")


def cohere2(f: Fields) -> Architecture:
    every = f.optional("sliding_window_pattern", "_sliding_window_pattern") or 4
    return windowed(f, every, norms=(1, 0), ends={"norm": Norm("layernorm")})


def olmo(f: Fields) -> Architecture:
    return llama(f, ends={"norm": Norm("layernorm", weight=False)})


def olmo2(f: Fields) -> Architecture:
    return llama(f, qk_norm="width")


def olmo3(f: Fields) -> Architecture:
    return windowed(f, 4, qk_norm="width")


def internlm3(f: Fields) -> Architecture:
    whole, part = f.flag("attention_bias") or f.flag("bias"), f.flag("qkv_bias")
    mixer = attention(f, biases=ALL if whole else QKV if part else frozenset())
    mlp = dense(f, bias=f.flag("mlp_bias") or f.flag("bias"))
    return decoder(f, lambda index: Layer(mixer, mlp))


def cohere_compass(f: Fields) -> Architecture:
    return windowed(f, 0, norms=(1, 0), ends={"norm": Norm("layernorm")})


READERS = {
    "cohere_compass_text": cohere_compass,
    "llama": llama,
    "mistral": mistral,
    "qwen2": qwen2,
    "qwen2_vl_text": qwen2,
    "qwen2_5_vl_text": qwen2,
    "qwen3": qwen3,
    "qwen3_vl_text": qwen3,
    "gemma": gemma,
    "gemma2": gemma2,
    "gemma3_text": gemma3,
    "phi3": phi3,
    "cohere": cohere,
    "cohere2": cohere2,
    "olmo": olmo,
    "olmo2": olmo2,
    "olmo3": olmo3,
    "internlm3": internlm3,
}
