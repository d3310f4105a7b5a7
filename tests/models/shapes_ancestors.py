"""Random shapes of model types that are no part of transformers."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, experts, flags


def _llama(*names: str, kv: bool = True, tied: bool | None = False) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw, kv=kv, head_dim=False) | flags(draw, *names)
        return shape if tied is None else shape | {"tie_word_embeddings": tied}

    return drawn


def _chatglm(draw: Random) -> dict[str, Any]:
    heads, layers = draw.choice([2, 4]), draw.randint(2, 5)
    shape = {"hidden_size": heads * 12, "num_attention_heads": heads, "num_layers": layers, "tie_word_embeddings": False}
    if draw.random() < 0.3:
        return shape | {"inner_hidden_size": draw.choice([40, 64]), "vocab_size": 300, "tie_word_embeddings": True}
    return shape | flags(draw, "add_bias_linear", "add_qkv_bias", "rmsnorm", "multi_query_attention") | {
        "ffn_hidden_size": draw.choice([40, 64]), "kv_channels": draw.choice([8, 12]), "padded_vocab_size": 300,
        "multi_query_group_num": draw.choice([1, 2]),
    }  # fmt: skip


def _minicpm(draw: Random) -> dict[str, Any]:
    shape = _llama(tied=None)(draw)
    return shape | draw.choice([{}, {"num_experts": 4, "num_experts_per_tok": 2}])


def _deepseek(draw: Random) -> dict[str, Any]:
    shape = _llama("attention_bias")(draw)
    if draw.random() < 0.3:
        return shape
    return shape | experts(draw, ("n_routed_experts", "num_experts_per_tok")) | {
        "n_shared_experts": draw.choice([None, 1, 2]), "first_k_dense_replace": draw.choice([0, 1, 2]),
        "moe_layer_freq": draw.choice([1, 2]),
    }  # fmt: skip


def _nemotron(draw: Random) -> dict[str, Any]:
    shape = _llama(kv=False)(draw)
    blocks = []
    for _ in range(shape["num_hidden_layers"]):
        attention, ffn = ({"no_op": kind == 1, "replace_with_linear": kind == 2} for kind in draw.choices(range(4), k=2))
        attention["n_heads_in_group"] = draw.choice([1, 2])
        ffn["ffn_mult"] = draw.choice([0.5, 1.3125, 2.625])
        blocks.append({"attention": attention, "ffn": ffn})
    return shape | {"block_configs": blocks}


def _rwkv(draw: Random) -> dict[str, Any]:
    heads = draw.choice([1, 2])
    return {"hidden_size": heads * 64, "head_size": 64, "num_hidden_layers": draw.randint(1, 3), "vocab_size": 300,
            "intermediate_size": draw.choice([96, 160]), "tie_word_embeddings": False}  # fmt: skip


SHAPES: dict[str, Draw] = {
    "internlm": _llama("bias", kv=False),
    "internlm2": _llama("bias"),
    "minicpm": _minicpm,
    "qwen": lambda draw: _llama(kv=False)(draw) | {"kv_channels": draw.choice([8, 12])},
    "chatglm": _chatglm,
    "baichuan": _llama(kv=False),
    "orion": _llama("attention_bias"),
    "exaone": lambda draw: {"num_layers" if name == "num_hidden_layers" else name: value
                            for name, value in _llama()(draw).items()},
    "deepseek": _deepseek,
    "phi3_v": _llama(),
    "bailing_moe": lambda draw: _llama("use_qkv_bias")(draw) | experts(draw)
    | {"num_shared_experts": draw.choice([0, 2]), "first_k_dense_replace": draw.choice([0, 1])},
    "grok-1": lambda draw: _llama(tied=True)(draw) | {"num_experts": 4, "num_experts_per_tok": 2},
    "arctic": lambda draw: _llama()(draw)
    | {"num_local_experts": 4, "num_experts_per_tok": 2, "parallel_attn_mlp_res": True},
    "nemotron-nas": _nemotron,
    "rwkv5": _rwkv,
    "rwkv6": _rwkv,
}  # fmt: skip
