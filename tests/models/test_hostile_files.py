"""Files that are no honest configuration: one clear message, and nothing else, whatever the model type."""

import json
import pickle
from random import Random

import pytest

from analysis.models import configuration, families, report, training_files
from analysis.models.shape import ArchitectureError
from tests.models import shapes, shapes_ancestors, test_quantisation, test_training_files

HOSTILE = (10**30, -1, 0, "8", [1], {}, float("nan"), float("inf"), None, True, {"a": [1]}, [[]], "x" * 1000, 2.5, [None] * 3)
#: Values tried of each field; a file's fields and the values take turns, so that each meets each over all types.
EACH = 2


def survives(read) -> None:
    try:
        report.as_json(read())
    except ArchitectureError as error:
        assert len(str(error)) < 500 and "\n" not in str(error)


SHAPES = {**shapes.SHAPES, **shapes_ancestors.SHAPES}


@pytest.mark.parametrize("kind", sorted(set(SHAPES) & set(families.READERS)))
def test_any_field_of_any_type_may_hold_anything(kind):
    draw = Random(kind)
    base = {"model_type": kind, **configuration.defaults().get(kind, {}), **SHAPES[kind](Random(kind))}
    for field in base:
        for value in draw.sample(HOSTILE, EACH):
            survives(lambda: configuration.from_config({**base, field: value}, "m"))  # noqa: B023 - called at once


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:12])
def test_blocks_inside_may_be_anything(value):
    base = test_quantisation.GPT_OSS
    for field in ("quant_method", "modules_to_not_convert", "weight_block_size", "config_groups", "quantized_layers",
                  "kv_cache_scheme", "quant_algo", "bits", "group_size"):  # fmt: skip
        for method in ("fp8", "awq", "compressed-tensors", "modelopt"):
            block = {"quant_method": method, field: value}
            survives(lambda: configuration.from_config({**base, "quantization_config": block}, "m"))  # noqa: B023
    survives(lambda: configuration.from_config({**base, "quantization_config": value}, "m"))
    for field in ("depth", "hidden_size", "patch_size", "model_type", "deepstack_visual_indexes"):
        vision = {"vision_config": {field: value}, "text_config": test_quantisation.DENSE, "model_type": "qwen3_vl"}
        survives(lambda: configuration.from_config(vision, "m"))  # noqa: B023
    for text, suffix in ((test_training_files.MAXTEXT_DEEPSEEK, ".yml"), (test_training_files.MEGATRON, ".sh")):
        given = training_files.parsed(text, suffix, "m")
        for field in given:
            survives(lambda: configuration.from_config(training_files.config({**given, field: value}, "m"), "m"))  # noqa: B023


def test_a_list_of_another_length_than_the_layers_is_refused():
    base = {"model_type": "llama4_text", **configuration.defaults()["llama4_text"]}
    with pytest.raises(ArchitectureError, match="no_rope_layers has 1 entries"):
        configuration.from_config({**base, "no_rope_layers": [1]}, "m")


@pytest.mark.parametrize("name", ["model.pkl", "config.json", "model.yml", "model.toml", "model.sh"])
def test_a_pickle_is_never_loaded(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"model_type": "llama"}))
    with pytest.raises(ArchitectureError, match="is not"):
        configuration.read(path)


@pytest.mark.parametrize("name", ["config.json", "model.yml"])
def test_a_file_of_a_hundred_megabytes_is_not_read(tmp_path, name):
    with (tmp_path / name).open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(ArchitectureError, match="has 100,000,000 bytes"):
        configuration.read(tmp_path / name)


def test_a_folder_without_a_configuration_is_named(tmp_path):
    with pytest.raises(ArchitectureError, match="config.json: can't be read: No such file"):
        configuration.read(tmp_path)


def test_all_that_is_promised_is_in_the_json():
    found = json.loads(report.as_json(configuration.from_config(test_quantisation.DENSE, "m")))
    assert {"name", "parameters", "active_parameters", "embedding_parameters", "vision_parameters", "mtp_parameters",
            "kv_bytes_per_token", "state_bytes_per_sequence", "layers", "context_length", "unsupported",
            "weight_bytes", "quantisation"} <= set(found)  # fmt: skip
    assert found["context_length"] == 64 and found["unsupported"] == []
