"""Random shapes of further encoder-decoders."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, flags, layer_types


def _both(*names: str, **fixed: list[Any]) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = {"d_model": 24, "vocab_size": draw.randint(300, 900), "max_position_embeddings": 128, "pad_token_id": 0}
        for side in ("encoder", "decoder"):
            shape |= {f"{side}_layers": draw.randint(1, 6), f"{side}_ffn_dim": draw.randint(2, 9) * 4,
                      f"{side}_attention_heads": draw.choice([2, 4])}  # fmt: skip
        return shape | flags(draw, *names) | {name: draw.choice(values) for name, values in fixed.items()}

    return drawn


def _led(draw: Random) -> dict[str, Any]:
    shape = _both(max_encoder_position_embeddings=[256], max_decoder_position_embeddings=[64])(draw)
    each = [draw.choice([16, 64]) for _ in range(shape["encoder_layers"])]
    return shape | {"attention_window": draw.choice([32, each])}


def _t5(*names: str, **fixed: list[Any]) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = {
            "d_model": draw.choice([24, 32]), "d_kv": draw.choice([8, 12]), "num_heads": draw.choice([2, 4]), "d_ff": 48,
            "num_layers": draw.randint(2, 6), "num_decoder_layers": draw.randint(2, 6), "vocab_size": 500,
            "relative_attention_num_buckets": draw.choice([8, 16]),
        }  # fmt: skip
        return shape | flags(draw, *names) | {name: draw.choice(values) for name, values in fixed.items()}

    return drawn


def _prophetnet(draw: Random) -> dict[str, Any]:
    return {
        "hidden_size": 24, "vocab_size": draw.randint(300, 900), "max_position_embeddings": 128, "ngram": draw.choice([2, 3]),
        "num_encoder_layers": draw.randint(1, 4), "num_decoder_layers": draw.randint(1, 4), "encoder_ffn_dim": 40,
        "decoder_ffn_dim": 32, "num_encoder_attention_heads": 2, "num_decoder_attention_heads": draw.choice([2, 4]),
        "num_buckets": draw.choice([8, 16]),
    }  # fmt: skip


def _side(draw: Random, width: int, *names: str) -> dict[str, Any]:
    shape = common(draw) | flags(draw, *names) | {"hidden_size": width, "vocab_size": 500, "sliding_window": 32}
    del shape["tie_word_embeddings"]
    return shape | layer_types(draw, shape, "full_attention", "sliding_attention")


def _t5gemma(draw: Random) -> dict[str, Any]:
    sides = {side: _side(draw, 48, "attention_bias") for side in ("encoder", "decoder")}
    return sides | {"vocab_size": 500} | flags(draw, "tie_word_embeddings")


def _t5gemma2(draw: Random) -> dict[str, Any]:
    text, own = (_side(draw, 48) | {"num_attention_heads": heads, "num_key_value_heads": 2} for heads in (2, 4))
    vision = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return {"encoder": {"text_config": text, "vision_config": vision, "vocab_size": 500}, "decoder": own}


def _fsmt(draw: Random) -> dict[str, Any]:
    shape = _both("tie_word_embeddings")(draw) | {"pad_token_id": 1, "src_vocab_size": 300}
    return shape | {"tgt_vocab_size": shape.pop("vocab_size")}


SHAPES: dict[str, Draw] = {
    "bigbird_pegasus": _both("use_bias"),
    "pegasus_x": _both(num_global_tokens=[4, 8]),
    "led": _led,
    "mvp": _both(),
    "fsmt": _fsmt,
    "nllb-moe": _both("router_bias", num_experts=[4, 6], encoder_sparse_step=[0, 1, 2, 4], decoder_sparse_step=[1, 2, 3]),
    "prophetnet": _prophetnet,
    "longt5": _t5(encoder_attention_type=["local", "transient-global"],
                  feed_forward_proj=["relu", "gated-gelu"]),
    "switch_transformers": _t5("router_bias", num_experts=[4, 6], num_sparse_encoder_layers=[0, 1, 2],
                               num_sparse_decoder_layers=[0, 1, 2]),
    "t5gemma": _t5gemma,
    "t5gemma2": _t5gemma2,
}  # fmt: skip
