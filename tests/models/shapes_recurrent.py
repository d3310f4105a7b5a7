"""Random shapes of recurrent models."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, flags


def _gemma(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | flags(draw, "attention_bias")
    return shape | {
        "lru_width": draw.choice([None, shape["num_attention_heads"] * 8]), "attention_window_size": 32,
        "conv1d_width": draw.choice([2, 4]), "tie_word_embeddings": True,
        "block_types": [draw.choice(["recurrent", "attention"]) for _ in range(draw.randint(1, 3))],
    }  # fmt: skip


def _rwkv(draw: Random) -> dict[str, Any]:
    return {"hidden_size": draw.choice([24, 48]), "attention_hidden_size": draw.choice([None, 32]), "vocab_size": 300,
            "num_hidden_layers": draw.randint(1, 4), "intermediate_size": draw.choice([None, 40])} | flags(
                draw, "tie_word_embeddings")  # fmt: skip


def _xlstm(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {
        "hidden_size": heads * draw.choice([8, 16]), "num_heads": heads, "num_hidden_layers": draw.randint(1, 4),
        "vocab_size": 300, "qk_dim_factor": draw.choice([0.5, 1.0]), "v_dim_factor": draw.choice([0.5, 1.0]),
        "ffn_round_up_to_multiple_of": draw.choice([8, 64]), "ffn_proj_factor": draw.choice([2.0, 2.667]),
    } | flags(draw, "use_bias", "add_out_norm", "tie_word_embeddings")  # fmt: skip


SHAPES: dict[str, Draw] = {"recurrent_gemma": _gemma, "rwkv": _rwkv, "xlstm": _xlstm}
