"""Random shapes of hybrids and of sparse attention."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, experts, flags, layer_types

LINEAR, FULL, SLIDING = "linear_attention", "full_attention", "sliding_attention"


def _mimo(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw, ("n_routed_experts", "num_experts_per_tok")) | flags(draw, "attention_bias")
    heads = shape["num_attention_heads"]
    shape["num_key_value_heads"] = heads // 2
    return shape | {"v_head_dim": draw.choice([8, 12]), "sliding_window": 32} | layer_types(draw, shape, FULL, SLIDING)


def _gemma4(draw: Random) -> dict[str, Any]:
    shape = common(draw) | flags(draw, "attention_bias", "attention_k_eq_v", "use_double_wide_mlp", "enable_moe_block")
    count = shape["num_hidden_layers"] = draw.randint(4, 8)
    kinds = [draw.choice([FULL, SLIDING]) for _ in range(count)]
    kinds[0], kinds[1], kinds[-1] = SLIDING, FULL, FULL
    return shape | {
        "layer_types": kinds, "num_kv_shared_layers": draw.randint(0, count - 2), "sliding_window": 32,
        "global_head_dim": draw.choice([12, 24]), "num_global_key_value_heads": draw.choice([None, 1]),
        "hidden_size_per_layer_input": draw.choice([0, 8]), "vocab_size_per_layer_input": 200,
        "num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 12,
    }  # fmt: skip


def _gemma3n(draw: Random) -> dict[str, Any]:
    shape = common(draw) | flags(draw, "attention_bias")
    count = shape["num_hidden_layers"] = draw.randint(4, 8)
    kinds = [draw.choice([FULL, SLIDING]) for _ in range(count)]
    kinds[:2] = [SLIDING, FULL]
    return shape | {
        "layer_types": kinds, "num_kv_shared_layers": draw.randint(0, count - 2), "sliding_window": 32,
        "hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 200, "laurel_rank": draw.choice([4, 6]),
        "altup_num_inputs": draw.choice([2, 4]), "intermediate_size": [draw.randint(3, 9) * 4 for _ in range(count)],
    }  # fmt: skip


def _latent(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    return shape | {
        "num_key_value_heads": shape["num_attention_heads"], "kv_lora_rank": draw.choice([8, 16]),
        "q_lora_rank": draw.choice([None, 8, 24]), "qk_nope_head_dim": draw.choice([8, 16]),
        "qk_rope_head_dim": draw.choice([4, 8]), "v_head_dim": draw.choice([8, 12]), "moe_intermediate_size": 12,
        "n_group": 1, "topk_group": 1, "n_shared_experts": draw.choice([1, 2]),
        "mlp_layer_types": [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])],
    }  # fmt: skip


def _kimi(draw: Random) -> dict[str, Any]:
    shape = _latent(draw) | {"num_local_experts": 4, "num_experts_per_tok": 2, "linear_head_dim": draw.choice([8, 12])}
    shape |= {"linear_num_heads": draw.choice([2, 3]), "linear_conv_kernel_dim": draw.choice([2, 4])}
    return shape | layer_types(draw, shape, LINEAR, FULL)


def _bailing(draw: Random) -> dict[str, Any]:
    shape = _latent(draw) | {"num_local_experts": 8, "num_experts_per_tok": 2, "head_dim": draw.choice([8, 12])}
    return shape | {"n_group": 2, "topk_group": 1, "layer_group_size": 3} | layer_types(draw, shape, LINEAR, FULL)


def _indexed(draw: Random) -> dict[str, Any]:
    shape = _latent(draw) | {"n_routed_experts": 4, "num_experts_per_tok": 2, "q_lora_rank": draw.choice([8, 24])}
    kinds = [draw.choice(["full", "shared"]) for _ in range(shape["num_hidden_layers"])]
    return shape | {
        "index_topk": 16, "index_head_dim": 16, "index_n_heads": draw.choice([2, 4]), "hc_mult": draw.choice([2, 4]),
        "indexer_types": ["full", *kinds[1:]],
    }  # fmt: skip


def _glm5_next(draw: Random) -> dict[str, Any]:
    shape = _indexed(draw) | {"qk_rope_head_dim": 0, "index_kpool": draw.choice([2, 4]), "linear_head_dim": 8}
    shape |= {"linear_num_heads": draw.choice([2, 3]), "linear_conv_kernel_dim": draw.choice([2, 4])}
    return shape | layer_types(draw, shape, LINEAR, "indexed_attention")


def _deepseek_v4(draw: Random) -> dict[str, Any]:
    shape = common(draw)
    kinds = SLIDING, "compressed_sparse_attention", "heavily_compressed_attention"
    for name in ("intermediate_size", "num_key_value_heads"):
        del shape[name]
    shape |= {
        "head_dim": 16, "q_lora_rank": draw.choice([8, 24]), "n_routed_experts": 4, "num_experts_per_tok": 2,
        "moe_intermediate_size": 12, "n_shared_experts": 1, "sliding_window": 16,
        "hc_mult": draw.choice([2, 4]), "o_groups": 2, "o_lora_rank": draw.choice([4, 6]), "index_n_heads": 2,
        "index_head_dim": draw.choice([8, 12]), "index_topk": 4, "num_hash_layers": draw.randint(0, 3),
        "compress_rates": {kinds[1]: draw.choice([2, 4]), kinds[2]: draw.choice([8, 16])},
    }  # fmt: skip
    return shape | layer_types(draw, shape, *kinds)


def _minimax_m3(draw: Random) -> dict[str, Any]:
    shape = common(draw) | {
        "num_local_experts": 4, "num_experts_per_tok": 2, "dense_intermediate_size": 28, "shared_intermediate_size": 20,
        "index_n_heads": 2, "index_head_dim": draw.choice([8, 12]), "index_block_size": 4, "rotary_dim": 8,
    }  # fmt: skip
    shape["mlp_layer_types"] = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape | layer_types(draw, shape, FULL, "minimax_m3_sparse")


def _step(draw: Random) -> dict[str, Any]:
    shape = common(draw) | {
        "n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 12, "share_expert_dim": 20,
        "sliding_window": 32,
    }  # fmt: skip
    shape["num_sliding_attention_heads"] = shape["num_attention_heads"] * draw.choice([1, 2])
    shape["mlp_layer_types"] = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape | layer_types(draw, shape, FULL, SLIDING)


def _granite(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    shape = common(draw, head_dim=False) | flags(draw, "attention_bias", "mamba_conv_bias", "mamba_proj_bias")
    shape |= {
        "num_local_experts": draw.choice([0, 4]), "num_experts_per_tok": 2, "shared_intermediate_size": 20,
        "mamba_n_heads": heads, "mamba_d_state": draw.choice([8, 16]), "mamba_n_groups": draw.choice([1, 2]),
        "mamba_d_conv": draw.choice([2, 4]), "mamba_expand": 2,
    }  # fmt: skip
    return shape | {"layer_types": [draw.choice([LINEAR, FULL]) for _ in range(shape["num_hidden_layers"])]}


def _lfm2_moe(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | experts(draw) | flags(draw, "conv_bias", "use_expert_bias")
    shape |= {"conv_L_cache": draw.choice([2, 3]), "num_dense_layers": draw.randint(0, 2)}
    return shape | {"layer_types": [draw.choice(["conv", FULL]) for _ in range(shape["num_hidden_layers"])]}


def _olmo_hybrid(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | flags(draw, "attention_bias") | {"linear_conv_kernel_dim": draw.choice([2, 4])}
    kinds = [draw.choice([LINEAR, FULL]) for _ in range(shape["num_hidden_layers"])]
    sizes = {"linear_num_key_heads": 2, "linear_num_value_heads": draw.choice([2, 4]), "linear_key_head_dim": 8}
    given = {"layer_types": [LINEAR, FULL, *kinds[2:]]} if draw.random() < 0.7 else {}
    return shape | (sizes if draw.random() < 0.7 else {}) | given


SHAPES: dict[str, Draw] = {
    "mimo_v2_flash": _mimo,
    "gemma4_text": _gemma4,
    "gemma3n_text": _gemma3n,
    "kimi_linear": _kimi,
    "bailing_hybrid": _bailing,
    "hy_v4": _indexed,
    "glm5_next_text": _glm5_next,
    "deepseek_v4": _deepseek_v4,
    "minimax_m3_vl_text": _minimax_m3,
    "step3p5": _step,
    "granitemoehybrid": _granite,
    "lfm2_moe": _lfm2_moe,
    "olmo_hybrid": _olmo_hybrid,
}
