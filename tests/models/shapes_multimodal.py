"""Random shapes of text models inside models that see and hear."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, dense, experts, flags, windowed

FULL, SLIDING = "full_attention", "sliding_attention"


def _mllama(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False)
    count = shape["num_hidden_layers"]
    return shape | {"cross_attention_layers": sorted(draw.sample(range(count), draw.randint(0, count - 1))),
                    "tie_word_embeddings": False}  # fmt: skip


def _ernie(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False)
    shape["hidden_size"] = 128 * shape["num_attention_heads"]  # its sections of rotary positions are of such heads
    shape |= {"moe_num_experts": draw.choice([4, 6]), "moe_k": 2, "use_bias": False}
    shape |= {"moe_intermediate_size": [draw.choice([16, 24]), 8], "moe_num_shared_experts": draw.choice([0, 2])}
    kinds = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape | draw.choice([{}, {"mlp_layer_types": kinds}])


def _no_head(*names: str, head_dim: bool = False) -> Draw:
    """Return shapes of a class that knows no tied head."""
    return lambda draw: common(draw, head_dim=head_dim) | flags(draw, *names) | {"tie_word_embeddings": False}


def _ocr(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | experts(draw, ("n_routed_experts", "num_experts_per_tok"))
    kinds = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape | {"n_shared_experts": draw.choice([1, 2]), "mlp_layer_types": kinds, "tie_word_embeddings": False,
                    "n_group": 1, "topk_group": 1} | flags(draw, "attention_bias")  # fmt: skip


def _hy(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | experts(draw, ("n_routed_experts", "num_experts_per_tok"))
    shape["num_key_value_heads"] = shape["num_attention_heads"]
    return shape | {
        "n_shared_experts": draw.choice([1, 2]), "kv_lora_rank": 16, "q_lora_rank": draw.choice([8, 24]), "n_group": 1,
        "qk_nope_head_dim": draw.choice([8, 16]), "qk_rope_head_dim": 64, "v_head_dim": draw.choice([8, 12]),
        "topk_group": 1, "index_n_heads": 2, "index_head_dim": 16, "index_topk": 16, "hc_mult": draw.choice([2, 4]),
    }  # fmt: skip


SHAPES: dict[str, Draw] = {
    "mllama_text_model": _mllama,
    "ernie4_5_vl_moe_text": _ernie,
    "glm4v_text": _no_head(),
    "glm_ocr_text": _no_head(),
    "granite4_vision_text": dense("attention_bias", "mlp_bias", head_dim=False),
    "granite_docling_text": dense("attention_bias", "mlp_bias", head_dim=False),
    "hunyuan_vl_text": dense("attention_bias"),
    "paddleocr_vl_text": dense("use_bias"),
    "qwen2_5_omni_text": dense(head_dim=False),
    "qwen3_omni_moe_text": lambda draw: _no_head("attention_bias")(draw) | experts(draw),
    "deepseek_ocr2_text": _ocr,
    "unlimited_ocr_text": _ocr,
    "emu3_text_model": _no_head(),
    "cosmos3_edge_text": lambda draw: dense("attention_bias", "mlp_bias")(draw) | {"head_dim": 128},
    "muse_glimmer_text": windowed("attention_bias"),
    "voxtral_realtime_text": _no_head(head_dim=True),
    "molmo2_text": lambda draw: _no_head("norm_after", head_dim=True)(draw)
    | {"additional_vocab_size": 8, "qk_norm_type": draw.choice(["qwen3", "olmo"])},
    "hy_v4_vl_text": _hy,
    "phi4_multimodal": lambda draw: common(draw, head_dim=False),
}  # fmt: skip
