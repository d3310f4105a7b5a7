"""Random shapes of mixtures of experts of late 2026."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, experts, flags, layer_types

FULL, SLIDING = "full_attention", "sliding_attention"


def _kinds(draw: Random, shape: dict[str, Any]) -> dict[str, Any]:
    kinds = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return draw.choice([{}, {"mlp_layer_types": kinds}])


def _jetmoe(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    del shape["num_attention_heads"]
    return shape | {"num_key_value_heads": draw.choice([2, 4]), "kv_channels": draw.choice([8, 12]), "num_local_experts": 4,
                    "num_experts_per_tok": draw.choice([1, 2, 4])}  # fmt: skip


def _latent(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | experts(draw, ("n_routed_experts", "num_experts_per_tok"))
    shape["num_key_value_heads"] = shape["num_attention_heads"]
    return shape | _kinds(draw, shape) | {
        "n_shared_experts": draw.choice([1, 2]), "kv_lora_rank": 16, "n_group": 1, "topk_group": 1,
        "qk_nope_head_dim": draw.choice([8, 16]), "qk_rope_head_dim": draw.choice([4, 8]), "v_head_dim": draw.choice([8, 12]),
        "index_n_heads": 2, "index_head_dim": 16, "index_topk": 16,
    }  # fmt: skip


def _mistral(draw: Random) -> dict[str, Any]:
    shape = _latent(draw)
    rotated = [draw.choice([0, 1]) for _ in range(shape["num_hidden_layers"])]
    return shape | draw.choice([{}, {"no_rope_layers": rotated}])


def _dots(draw: Random) -> dict[str, Any]:
    shape = _latent(draw) | {"q_lora_rank": draw.choice([8, 24]), "shared_experts_intermediate_size": draw.choice([16, 20])}
    heads = draw.choice([2, 4])
    kinds = ["indexed_attention", *(draw.choice(["indexed_attention", SLIDING]) for _ in range(shape["num_hidden_layers"] - 1))]
    return shape | {
        "swa_num_attention_heads": heads, "swa_num_key_value_heads": heads, "swa_q_lora_rank": 12, "swa_kv_lora_rank": 20,
        "swa_head_dim": 20, "swa_qk_nope_head_dim": draw.choice([12, 16]), "swa_v_head_dim": 8,
    } | draw.choice([{}, {"layer_types": kinds}])  # fmt: skip


def _muse(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw, ("num_local_experts", "num_experts_per_tok")) | {"sliding_window": 32}
    return shape | _kinds(draw, shape) | {"moe_hidden_size": draw.choice([16, 24])} | layer_types(draw, shape, FULL, SLIDING)


def _zaya(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw) | flags(draw, "attention_bias", "lm_head_bias") | {"num_experts_per_tok": 1}
    shape |= {"router_hidden_size": draw.choice([8, 12]), "cca_time0": draw.choice([2, 3]), "cca_time1": 2, "sliding_window": 32}
    shape["num_key_value_heads"] = 2
    return shape | {"num_attention_heads": 4} | layer_types(draw, shape, "hybrid", "hybrid_sliding")


def _inkling(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw, ("n_routed_experts", "num_experts_per_tok")) | {"tie_word_embeddings": False}
    return shape | _kinds(draw, shape) | {
        "n_shared_experts": draw.choice([1, 2]), "conv_kernel_size": draw.choice([2, 4]), "d_rel": 4, "rel_extent": 24,
        "sliding_window_size": 16, "swa_num_attention_heads": 4, "swa_num_key_value_heads": 2, "swa_head_dim": 8,
    } | layer_types(draw, shape, "hybrid", "hybrid_sliding")  # fmt: skip


SHAPES: dict[str, Draw] = {
    "jetmoe": _jetmoe,
    "mistral_large4_text": _mistral,
    "dots3_note_text": _dots,
    "muse_spark_text": _muse,
    "zaya": _zaya,
    "inkling_text": _inkling,
}
