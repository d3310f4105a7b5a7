"""Random shapes of further decoders: loops, shared blocks, gates, hybrids with windows."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, dense, experts, flags, layer_types, windowed

FULL, SLIDING, LINEAR = "full_attention", "sliding_attention", "linear_attention"


def _experts(*names: str, kinds: tuple[str, ...] = (FULL, SLIDING), **fixed: list[Any]) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw) | experts(draw) | flags(draw, *names) | {"sliding_window": 32}
        return shape | layer_types(draw, shape, *kinds) | {name: draw.choice(values) for name, values in fixed.items()}

    return drawn


def _beam(draw: Random) -> dict[str, Any]:
    shape = _experts("attention_bias", n_group=[1], topk_group=[1])(draw)
    if draw.random() < 0.5:
        shape["mlp_layer_types"] = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape


def _axk2(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | experts(draw, ("n_routed_experts", "num_experts_per_tok"))
    shape["num_key_value_heads"] = shape["num_attention_heads"]
    return shape | {
        "n_shared_experts": draw.choice([1, 2]), "kv_lora_rank": 16, "q_lora_rank": draw.choice([8, 24]), "n_group": 1,
        "qk_nope_head_dim": draw.choice([8, 16]), "qk_rope_head_dim": draw.choice([4, 8]), "v_head_dim": draw.choice([8, 12]),
        "topk_group": 1, "index_n_heads": 2, "index_head_dim": 16, "index_topk": 16, "gated_norm_rank": draw.choice([2, 4]),
    } | draw.choice([{}, {"first_k_dense_replace": 2}])  # fmt: skip


def _kinds(*kinds: str) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw) | {"sliding_window": 32}
        return shape | layer_types(draw, shape, *kinds)

    return drawn


def _lara(draw: Random) -> dict[str, Any]:
    shape = _experts("attention_bias", kinds=(FULL, SLIDING, LINEAR), shared_expert_intermediate_size=[20])(draw)
    heads = draw.choice([1, 2])
    return shape | {
        "linear_num_key_heads": heads, "linear_num_value_heads": heads * draw.choice([1, 2]), "linear_key_head_dim": 8,
        "linear_value_head_dim": draw.choice([8, 16]), "linear_conv_kernel_dim": draw.choice([2, 4]),
    }  # fmt: skip


def _gemma(draw: Random) -> dict[str, Any]:
    shape = windowed("attention_bias", "attention_k_eq_v")(draw)
    kinds = [SLIDING, *(draw.choice([FULL, SLIDING]) for _ in range(shape["num_hidden_layers"] - 1))]
    return shape | {"global_head_dim": draw.choice([24, 32]), "layer_types": kinds}


def _dory(draw: Random) -> dict[str, Any]:
    first, middle, last = (draw.randint(1, 3) for _ in range(3))
    shape = common(draw) | flags(draw, "attention_bias", "mlp_bias")
    shape |= {"num_hidden_layers": first + middle + last, "n_input_layers": first, "n_output_layers": last,
              "n_recurrent_loops": draw.choice([1, 2, 3]), "sliding_window": 32}  # fmt: skip
    return shape | layer_types(draw, shape, FULL, SLIDING)


def _hrm(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False) | flags(draw, "attention_bias", "mlp_bias")
    return shape | {"H_cycles": draw.choice([1, 2]), "L_cycles": draw.choice([1, 2, 3])}


def _zamba(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | flags(draw, "mamba_conv_bias", "mamba_proj_bias")
    shape |= {
        "num_hidden_layers": draw.randint(5, 14),
        "num_key_value_heads": shape["num_attention_heads"],
        "tie_word_embeddings": True,
    }  # without it, transformers does not share the shared block
    return shape | {
        "attn_layer_period": draw.choice([2, 4]), "attn_layer_offset": draw.choice([0, 1]), "mamba_d_state": 8,
        "mamba_dt_rank": draw.choice(["auto", 5]), "n_mamba_heads": 2, "mamba_d_conv": draw.choice([2, 4]),
    }  # fmt: skip


def _zamba2(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    shape |= flags(draw, "add_bias_linear", "use_shared_attention_adapter", "use_mem_rope") | {"tie_word_embeddings": True}
    kinds = ["hybrid", *(draw.choice(["linear_attention", "hybrid"]) for _ in range(6)), "hybrid"]
    return shape | {
        "num_hidden_layers": 8, "layers_block_type": kinds, "num_mem_blocks": draw.choice([1, 2]), "mamba_d_state": 8,
        "adapter_rank": draw.choice([4, 6]), "n_mamba_heads": 4, "mamba_ngroups": draw.choice([1, 2]),
    }  # fmt: skip


SHAPES: dict[str, Draw] = {
    "apertus1p5_text": dense("attention_bias", head_dim=False),
    "hyperclovax": dense("attention_bias", "mlp_bias", "use_post_norm"),
    "diffllama": lambda draw: common(draw) | flags(draw, "attention_bias") | {"num_key_value_heads": 2},
    "doge": dense("attention_bias", "mlp_bias", head_dim=False),
    "gpt_neox_japanese": lambda draw: common(draw, kv=False, head_dim=False)
    | {"intermediate_multiple_size": draw.choice([2, 4])},
    "bert-generation": lambda draw: common(draw, kv=False, head_dim=False) | {"is_decoder": True, "tie_word_embeddings": True},
    "cpmant": lambda draw: {
        "hidden_size": 48, "num_attention_heads": draw.choice([2, 4]), "dim_head": draw.choice([8, 12]), "dim_ff": 40,
        "num_hidden_layers": draw.randint(2, 5), "vocab_size": 300, "prompt_types": 4, "prompt_length": draw.choice([4, 8]),
        "segment_types": draw.choice([2, 4]), "position_bias_num_buckets": 16,
    },
    "cohere_compass_text": lambda draw: windowed("attention_bias")(draw)
    | {"rope_parameters": {kind: {"rope_type": "default", "rope_theta": 1e4} for kind in (FULL, SLIDING)}},
    "gemma4_unified_text": _gemma,
    "aria_text": lambda draw: common(draw) | flags(draw, "attention_bias", "mlp_bias")
    | {"moe_num_experts": 4, "moe_topk": 2, "moe_num_shared_experts": draw.choice([1, 2])},
    "beam": _beam,
    "flint": _experts("attention_bias", shared_expert_intermediate_size=[20], decoder_sparse_step=[1, 2],
                      mlp_only_layers=[None, [0], []]),
    "kolibri1": _experts(shared_expert_intermediate_size=[20]),
    "axk2": _axk2,
    "lfm3": lambda draw: _kinds("conv", FULL, SLIDING)(draw)
    | flags(draw, "attention_bias", "conv_bias", "use_attention_gate", "use_sandwich_norm"),
    "lara_mini": _lara,
    "dory": _dory,
    "hrm_text": _hrm,
    "zamba": _zamba,
    "zamba2": _zamba2,
}  # fmt: skip
