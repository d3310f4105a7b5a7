"""Random shapes of further encoders after BERT."""

from random import Random
from typing import Any

from tests.models.draws import Draw, common, flags, layer_types


def _encoder(*names: str, **fixed: list[Any]) -> Draw:
    """Return BERT's shapes, with flags and one of the values of each of `fixed`."""

    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw, kv=False, head_dim=False) | flags(draw, *names)
        return shape | {"type_vocab_size": draw.choice([1, 2])} | {name: draw.choice(values) for name, values in fixed.items()}

    return drawn


def _without(field: str, drawn: Draw) -> Draw:
    """Return shapes that lack a field that real files of the type lack."""
    return lambda draw: {name: value for name, value in drawn(draw).items() if name != field}


def _albert(draw: Random) -> dict[str, Any]:
    shape = _encoder(embedding_size=[16, 24], inner_group_num=[1, 2])(draw)
    return shape | {"num_hidden_groups": draw.randint(1, shape["num_hidden_layers"])}


def _longformer(draw: Random) -> dict[str, Any]:
    shape = _encoder()(draw)
    each = [draw.choice([16, 64]) for _ in range(shape["num_hidden_layers"])]
    return shape | {"attention_window": draw.choice([32, each])}


def _deberta(**fixed: list[Any]) -> Draw:
    kinds = [["c2p"], ["p2c"], ["c2p", "p2c"], "p2c|c2p"]
    return _encoder(
        "relative_attention", "position_biased_input", pos_att_type=kinds, max_relative_positions=[-1, 40],
        embedding_size=[16, None], **fixed,
    )  # fmt: skip


def _deberta_of(**fixed: list[Any]) -> Draw:
    drawn = _deberta(**fixed)

    def with_embedding(draw: Random) -> dict[str, Any]:
        shape = drawn(draw)
        if shape["embedding_size"] is None:
            del shape["embedding_size"]
        return shape | {"type_vocab_size": draw.choice([0, 2])}

    return with_embedding


def _xlm(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {"emb_dim": heads * 12, "n_heads": heads, "n_layers": draw.randint(2, 4), "vocab_size": 400,
            "n_langs": draw.choice([1, 3]), "max_position_embeddings": 64} | flags(draw, "use_lang_emb")  # fmt: skip


def _ultrabert(draw: Random) -> dict[str, Any]:
    shape = common(draw) | flags(draw, "attention_bias", "mlp_bias") | {"sliding_window": 32}
    return shape | layer_types(draw, shape, "full_attention", "sliding_attention")


def _xlnet(draw: Random) -> dict[str, Any]:
    heads = draw.choice([2, 4])
    return {"d_model": heads * 12, "n_head": heads, "n_layer": draw.randint(2, 4), "d_inner": 40, "vocab_size": 400}


def _modernbert(draw: Random) -> dict[str, Any]:
    shape = common(draw, kv=False, head_dim=False)
    shape |= flags(draw, "attention_bias", "mlp_bias", "norm_bias", "classifier_bias", "decoder_bias")
    return shape | layer_types(draw, shape, "full_attention", "sliding_attention")


SHAPES: dict[str, Draw] = {
    "albert": _albert,
    "big_bird": _encoder("use_bias"),
    "mra": _encoder(),
    "yoso": _encoder(),
    "nystromformer": _encoder(conv_kernel_size=[3, 5]),
    "ibert": _encoder(),
    "layoutlm": _encoder(max_2d_position_embeddings=[64, 128]),
    "longformer": _longformer,
    "luke": _encoder("use_entity_aware_attention", entity_vocab_size=[100, 200], entity_emb_size=[16, 20]),
    "roc_bert": _encoder(
        "concat_input", "enable_pronunciation", "enable_shape", pronunciation_embed_dim=[16, 20], shape_embed_dim=[8, 12]
    ),
    "roformer": _encoder("rotary_value", embedding_size=[None, 16]),
    "xmod": _encoder("adapter_layer_norm", "pre_norm", languages=[["en_XX"], ["en_XX", "de_DE"]],
                     adapter_reduction_factor=[2, 4]),
    "deberta": _deberta_of(),
    "deberta-v2": _deberta_of(share_att_key=[True, False], position_buckets=[-1, 20], norm_rel_ebd=["none", "layer_norm"],
                              conv_kernel_size=[0, 3]),
    "esm": _without("type_vocab_size", _encoder("emb_layer_norm_before", position_embedding_type=["absolute", "rotary"])),
    "esmc": lambda draw: common(draw, kv=False, head_dim=False) | {"tie_word_embeddings": False},
    "xlm": _xlm,
    "flaubert": _xlm,
    "fnet": _without("num_attention_heads", _encoder()),
    "gte": _encoder(),
    "nomic_bert": _encoder(),
    "jina_embeddings_v3": _encoder(),
    "ultrabert": _ultrabert,
    "tapas": lambda draw: common(draw, kv=False, head_dim=False) | {"type_vocab_sizes": [3, draw.choice([16, 20]), 2]},
    "xlnet": _xlnet,
    "convbert": _encoder(embedding_size=[16, 20], conv_kernel_size=[3, 5]),
    "clip_text_model": lambda draw: common(draw, kv=False, head_dim=False),
    "modernbert-decoder": _modernbert,
}  # fmt: skip
