"""What reads pictures before a language model: its parameters, by the type of its `vision_config`.

Each reader gets the fields of `vision_config` and those of the whole, and returns the tower's parameters with those of the
projector into the text model's width. Sizes are transformers' (names of fields, defaults, which matrices have a bias).
"""

from collections.abc import Callable, Mapping
from typing import Any

from analysis.models.families.fields import Fields

VISION, AUDIO = "vision tower", "audio tower"


def counted(config: Mapping[str, Any], kind: str, fields: Fields, defaults: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the parameters of the tower of `config`, of the outer model type `kind`; what is not counted is noted in `fields`.

    A text model's file without a `vision_config` has none, but for types whose one class always has it.
    """
    given = config.get("vision_config")
    if isinstance(config.get("audio_config"), dict):
        fields.uncounted.append(AUDIO)
    if given is None and kind not in ALWAYS:
        return ()
    if given is not None and not isinstance(given, dict):
        raise fields.refuse("vision_config", f"= {given!r:.60} is not an object")
    tower = _kind(kind, given or {})
    if tower not in READERS:
        fields.uncounted.append(VISION)
        return ()
    if given is None:
        fields.assume("vision_config", f"that of {kind} by default")
    vision = Fields(f"{fields.name}: vision_config", given or {}, defaults.get(tower, {}))
    whole = Fields(fields.name, config, {})
    return ((VISION, READERS[tower](vision, whole, fields.d_model)),)


def _kind(kind: str, given: Mapping[str, Any]) -> str:
    """Return the type of the tower: by the whole's, or, where that takes several, by what the tower's says."""
    if kind in ANY:
        named = given.get("model_type", ANY[kind])
        return named if isinstance(named, str) else ""
    return OF.get(kind, "")


def _linear(inputs: int, outputs: int, bias: bool = True) -> int:
    return inputs * outputs + bias * outputs


def _layers(width: int, d_ff: int, *, bias: bool = True, norms: int = 4, extra: int = 0) -> int:
    """Return a layer's parameters: four square matrices, an MLP of two, and vectors of the width in `norms`."""
    return 4 * _linear(width, width, bias) + _linear(width, d_ff, bias) + _linear(d_ff, width, bias) + norms * width + extra


def _patches(v: Fields, *, bias: bool, frames: int = 1) -> int:
    """Return the parameters of the product that a patch of a picture, or of a few frames, is embedded by."""
    side, channels = v.whole("patch_size", most=10_000), v.whole("num_channels", "in_channels", default=3, most=10_000)
    return _linear(channels * frames * side * side, v.whole("hidden_size", "vt_hidden_size"), bias)


def _grid(v: Fields) -> int:
    """Return the number of patches of a picture."""
    return (v.whole("image_size", most=100_000) // v.whole("patch_size", most=10_000)) ** 2


def _sizes(v: Fields) -> tuple[int, int, int]:
    return v.whole("hidden_size"), v.whole("intermediate_size"), v.whole("num_hidden_layers", "depth", most=10_000)


def clip(v: Fields, whole: Fields, text: int) -> int:
    """CLIP, with LLaVA's projector of two layers."""
    width, d_ff, depth = _sizes(v)
    ends = width + _patches(v, bias=False) + (_grid(v) + 1) * width + 4 * width
    return ends + depth * _layers(width, d_ff) + _llava_projector(width, whole, text)


def siglip(v: Fields, whole: Fields, text: int) -> int:
    """SigLIP, with or without its pooling head, before Gemma 3's projector or LLaVA's."""
    width, d_ff, depth = _sizes(v)
    ends = _patches(v, bias=True) + _grid(v) * width + 2 * width
    if v.flag("vision_use_head", default=True):
        ends += width + _layers(width, d_ff, norms=2)
    gemma = whole.text("model_type") == "gemma3"
    projector = width * text + width if gemma else _llava_projector(width, whole, text)
    return ends + depth * _layers(width, d_ff) + projector


def _llava_projector(width: int, whole: Fields, text: int) -> int:
    bias = whole.flag("multimodal_projector_bias", default=True)
    return _linear(width * _features(whole), text, bias) + _linear(text, text, bias)


def _features(whole: Fields) -> int:
    """Return of how many layers the projector sees the output."""
    chosen = whole.value("vision_feature_layer")
    return len(chosen) if isinstance(chosen, list) and chosen else 1


def pixtral(v: Fields, whole: Fields, text: int) -> int:
    """Pixtral's tower and Mistral 3's projector, which merges patches."""
    width, d_ff, depth = _sizes(v)
    merge = whole.whole("spatial_merge_size", default=2, most=1000)
    bias = whole.flag("multimodal_projector_bias")
    projector = width + merge**2 * width * width + _linear(width * _features(whole), text, bias) + _linear(text, text, bias)
    layer = 4 * width * width + 3 * width * d_ff + 2 * width
    return _patches(v, bias=False) + width + depth * layer + projector


def qwen(v: Fields, whole: Fields, text: int) -> int:
    """Qwen3-VL, whose further mergers feed early layers, and Qwen3.5, which has none."""
    width, d_ff, depth = _sizes(v)
    merged = v.whole("spatial_merge_size", most=1000) ** 2 * width
    merger = _linear(merged, merged) + _linear(merged, v.whole("out_hidden_size"))
    deep = len(v.items("deepstack_visual_indexes", kind=int) or []) if "deepstack_visual_indexes" in v.defaults else 0
    ends = _patches(v, bias=True, frames=_frames(v)) + v.whole("num_position_embeddings") * width
    return ends + depth * _layers(width, d_ff) + merger + 2 * width + deep * (merger + 2 * merged)


def _frames(v: Fields) -> int:
    return v.whole("temporal_patch_size", most=1000)


def qwen2(v: Fields, whole: Fields, text: int) -> int:
    """Qwen2-VL: `hidden_size` is the text's; positions are rotary, patches without a bias."""
    width, depth = v.whole("embed_dim"), v.whole("depth", most=10_000)
    d_ff = int(width * v.number("mlp_ratio"))
    merged = v.whole("spatial_merge_size", most=1000) ** 2 * width
    merger = 2 * width + _linear(merged, merged) + _linear(merged, v.whole("hidden_size"))
    return _patch(v, width) + depth * _layers(width, d_ff) + merger


def qwen2_5(v: Fields, whole: Fields, text: int) -> int:
    """Qwen2.5-VL: gated MLPs with biases, RMS norms."""
    width, d_ff, depth = _sizes(v)
    merged = v.whole("spatial_merge_size", most=1000) ** 2 * width
    merger = width + _linear(merged, merged) + _linear(merged, v.whole("out_hidden_size"))
    layer = 4 * _linear(width, width) + 2 * _linear(width, d_ff) + _linear(d_ff, width) + 2 * width
    return _patch(v, width) + depth * layer + merger


def _patch(v: Fields, width: int) -> int:
    """Return the parameters of the product that a patch of a few frames is embedded by, without a bias."""
    side, channels = v.whole("patch_size", most=10_000), v.whole("in_chans", "in_channels", most=10_000)
    return channels * _frames(v) * side * side * width


def kimi(v: Fields, whole: Fields, text: int) -> int:
    """Kimi K2.5: positions of a square, two layers into the text's width."""
    width = v.whole("hidden_size", "vt_hidden_size")
    d_ff = v.whole("intermediate_size", "vt_intermediate_size")
    depth = v.whole("num_hidden_layers", "vt_num_hidden_layers", most=10_000)
    height, across = (v.whole(f"pos_emb_{side}", f"init_pos_emb_{side}") for side in ("height", "width"))
    merge = v.items("merge_kernel_size", kind=int, length=2) or [2, 2]
    merged = merge[0] * merge[1] * width
    ends = _patches(v, bias=True) + height * across * width + 2 * width
    return ends + depth * _layers(width, d_ff) + 2 * width + _linear(merged, merged) + _linear(merged, text)


def step(v: Fields, whole: Fields, text: int) -> int:
    """Step-3.7: layers with scales, and two convolutions that halve the grid."""
    width = v.whole("width", "hidden_size")
    depth = v.whole("layers", "num_hidden_layers", most=10_000)
    d_ff = int(width * v.number("mlp_ratio"))
    patch = _linear(v.whole("num_channels", most=10_000) * v.whole("patch_size", most=10_000) ** 2, width, bias=False)
    ends = patch + _grid(v) * width + 2 * width
    halving = _linear(9 * width, 2 * width) + _linear(9 * 2 * width, 4 * width)
    return ends + depth * _layers(width, d_ff, norms=6) + halving + _linear(4 * width, text, whole.flag("projector_bias"))


def glm(v: Fields, whole: Fields, text: int) -> int:
    """GLM-4.5V: MLPs as wide as the output, the merger's as `intermediate_size`."""
    width, d_ff, depth = _sizes(v)
    out = v.whole("out_hidden_size")
    bias = v.flag("attention_bias")
    layer = _linear(width, 3 * width, bias) + width * width + 3 * width * out + 2 * width
    ends = _patches(v, bias=True, frames=_frames(v)) + _grid(v) * width + 2 * width
    return ends + depth * layer + _glm_merger(v, width, out, d_ff)


def _glm_merger(v: Fields, width: int, out: int, d_ff: int) -> int:
    merge = v.whole("spatial_merge_size", most=1000)
    return out * out + 2 * out + 3 * out * d_ff + _linear(merge**2 * width, out)


def glm5(v: Fields, whole: Fields, text: int) -> int:
    """GLM-5-Next: norms of queries and keys, no table of positions."""
    width, d_ff, depth = _sizes(v)
    out = v.whole("out_hidden_size")
    bias = v.flag("attention_bias")
    head = v.divided("num_heads", width, v.whole("num_heads"))
    attention = _linear(width, 3 * width, bias) + _linear(width, width, bias) + 2 * head
    mlp = 2 * _linear(width, d_ff, bias) + _linear(d_ff, width, bias)
    ends = _patches(v, bias=True, frames=_frames(v)) + width
    return ends + depth * (attention + mlp + 2 * width) + _glm_merger(v, width, out, v.whole("projection_intermediate_size"))


def llama4(v: Fields, whole: Fields, text: int) -> int:
    """Llama 4: an adapter of shuffled pixels, then one matrix."""
    width, d_ff, depth = _sizes(v)
    ends = width + (_grid(v) + 1) * width + _patches(v, bias=False) + 4 * width
    out = v.whole("projector_output_dim")
    adapter = d_ff * v.whole("projector_input_dim") + out * out
    return ends + depth * _layers(width, d_ff) + adapter + v.whole("vision_output_dim") * text


def minimax(v: Fields, whole: Fields, text: int) -> int:
    """MiniMax-M3: a projector before and one after patches are merged."""
    width, d_ff, depth = _sizes(v)
    inner = whole.whole("projector_hidden_size", default=text)
    merged = v.whole("spatial_merge_size", most=1000) ** 2 * text
    projector = _linear(width, inner) + _linear(inner, text) + _linear(merged, inner) + _linear(inner, text)
    return _patches(v, bias=False, frames=_frames(v)) + 2 * width + depth * _layers(width, d_ff) + projector


def gemma4(v: Fields, whole: Fields, text: int) -> int:
    """Gemma 4: tables of positions by row and by column, gated MLPs, four norms a layer."""
    width, d_ff, depth = _sizes(v)
    heads, kv, head = v.whole("num_attention_heads"), v.whole("num_key_value_heads"), v.whole("head_dim")
    layer = 2 * width * heads * head + 2 * width * kv * head + 2 * head + 3 * width * d_ff + 4 * width
    ends = _patches(v, bias=False) + 2 * v.whole("position_embedding_size") * width
    return ends + depth * layer + width * text


#: Types whose class has a tower whatever the file says.
ALWAYS = {"step3p7"}
#: Types that stand before any tower, with the one that they have by default.
ANY = {"llava": "clip_vision_model", "mistral3": "pixtral", "gemma3": "siglip_vision_model"}
#: The tower's type of the others. Kimi K3's differs from K2.5's and is not public code of transformers: not counted.
OF = {
    "qwen2_vl": "qwen2_vl_vision",
    "qwen2_5_vl": "qwen2_5_vl_vision",
    "qwen3_vl": "qwen3_vl_vision",
    "qwen3_vl_moe": "qwen3_vl_moe_vision",
    "qwen3_5": "qwen3_5_vision",
    "qwen3_5_moe": "qwen3_5_moe_vision",
    "kimi_k25": "kimi_k25_vision",
    "step3p7": "step3p5_vision",
    "glm4v_moe": "glm4v_moe_vision",
    "glm5_next": "glm5_next_vision",
    "llama4": "llama4_vision_model",
    "minimax_m3_vl": "minimax_m3_vl_vision",
    "gemma4": "gemma4_vision",
}
READERS: dict[str, Callable[[Fields, Fields, int], int]] = {
    "clip_vision_model": clip,
    "siglip_vision_model": siglip,
    "pixtral": pixtral,
    "qwen2_vl_vision": qwen2,
    "qwen2_5_vl_vision": qwen2_5,
    "qwen3_vl_vision": qwen,
    "qwen3_vl_moe_vision": qwen,
    "qwen3_5_vision": qwen,
    "qwen3_5_moe_vision": qwen,
    "kimi_k25_vision": kimi,
    "step3p5_vision": step,
    "glm4v_moe_vision": glm,
    "glm5_next_vision": glm5,
    "llama4_vision_model": llama4,
    "minimax_m3_vl_vision": minimax,
    "gemma4_vision": gemma4,
}
