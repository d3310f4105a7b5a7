"""Random small shapes of each model type: what its configuration is made with. A new model type adds a line here.

Each entry of SHAPES draws the fields of one configuration; `draws.common` draws those that most types share.
"""

from random import Random
from typing import Any

from tests.models import (
    shapes_dense,
    shapes_encoders,
    shapes_further,
    shapes_mixed,
    shapes_multimodal,
    shapes_older,
    shapes_recent,
    shapes_recurrent,
    shapes_translators,
)
from tests.models.draws import Draw, common, dense, experts, flags, layer_types, windowed


def _qwen(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | flags(draw, "use_sliding_window")
    return shape | {"sliding_window": 32, "max_window_layers": draw.randint(0, shape["num_hidden_layers"])}


def _qwen_moe(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw) | {"decoder_sparse_step": draw.choice([1, 2])}
    return shape | {"mlp_only_layers": draw.sample(range(shape["num_hidden_layers"]), draw.randint(0, 1))}


def _linear(draw: Random, shape: dict[str, Any]) -> dict[str, Any]:
    key_heads = draw.choice([1, 2])
    more = {
        "linear_num_key_heads": key_heads, "linear_num_value_heads": key_heads * draw.choice([1, 2]),
        "linear_key_head_dim": draw.choice([8, 16]), "linear_value_head_dim": draw.choice([8, 16]),
        "linear_conv_kernel_dim": draw.choice([2, 4]),
    }  # fmt: skip
    return shape | more | layer_types(draw, shape, "linear_attention", "full_attention")


def _latent(draw: Random, **more: Any) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    shape["num_key_value_heads"] = shape["num_attention_heads"]
    shape |= experts(draw, ("n_routed_experts", "num_experts_per_tok"))
    shape |= {
        "n_routed_experts": 8, "num_experts_per_tok": draw.randint(1, 4), "n_group": 1, "topk_group": 1,
        "n_shared_experts": draw.choice([1, 2]), "first_k_dense_replace": draw.randint(0, 2),
        "kv_lora_rank": draw.choice([8, 16]), "q_lora_rank": draw.choice([None, 8, 24]),
        "qk_nope_head_dim": draw.choice([8, 16]), "qk_rope_head_dim": draw.choice([4, 8]),
        "v_head_dim": draw.choice([8, 12]),
    }  # fmt: skip
    return shape | more


def _sparse(draw: Random) -> dict[str, Any]:
    sizes = {"index_n_heads": draw.choice([2, 4]), "index_head_dim": draw.choice([16, 24]), "index_topk": 16}
    return _latent(draw) | {"q_lora_rank": draw.choice([8, 24])} | sizes


def _nemotron(draw: Random) -> dict[str, Any]:
    shape = common(draw) | experts(draw, ("n_routed_experts", "num_experts_per_tok")) | flags(draw, "mlp_bias", "use_conv_bias")
    heads = draw.choice([2, 4])
    shape |= {
        "mamba_num_heads": heads, "mamba_head_dim": draw.choice([8, 16]), "ssm_state_size": draw.choice([8, 16]),
        "n_groups": draw.choice([1, 2]), "conv_kernel": draw.choice([2, 4]), "n_group": 1, "topk_group": 1,
        "moe_shared_expert_intermediate_size": 24, "n_shared_experts": 1, "moe_latent_size": draw.choice([None, 16]),
        "layers_block_type": [draw.choice(["linear_attention", "full_attention", "moe", "mlp"]) for _ in range(5)],
    }  # fmt: skip
    del shape["num_hidden_layers"]
    return shape


def _jamba(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | {"num_experts": 4, "num_experts_per_tok": draw.choice([1, 2]), "num_hidden_layers": 8}
    return shape | {
        "attn_layer_period": 4, "attn_layer_offset": draw.randint(0, 3), "expert_layer_period": 2,
        "expert_layer_offset": draw.randint(0, 1), "mamba_d_state": 8, "mamba_d_conv": draw.choice([2, 4]),
        "mamba_expand": 2, "mamba_dt_rank": draw.choice(["auto", 6]),
    } | flags(draw, "mamba_conv_bias", "mamba_proj_bias")  # fmt: skip


def _mamba(draw: Random) -> dict[str, Any]:
    return {
        "hidden_size": draw.choice([32, 48]), "state_size": draw.choice([8, 16]), "num_hidden_layers": draw.randint(2, 5),
        "vocab_size": draw.randint(300, 900), "expand": draw.choice([1, 2]), "conv_kernel": draw.choice([2, 4]),
        "time_step_rank": draw.choice(["auto", 5]),
    } | flags(draw, "use_bias", "use_conv_bias", "tie_word_embeddings")  # fmt: skip


def _mamba2(draw: Random) -> dict[str, Any]:
    heads, width = draw.choice([2, 4]), draw.choice([8, 16])
    return {
        "num_heads": heads, "head_dim": width, "expand": 2, "hidden_size": heads * width // 2, "state_size": 16,
        "n_groups": draw.choice([1, 2]), "conv_kernel": 4, "num_hidden_layers": draw.randint(2, 5), "vocab_size": 400,
    } | flags(draw, "use_bias", "use_conv_bias", "tie_word_embeddings")  # fmt: skip


def _llama4(draw: Random) -> dict[str, Any]:
    shape = common(draw) | flags(draw, "attention_bias", "use_qk_norm")
    return shape | {
        "num_local_experts": 4, "num_experts_per_tok": 1, "intermediate_size_mlp": draw.randint(2, 9) * 8,
        "interleave_moe_layer_step": draw.choice([1, 2]), "attention_chunk_size": 32,
    }  # fmt: skip


def _ernie(draw: Random) -> dict[str, Any]:
    shape = (
        common(draw, head_dim=False) | flags(draw, "use_bias") | {"moe_num_experts": 4, "moe_k": 2, "moe_intermediate_size": 16}
    )
    return shape | {"moe_num_shared_experts": draw.choice([0, 2]), "moe_layer_start_index": draw.randint(0, 2),
                    "moe_layer_interval": draw.choice([1, 2])}  # fmt: skip


def _glm(draw: Random) -> dict[str, Any]:
    shape = (
        common(draw) | experts(draw, ("n_routed_experts", "num_experts_per_tok")) | flags(draw, "attention_bias", "use_qk_norm")
    )
    return shape | {
        "n_shared_experts": draw.choice([1, 2]),
        "first_k_dense_replace": draw.randint(0, 2),
        "n_group": 1,
        "topk_group": 1,
    }


def _gpt2(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {"n_embd": heads * 12, "n_head": heads, "n_layer": 3, "n_inner": draw.choice([None, 40]), "vocab_size": 500,
            "n_positions": 64} | flags(draw, "tie_word_embeddings")  # fmt: skip


def _bloom(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {"hidden_size": heads * 12, "n_head": heads, "n_layer": 3, "vocab_size": 500} | flags(draw, "tie_word_embeddings")


def _mpt(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {"d_model": heads * 12, "n_heads": heads, "n_layers": 3, "vocab_size": 500, "expansion_ratio": draw.choice([2, 4])}


def _opt(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    shape["ffn_dim"] = shape.pop("intermediate_size")
    shape["word_embed_proj_dim"] = draw.choice([shape["hidden_size"], 20])
    return shape | flags(draw, "enable_bias", "do_layer_norm_before", "layer_norm_elementwise_affine")


def _falcon(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    shape["ffn_hidden_size"] = shape.pop("intermediate_size")
    shape["num_kv_heads"] = draw.choice([1, shape["num_attention_heads"]])
    names = ("alibi", "new_decoder_architecture", "multi_query", "parallel_attn", "bias")
    return shape | flags(draw, *names) | {"num_ln_in_parallel_attn": draw.choice([None, 1, 2])}


def _t5(draw: Random) -> dict[str, Any]:
    return {
        "d_model": draw.choice([24, 32]), "d_kv": draw.choice([8, 12]), "num_heads": draw.choice([2, 4]), "d_ff": 48,
        "num_layers": draw.randint(2, 4), "num_decoder_layers": draw.randint(2, 4), "vocab_size": 500,
        "relative_attention_num_buckets": draw.choice([8, 16]), "feed_forward_proj": draw.choice(["relu", "gated-gelu"]),
    } | flags(draw, "tie_word_embeddings")  # fmt: skip


def _bert(draw: Random) -> dict[str, Any]:
    return common(draw, kv=False, head_dim=False) | {"type_vocab_size": draw.choice([1, 2])}


SHAPES: dict[str, Draw] = {
    **shapes_mixed.SHAPES,
    **shapes_dense.SHAPES,
    **shapes_older.SHAPES,
    **shapes_encoders.SHAPES,
    **shapes_translators.SHAPES,
    **shapes_further.SHAPES,
    **shapes_multimodal.SHAPES,
    **shapes_recurrent.SHAPES,
    **shapes_recent.SHAPES,
    "llama": dense("attention_bias", "mlp_bias"),
    "mistral": dense(),
    "qwen2": _qwen,
    "qwen2_vl_text": _qwen,
    "qwen2_5_vl_text": _qwen,
    "qwen3": windowed("attention_bias"),
    "gemma": dense("attention_bias"),
    "gemma2": windowed("attention_bias"),
    "gemma3_text": windowed("attention_bias"),
    "phi3": lambda draw: common(draw, head_dim=False) | {"pad_token_id": 0},
    "cohere": dense("attention_bias", "use_qk_norm", head_dim=False),
    "cohere2": windowed("attention_bias"),
    "olmo": dense("attention_bias", head_dim=False),
    "olmo2": dense("attention_bias", head_dim=False),
    "olmo3": dense("attention_bias", head_dim=False),
    "internlm3": lambda draw: common(draw) | dict.fromkeys(("qkv_bias", "bias"), draw.random() < 0.5),
    "mixtral": lambda draw: common(draw) | {"num_local_experts": 4, "num_experts_per_tok": 2},
    "qwen2_moe": lambda draw: _qwen_moe(draw) | {"shared_expert_intermediate_size": 20} | flags(draw, "qkv_bias"),
    "qwen3_moe": lambda draw: _qwen_moe(draw) | flags(draw, "attention_bias"),
    "qwen3_next": lambda draw: _linear(draw, _qwen_moe(draw) | {"shared_expert_intermediate_size": 20}),
    "qwen3_5_text": lambda draw: _linear(draw, common(draw)),
    "qwen3_5_moe_text": lambda draw: _linear(draw, common(draw) | experts(draw) | {"shared_expert_intermediate_size": 20}),
    "gpt_oss": lambda draw: windowed()(draw) | {"num_local_experts": 4, "num_experts_per_tok": 2},
    "glm4_moe": _glm,
    "llama4_text": _llama4,
    "minimax_m2": lambda draw: common(draw) | {"num_local_experts": 4, "num_experts_per_tok": 2},
    "phimoe": lambda draw: common(draw, head_dim=False) | {"num_local_experts": 4, "num_experts_per_tok": 2}
    | flags(draw, "lm_head_bias", "attention_bias"),
    "ernie4_5_moe": _ernie,
    "dots1": lambda draw: _glm(draw) | {"use_qk_norm": True},
    "deepseek_v2": _latent,
    "deepseek_v3": lambda draw: _latent(draw) | flags(draw, "attention_bias"),
    "glm4_moe_lite": lambda draw: {k: v for k, v in _latent(draw).items() if k != "first_k_dense_replace"},
    "deepseek_v32": _sparse,
    "glm_moe_dsa": _sparse,
    "nemotron_h": _nemotron,
    "jamba": _jamba,
    "mamba": _mamba,
    "falcon_mamba": _mamba,
    "mamba2": _mamba2,
    "gpt2": _gpt2,
    "bloom": _bloom,
    "mpt": _mpt,
    "opt": _opt,
    "gpt_neox": dense("attention_bias", kv=False, head_dim=False),
    "falcon": _falcon,
    "stablelm": dense("use_qkv_bias", "qk_layernorm", "use_parallel_residual", head_dim=False),
    "phi": dense("qk_layernorm", head_dim=False),
    "bert": _bert,
    "t5": _t5,
}  # fmt: skip
