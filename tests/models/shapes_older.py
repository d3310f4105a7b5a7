"""Random shapes of encoders, encoder-decoders, and decoders before Llama; and of small hybrids."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, flags

FULL, SLIDING = "full_attention", "sliding_attention"


def _encoder(*names: str, **fixed: Any) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw, kv=False, head_dim=False) | flags(draw, *names)
        return shape | {"type_vocab_size": draw.choice([1, 2])} | {name: draw.choice(value) for name, value in fixed.items()}

    return drawn


def _both(draw: Random) -> dict[str, Any]:
    shape = {"d_model": 24, "vocab_size": draw.randint(300, 900), "max_position_embeddings": 128, "pad_token_id": 0}
    for side in ("encoder", "decoder"):
        shape |= {f"{side}_layers": draw.randint(1, 4), f"{side}_ffn_dim": draw.randint(2, 9) * 4,
                  f"{side}_attention_heads": draw.choice([2, 4])}  # fmt: skip
    return shape


def _modernbert(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False) | flags(draw, "attention_bias", "mlp_bias", "norm_bias")
    kinds = {"layer_types": [draw.choice([FULL, SLIDING]) for _ in range(shape["num_hidden_layers"])]}
    return shape | (kinds if draw.random() < 0.7 else {})


def _gpt(draw: Random) -> dict[str, Any]:
    heads = draw.choice([4, 8])
    return {"n_embd": heads * 12, "n_head": heads, "n_layer": 3, "n_inner": draw.choice([None, 40]), "vocab_size": 500,
            "n_positions": 64, "rotary_dim": 8}  # fmt: skip


def _gpt_neo(draw: Random) -> dict[str, Any]:
    heads, pairs = draw.choice([2, 4]), draw.randint(1, 3)
    return {"hidden_size": heads * 12, "num_heads": heads, "num_layers": 2 * pairs, "vocab_size": 500,
            "attention_types": [[["global", "local"], pairs]], "max_position_embeddings": 64,
            "intermediate_size": draw.choice([None, 40]), "window_size": 16}  # fmt: skip


def _t5(draw: Random) -> dict[str, Any]:
    return {
        "d_model": draw.choice([24, 32]), "d_kv": draw.choice([8, 12]), "num_heads": draw.choice([2, 4]), "d_ff": 48,
        "num_layers": draw.randint(2, 4), "num_decoder_layers": draw.randint(2, 4), "vocab_size": 500,
        "relative_attention_num_buckets": draw.choice([8, 16]), "feed_forward_proj": draw.choice(["relu", "gated-gelu"]),
    }  # fmt: skip


def _lfm2(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | flags(draw, "conv_bias", "block_auto_adjust_ff_dim")
    shape |= {"conv_L_cache": draw.choice([2, 3]), "block_multiple_of": 8}
    return shape | {"layer_types": [draw.choice(["conv", FULL]) for _ in range(shape["num_hidden_layers"])]}


def _bamba(draw: Random) -> dict[str, Any]:
    shape = common(draw, head_dim=False) | flags(draw, "attention_bias", "mlp_bias", "mamba_conv_bias", "mamba_proj_bias")
    layers = shape["num_hidden_layers"]
    return shape | {
        "mamba_n_heads": 4, "mamba_d_state": draw.choice([8, 16]), "mamba_n_groups": draw.choice([1, 2]), "mamba_d_conv": 4,
        "mamba_expand": 2, "attn_layer_indices": sorted(draw.sample(range(layers), draw.randint(1, layers - 1))),
    }  # fmt: skip


def _falcon_h1(draw: Random) -> dict[str, Any]:
    names = "attention_bias", "mlp_bias", "mamba_conv_bias", "mamba_proj_bias", "projectors_bias", "mamba_rms_norm"
    shape = common(draw, head_dim=False) | flags(draw, *names)
    return shape | {
        "mamba_n_heads": 4, "mamba_d_ssm": draw.choice([32, 48]), "mamba_d_state": 8, "mamba_n_groups": draw.choice([1, 2]),
    }  # fmt: skip


SHAPES: dict[str, Draw] = {
    "roberta": _encoder(),
    "camembert": _encoder(),
    "xlm-roberta": _encoder(),
    "data2vec-text": _encoder(),
    "ernie": _encoder(),
    "megatron-bert": _encoder(),
    "xlm-roberta-xl": _encoder(),
    "roberta-prelayernorm": _encoder(),
    "rembert": _encoder(input_embedding_size=[16, 20]),
    "mpnet": lambda draw: {name: value for name, value in _encoder()(draw).items() if name != "type_vocab_size"},
    "biogpt": lambda draw: common(draw, kv=False, head_dim=False),
    "xglm": lambda draw: {"d_model": 24, "num_layers": draw.randint(1, 4), "attention_heads": draw.choice([2, 4]),
                          "ffn_dim": 40, "vocab_size": 300},
    "openai-gpt": _gpt,
    "ctrl": lambda draw: _gpt(draw) | {"dff": 40},
    "falcon_h1": _falcon_h1,
    "electra": _encoder(embedding_size=[16, 20]),
    "distilbert": lambda draw: {"dim": 24, "n_heads": draw.choice([2, 4]), "n_layers": draw.randint(1, 4), "hidden_dim": 40,
                                "vocab_size": 300, "max_position_embeddings": 64},
    "modernbert": _modernbert,
    "eurobert": lambda draw: common(draw, head_dim=False) | flags(draw, "attention_bias", "mlp_bias"),
    "bart": _both,
    "plbart": _both,
    "mbart": _both,
    "pegasus": _both,
    "marian": _both,
    "m2m_100": _both,
    "blenderbot": _both,
    "blenderbot-small": _both,
    "gpt_bigcode": lambda draw: _gpt(draw) | flags(draw, "multi_query"),
    "gptj": _gpt,
    "codegen": _gpt,
    "gpt_neo": _gpt_neo,
    "mt5": _t5,
    "umt5": _t5,
    "lfm2": _lfm2,
    "bamba": _bamba,
}  # fmt: skip
