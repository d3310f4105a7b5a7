"""Random shapes of further decoders: dense ones, and mixtures of experts."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, dense, flags, layer_types, windowed

FULL, SLIDING = "full_attention", "sliding_attention"


def _latent(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | flags(draw, "attention_bias")
    return shape | {
        "num_key_value_heads": shape["num_attention_heads"], "kv_lora_rank": 8, "q_lora_rank": draw.choice([8, 24]),
        "qk_nope_head_dim": draw.choice([8, 16]), "qk_rope_head_dim": 4, "v_head_dim": draw.choice([8, 12]),
    }  # fmt: skip


def _routed(*names: str, **fixed: Any) -> Draw:
    """Experts of `intermediate_size` or `moe_intermediate_size`."""

    def drawn(draw: Random) -> dict[str, Any]:
        head_dim = fixed.get("head_dim", True)
        shape = common(draw, head_dim=head_dim) | flags(draw, *names) | {"num_experts_per_tok": draw.choice([1, 2])}
        more = {name: draw.choice(value) for name, value in fixed.items() if isinstance(value, list)}
        return shape | {"moe_intermediate_size": draw.choice([8, 12])} | more

    return drawn


def _mixed(draw: Random) -> dict[str, Any]:
    shape = _routed(num_experts=[4], num_shared_experts=[1, 2])(draw)
    shape |= {"mlp_layer_types": [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]}
    return shape


def _afmoe(draw: Random) -> dict[str, Any]:
    shape = _routed("attention_bias", num_experts=[4], num_shared_experts=[1, 2], num_dense_layers=[0, 1])(draw)
    return shape | {"sliding_window": 32} | layer_types(draw, shape, FULL, SLIDING)


def _minimax(draw: Random) -> dict[str, Any]:
    shape = _routed(num_local_experts=[4])(draw) | {"block_size": 16}
    return shape | layer_types(draw, shape, FULL, "linear_attention")


def _longcat(draw: Random) -> dict[str, Any]:
    shape = _latent(draw)
    del shape["num_hidden_layers"], shape["intermediate_size"]
    return shape | {
        "num_layers": draw.randint(1, 4), "ffn_hidden_size": 24, "expert_ffn_hidden_size": 12, "n_routed_experts": 4,
        "moe_topk": 2, "zero_expert_num": 0,
    }  # fmt: skip


def _axk(draw: Random) -> dict[str, Any]:
    shape = _latent(draw) | {"n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 12, "n_group": 1}
    kinds = [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]
    return shape | {"topk_group": 1, "n_shared_experts": draw.choice([1, 2]), "mlp_layer_types": kinds}


SHAPES: dict[str, Draw] = {
    "apertus": dense("attention_bias", head_dim=False),
    "arcee": dense("attention_bias", "mlp_bias"),
    "bitnet": dense("attention_bias", head_dim=False),
    "cwm": windowed("mlp_bias"),
    "ernie4_5": dense("use_bias"),
    "exaone": dense(),
    "exaone4": lambda draw: windowed()(draw) | {"sliding_window_pattern": draw.choice([2, 4])},
    "glm": dense("attention_bias"),
    "glm4": dense("attention_bias"),
    "granite": dense("attention_bias", "mlp_bias", head_dim=False),
    "granite_swa": windowed("attention_bias", "mlp_bias"),
    "helium": lambda draw: (shape := common(draw, head_dim=False)) | flags(draw, "attention_bias", "mlp_bias")
    | {"head_dim": shape["hidden_size"] // shape["num_attention_heads"]},
    "hunyuan_v1_dense": dense("attention_bias"),
    "iquestcoder": dense("attention_bias", "mlp_bias"),
    "jais2": dense("attention_bias", "mlp_bias"),
    "minicpm3": _latent,
    "ministral": windowed(),
    "ministral3": dense(),
    "nanochat": dense("attention_bias", head_dim=False),
    "nemotron": dense("attention_bias", "mlp_bias"),
    "persimmon": dense("qk_layernorm", kv=False, head_dim=False),
    "seed_oss": dense("attention_bias", "attention_out_bias", "mlp_bias"),
    "smollm3": dense("attention_bias", "mlp_bias", head_dim=False),
    "starcoder2": dense("use_bias", head_dim=False),
    "vaultgemma": windowed("attention_bias"),
    "youtu": _latent,
    "olmoe": _routed("attention_bias", num_experts=[4], head_dim=False),
    "flex_olmo": _routed("attention_bias", num_experts=[4], head_dim=False),
    "granitemoe": _routed("attention_bias", num_local_experts=[4], head_dim=False),
    "granitemoeshared": _routed("attention_bias", num_local_experts=[4], shared_intermediate_size=[0, 20], head_dim=False),
    "granitemoe_swa": lambda draw: (
        shape := _routed("attention_bias", num_local_experts=[4], shared_intermediate_size=[0, 20], head_dim=False)(draw)
    ) | layer_types(draw, shape, FULL, SLIDING),
    "hunyuan_v1_moe": lambda draw: common(draw) | flags(draw, "attention_bias") | {"num_experts": 4, "moe_topk": 2},
    "minimax": _minimax,
    "exaone_moe": lambda draw: _mixed(draw) | {"sliding_window_pattern": draw.choice([2, 4])},
    "hy_v3": _mixed,
    "solar_open": _routed("attention_bias", n_routed_experts=[4], n_shared_experts=[1, 2]),
    "afmoe": _afmoe,
    "mistral4": lambda draw: _latent(draw) | {"n_routed_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 12,
                                              "first_k_dense_replace": draw.randint(0, 2)},
    "longcat_flash": _longcat,
    "mellum": lambda draw: (shape := _mixed(draw)) | {"sliding_window": 32} | layer_types(draw, shape, FULL, SLIDING),
    "cohere2_moe": lambda draw: (shape := _routed("attention_bias", num_experts=[4], num_shared_experts=[0, 2])(draw))
    | {"sliding_window": 32, "prefix_dense_intermediate_size": 20}
    | {"mlp_layer_types": [draw.choice(["dense", "sparse"]) for _ in range(shape["num_hidden_layers"])]}
    | layer_types(draw, shape, FULL, SLIDING),
    "laguna": lambda draw: (shape := _mixed(draw)) | {"sliding_window": 32, "shared_expert_intermediate_size": 20}
    | layer_types(draw, shape, FULL, SLIDING),
    "axk1": _axk,
    "sarvam_mla": lambda draw: {k: v for k, v in _axk(draw).items() if k != "mlp_layer_types"}
    | {"first_k_dense_replace": draw.randint(0, 2)},
    "sarvam_moe": lambda draw: _routed("attention_bias", "use_qk_norm", n_routed_experts=[4], n_shared_experts=[1, 2])(draw)
    | {"first_k_dense_replace": draw.randint(0, 2)},
    "dbrx": lambda draw: {
        "d_model": 48, "n_heads": 4, "n_layers": draw.randint(1, 4), "vocab_size": 300,
        "attn_config": {"kv_n_heads": draw.choice([1, 2, 4]), "rope_theta": 10000.0},
        "ffn_config": {"hidden_size": 48, "ffn_hidden_size": draw.choice([20, 24]), "moe_num_experts": 4, "moe_top_k": 2},
    },
}  # fmt: skip
