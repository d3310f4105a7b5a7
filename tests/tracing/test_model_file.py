"""The page reads a config.json as Python does: the same layers, the same parameters, or a refusal by name."""

import json

import numpy as np
import pytest

from analysis import paths
from analysis.models import configuration
from analysis.models.architecture import ArchitectureError
from analysis.tracing import engine, planner_data

#: What a file of each type may say, beside what all do.
SIZES = {
    "hidden_size": [2048, 4096, 7168], "num_hidden_layers": [2, 24, 61], "num_attention_heads": [16, 32, 64],
    "num_key_value_heads": [None, 1, 4, 8], "head_dim": [None, 64, 128], "vocab_size": [32000, 129280],
    "intermediate_size": [5632, 14336], "tie_word_embeddings": [True, False], "attention_bias": [True, False, None],
    "mlp_bias": [True, False], "sliding_window": [None, 4096], "num_local_experts": [8, 16], "num_experts": [64, 128],
    "num_experts_per_tok": [2, 6, 8], "moe_intermediate_size": [768, 2048], "q_lora_rank": [None, 1536], "kv_lora_rank": [512],
    "qk_nope_head_dim": [128], "qk_rope_head_dim": [64], "v_head_dim": [128], "first_k_dense_replace": [0, 1, 3],
    "n_routed_experts": [64, 256], "n_shared_experts": [None, 1, 2], "n_group": [None, 1, 8], "topk_group": [1, 4],
    "topk_method": ["greedy", "noaux_tc"], "num_nextn_predict_layers": [0, 1], "quantization_config": [None],
}  # fmt: skip

#: What training plans ask of a model beside its layers; what answering asks besides, the page has of the library's models.
COUNTED = ("layers", "heads", "kvHeads", "experts", "parameters", "active")


@pytest.fixture(scope="module")
def page(browser):
    script = (paths.ROOT / "book" / "assets" / "model-file.js").read_text(encoding="utf-8")
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>files</title>")
    page.add_script_tag(content=f"{script}; const data = {json.dumps(planner_data.described([], []))};")
    yield page
    page.close()


def read(page, texts: list[str]) -> list:
    return page.evaluate(
        """(texts) => texts.map((text) => {
          try { return modelOfFile(text, "mine", data); } catch (error) { return error.message; }
        })""",
        texts,
    )


def drawn(kind: str, count: int) -> list[dict]:
    rng = np.random.default_rng(len(kind))
    files = []
    for _ in range(count):
        said = {name: values[rng.integers(len(values))] for name, values in SIZES.items() if rng.random() < 0.8}
        if kind.startswith("deepseek"):
            said.pop("attention_bias", None)
        files.append({"model_type": kind, **said})
    return files


@pytest.mark.parametrize("kind", planner_data.READ)
def test_layers_and_parameters_are_those_that_python_reads(page, kind):
    files = drawn(kind, 40)
    compared = 0
    for given, got in zip(files, read(page, [json.dumps(given) for given in files]), strict=True):
        try:
            expected = planner_data.model(configuration.from_config(given, "mine"))
        except ArchitectureError:
            assert isinstance(got, str), given
            continue
        assert isinstance(got, dict), (given, got)
        assert dict(zip(engine.SHAPE, got["kinds"][0], strict=True)) == dict(zip(engine.SHAPE, expected["kinds"][0], strict=True))
        assert {name: got[name] for name in COUNTED} == {name: expected[name] for name in COUNTED}, given
        compared += 1
    assert compared > 10


HOSTILE = {
    "[]": "holds no object", "null": "holds no object", "{": "is not JSON", "": "is not JSON", "[" * 100_000: "is not JSON",
    '{"model_type": "gemma4_text"}': "reads llama", '{"__proto__": {"model_type": "llama"}}': "model_type",
    '{"model_type": "constructor"}': "is not read", '{"model_type": "llama", "hidden_size": "4096"}': "hidden_size",
    '{"model_type": "llama", "hidden_size": 1e300}': "hidden_size", '{"model_type": "llama", "hidden_size": -1}': "hidden_size",
    '{"model_type": "llama", "num_hidden_layers": 100000}': "num_hidden_layers",
    '{"model_type": "llama", "num_attention_heads": 7}': "does not divide",
    '{"model_type": "qwen3", "use_sliding_window": true}': "use_sliding_window",
    '{"model_type": "qwen2", "layer_types": ["sliding_attention"]}': "layer_types",
    '{"model_type": "qwen3_moe", "mlp_only_layers": [1]}': "mlp_only_layers",
    '{"model_type": "mixtral", "num_experts_per_tok": 99}': "num_experts_per_tok",
    '{"model_type": "<img src=x onerror=alert(1)>"}': "is not read",
    f'{{"model_type": "llama", "x": "{"a" * 2_000_000}"}}': "at most a million",
}  # fmt: skip


def test_hostile_files_are_refused_in_a_sentence(page):
    for (text, said), got in zip(HOSTILE.items(), read(page, list(HOSTILE)), strict=True):
        assert isinstance(got, str) and said in got and len(got) < 300, (text[:80], got)
    assert page.evaluate("({}).model_type") is None
