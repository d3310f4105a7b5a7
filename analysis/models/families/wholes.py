"""Where a configuration keeps its text model: which object, of which type; and types that are refused, with the reason."""

from collections.abc import Collection, Mapping
from typing import Any

from analysis.models.shape import ArchitectureError

#: Objects that hold a text model, as wholes name them; that of Omni models holds another.
PLACES = ("thinker_config", "text_config", "llm_config", "language_config")

#: Model types of a whole, and its text model's type where that does not say.
OUTER = {
    "apertus1p5": "apertus1p5_text",
    "aria": "aria_text",
    "audioflamingo3": "qwen2",
    "aya_vision": "cohere2",
    "blip-2": "opt",
    "cohere2_vision": "cohere2",
    "cohere_compass": "cohere_compass_text",
    "cosmos3_edge": "cosmos3_edge_text",
    "cosmos3_omni": "qwen3_vl_text",
    "deepseek_ocr2": "deepseek_ocr2_text",
    "deepseek_vl": "llama",
    "deepseek_vl_hybrid": "llama",
    "deepseek_vl_v2": "deepseek_v2",
    "diffusion_gemma": "diffusion_gemma_text",
    "dots3_note": "dots3_note_text",
    "embedding_gemma2": "embedding_gemma2_text",
    "emu3": "emu3_text_model",
    "ernie4_5_vl_moe": "ernie4_5_vl_moe_text",
    "exaone4_5": "exaone4",
    "fast_vlm": "qwen2",
    "florence2": "bart",
    "fun_asr_nano": "qwen3",
    "fuyu": "persimmon",
    "gemma3": "gemma3_text",
    "gemma3n": "gemma3n_text",
    "gemma4": "gemma4_text",
    "gemma4_unified": "gemma4_unified_text",
    "glm46v": "glm4v_text",
    "glm4v": "glm4v_text",
    "glm4v_moe": "glm4v_moe_text",
    "glm5_next": "glm5_next_text",
    "glm_ocr": "glm_ocr_text",
    "glmasr": "llama",
    "glmga": "glm4v_text",
    "got_ocr2": "qwen2",
    "granite4_vision": "granite4_vision_text",
    "granite_docling": "granite_docling_text",
    "granite_speech": "granite",
    "granite_speech_plus": "granite",
    "hunyuan_vl": "hunyuan_vl_text",
    "hy_v4_vl": "hy_v4_vl_text",
    "hyperclovax_vision_v2": "hyperclovax",
    "idefics2": "mistral",
    "idefics3": "llama",
    "inkling2": "inkling2_text",
    "inkling2_loop": "inkling2_loop_text",
    "inkling_mm_model": "inkling_text",
    "instructblip": "opt",
    "instructblipvideo": "opt",
    "internvl": "qwen2",
    "janus": "llama",
    "kimi_k25": "deepseek_v3",
    "kimi_k3": "kimi_linear",
    "kimi_vl": "deepseek_v3",
    "lfm2_vl": "lfm2",
    "lfm3_vl": "lfm3",
    "lighton_ocr": "qwen3",
    "llama4": "llama4_text",
    "llava": "llama",
    "llava_llama": "llama",
    "llava_mistral": "mistral",
    "llava_next": "llama",
    "llava_next_video": "llama",
    "llava_onevision": "qwen2",
    "llava_qwen": "qwen2",
    "minicpm_ocr": "qwen3_5_text",
    "minicpmv4_6": "qwen3_5_text",
    "minicpmv4_7": "qwen3_5_text",
    "minimax_m3_vl": "minimax_m3_vl_text",
    "mistral3": "mistral",
    "mistral_large4": "mistral_large4_text",
    "mllama": "mllama_text_model",
    "modernvbert": "modernbert",
    "molmo2": "molmo2_text",
    "moss_transcribe_diarize": "qwen3",
    "multi_modality": "llama",
    "muse_glimmer": "muse_glimmer_text",
    "muse_spark": "muse_spark_text",
    "musicflamingo": "qwen2",
    "nemo_speechlm": "nemotron_h",
    "nemotron_h_omni": "nemotron_h",
    "omniasr": "llama",
    "ovis2": "qwen2",
    "paddleocr_vl": "paddleocr_vl_text",
    "paligemma": "gemma",
    "perception_lm": "llama",
    "pp_chart2table": "qwen2",
    "qianfan_ocr": "qwen3",
    "qwen2_5_omni": "qwen2_5_omni_text",
    "qwen2_5_omni_thinker": "qwen2_5_omni_text",
    "qwen2_5_vl": "qwen2_5_vl_text",
    "qwen2_audio": "qwen2",
    "qwen2_vl": "qwen2_vl_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen3_asr": "qwen3",
    "qwen3_omni_moe": "qwen3_omni_moe_text",
    "qwen3_omni_moe_thinker": "qwen3_omni_moe_text",
    "qwen3_vl": "qwen3_vl_text",
    "qwen3_vl_moe": "qwen3_vl_moe_text",
    "qwen4_exp": "qwen4_exp_text",
    "shieldgemma2": "gemma3_text",
    "smolvlm": "llama",
    "step3_vl": "step3_text",
    "step3p7": "step3p5",
    "ultravbert": "ultrabert",
    "unlimited_ocr": "unlimited_ocr_text",
    "vibevoice_asr": "qwen2",
    "video_llama_3": "qwen2",
    "video_llava": "llama",
    "vipllava": "llama",
    "voxtral": "llama",
    "voxtral_realtime": "voxtral_realtime_text",
}

#: Other names of a model type.
ALIASES = {
    "RefinedWeb": "falcon",
    "RefinedWebModel": "falcon",
    "aquila": "llama",
    "decilm": "deci",
    "deepseek_ref": "deepseek_v4",
    "gpt-sw3": "gpt2",
    "kimi_k2": "deepseek_v3",
    "minimax_m1": "minimax",
    "minimax_text_01": "minimax",
    "phi-msft": "phi",
    "phi4mm": "phi4_multimodal",
    "skywork": "llama",
    "stablelm_epoch": "stablelm",
    "xverse": "llama",
}

_BOTH = "is two models of any kind, each with a file of its own"
_DRAFTS = "drafts for another model, whose states it reads"
_PICTURES = "reads pictures, and its text model is of its own kind"
_SOUND = "reads or writes sound"
#: Types that are known and not described, and why.
REFUSED = {
    "blip": _PICTURES,
    "blt": "reads bytes through two networks of other widths",
    "chameleon": "writes pictures, too, by an encoder of its own",
    "diffusion_gemma_text": "writes many tokens at once, by diffusion",
    "embedding_gemma2_text": "has inputs of layers that are made of one embedding",
    "encoder-decoder": _BOTH,
    "evolla": _PICTURES,
    "funnel": "shortens its sequence between layers",
    "gemma4_assistant": _DRAFTS,
    "gemma4_unified_assistant": _DRAFTS,
    "git": _PICTURES,
    "idefics": _PICTURES,
    "inkling2_loop_text": "passes messages between loops of its layers",
    "inkling2_text": "reads, in each layer, a weighted sum of all earlier ones",
    "kosmos-2": _PICTURES,
    "kosmos-2.5": _PICTURES,
    "kyutai_speech_to_text": _SOUND,
    "mobilebert": "has layers that narrow between matrices",
    "moshi": _SOUND,
    "musicgen": _SOUND,
    "musicgen_melody": _SOUND,
    "neomme": "reads patches of pictures as tokens, through attention of its own kind",
    "perceiver": "reads into a few vectors of another width",
    "pi0": _PICTURES,
    "pix2struct": _PICTURES,
    "pp_formulanet": _PICTURES,
    "qwen4_exp_text": "has embeddings of runs of tokens beside its streams",
    "reformer": "has two streams that undo each other, and attention by hashes",
    "seamless_m4t": _SOUND,
    "seamless_m4t_v2": _SOUND,
    "squeezebert": "has matrices of several blocks",
    "tipsv2_text_model": _PICTURES,
    "trocr": _PICTURES,
    "udop": _PICTURES,
    "vision-encoder-decoder": _BOTH,
    "whisper": _SOUND,
}


def text_model(config: Mapping[str, Any], name: str, known: Collection[str]) -> tuple[str, Mapping[str, Any]]:
    """Return the type of the text model of `config`, and its fields. Raises ArchitectureError without a type."""
    kind, inner = config.get("model_type"), config
    if kind is None and "ssm_cfg" in config:
        kind = "state-spaces/mamba"
    if kind is None:
        kind = _by_class(config.get("architectures"), known)
    while (kind is None or isinstance(kind, str)) and kind not in known and kind not in ALIASES:
        place = next((place for place in PLACES if inner.get(place) is not None), None)
        if place is None:
            kind = OUTER.get(kind or "", kind)
            break
        inside = inner[place]
        if not isinstance(inside, dict):
            raise ArchitectureError(f"{name}: {place} = {inside!r:.60} is not an object")
        given = inside.get("model_type")
        understood = isinstance(given, str) and (given in known or given in ALIASES or given in OUTER)
        kind, inner = (given if understood else OUTER.get(kind or "", given or kind)), inside
    if not isinstance(kind, str) or not kind:
        raise ArchitectureError(f"{name}: model_type is not given, so nothing says what the fields mean")
    return ALIASES.get(kind, kind), inner


def _by_class(classes: Any, known: Collection[str]) -> str | None:
    """Return the known type that `architectures` names where a file says no type: LlamaForCausalLM is of llama."""
    first = classes[0] if isinstance(classes, list) and classes else None
    if not isinstance(first, str):
        return None
    start = first.partition("For")[0].lower()
    return next((kind for kind in [*known, *OUTER] if kind.replace("_", "").replace("-", "") == start), None)
