"""Vision towers against transformers: random small shapes, equal to the parameter."""

import json
import os
from random import Random

import pytest

from analysis.models import configuration, towers
from tests.extras import extra

torch = extra("torch")
transformers = extra("transformers")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

SHAPES_A_TYPE = 3
#: The tower's type that is drawn, by the type of the whole.
KINDS = towers.OF | towers.ANY


def drawn(kind: str, draw: Random) -> dict:
    """Return a `vision_config`; fields that a type does not know are left out."""
    heads = draw.choice([1, 2, 4])
    width = heads * draw.choice([8, 16])
    depth, d_ff, patch = draw.randint(1, 4), draw.randint(2, 9) * 8, draw.choice([4, 8])
    given = {
        "hidden_size": width, "intermediate_size": d_ff, "num_hidden_layers": depth, "depth": depth, "num_heads": heads,
        "num_attention_heads": heads, "num_key_value_heads": heads, "head_dim": width // heads, "patch_size": patch,
        "image_size": patch * draw.choice([4, 8]), "out_hidden_size": draw.choice([16, 64]), "num_position_embeddings": 16,
        "spatial_merge_size": 2, "temporal_patch_size": draw.choice([1, 2]), "attention_bias": draw.random() < 0.5,
        "projection_intermediate_size": 40, "position_embedding_size": 24, "pos_emb_height": 6, "pos_emb_width": 5,
        "deepstack_visual_indexes": list(range(draw.randint(1, depth))), "vision_use_head": draw.random() < 0.5,
        "embed_dim": width, "projector_input_dim": 24, "projector_output_dim": 24, "vision_output_dim": 24,
        "mlp_ratio": draw.choice([2.5, 4.0]),
    }  # fmt: skip
    if kind == "gemma4":
        given["attention_bias"] = False
    if kind == "qwen2_vl":
        given["mlp_ratio"] = draw.choice([2, 4])
    if kind == "llama4":
        given |= {"intermediate_size": 4 * width}  # Its pixels are shuffled by two in both directions.
    tower = KINDS[kind]
    known = configuration.defaults()[tower]
    return {"model_type": tower, **{name: value for name, value in given.items() if name in known}}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_towers_equal_those_of_transformers(kind):
    for seed in range(SHAPES_A_TYPE):
        draw = Random(f"{kind} {seed}")
        whole = CONFIG_MAPPING[kind]()
        whole.vision_config = CONFIG_MAPPING[KINDS[kind]](**drawn(kind, draw))
        if kind == "kimi_k25":
            whole.projection_hidden_size = whole.vision_config.hidden_size
        if kind != "gemma4":  # Whose kinds of layer are by their number.
            whole.get_text_config().num_hidden_layers = 1
        if kind == "step3p7":
            whole.vision_config.intermediate_size = int(whole.vision_config.hidden_size * whole.vision_config.mlp_ratio)
        with torch.device("meta"):
            model = transformers.AutoModelForImageTextToText.from_config(whole)
        theirs = sum(weight.numel() for name, weight in model.named_parameters() if not _of_text(name))
        read = json.loads(whole.to_json_string(use_diff=False))
        fields = configuration.Fields(kind, read["text_config"], {}, outer=read)
        assert towers.counted(read, kind, fields, configuration.defaults()) == ((towers.VISION, theirs),), read["vision_config"]


def _of_text(name: str) -> bool:
    return "language_model" in name or "lm_head" in name


def test_what_is_not_counted_is_named():
    config = {"model_type": "kimi_k3", "vision_config": {"vt_hidden_size": 8}, "audio_config": {}}
    fields = configuration.Fields("K3", {"hidden_size": 64}, {})
    assert towers.counted(config, "kimi_k3", fields, {}) == ()
    assert fields.uncounted == [towers.AUDIO, towers.VISION]


def test_a_file_of_text_alone_has_no_tower():
    fields = configuration.Fields("text", {"hidden_size": 64}, {})
    assert towers.counted({"model_type": "gemma3"}, "gemma3", fields, {}) == ()
    assert fields.uncounted == []
