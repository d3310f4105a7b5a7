"""Weights as files store them: sizes of published checkpoints, and modules that a file keeps."""

import pytest

from analysis.models import architecture, configuration, ledger, quantisation, report
from analysis.models.shape import ArchitectureError

DENSE = {
    "model_type": "llama", "hidden_size": 128, "num_attention_heads": 4, "num_key_value_heads": 4, "num_hidden_layers": 3,
    "intermediate_size": 256, "vocab_size": 1000, "tie_word_embeddings": False, "max_position_embeddings": 64,
}  # fmt: skip
ATTENTION, MLP, ENDS = 4 * 128 * 128, 3 * 128 * 256, 2 * 1000 * 128 + 7 * 128
GPT_OSS = {
    "model_type": "gpt_oss", "hidden_size": 2880, "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
    "num_hidden_layers": 36, "intermediate_size": 2880, "vocab_size": 201088, "num_local_experts": 128,
    "num_experts_per_tok": 4, "tie_word_embeddings": False,
    "quantization_config": {"quant_method": "mxfp4", "modules_to_not_convert": [
        "model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]},
}  # fmt: skip


def sizes(block, base=DENSE):
    model = configuration.from_config({**base, "quantization_config": block}, "model")
    return quantisation.of_file(model, ledger.ledger(model, 1, 1))


def test_sixteen_bits_are_two_bytes_a_parameter():
    model = architecture.load("Llama-3.1-8B")
    assert report.numbers(model)["weight_bytes"]["bf16"] == 2 * 8_030_261_248
    assert report.numbers(model)["quantisation"] is None


def test_gpt_oss_is_as_large_as_its_checkpoint():
    """OpenAI publishes 60.8 GiB."""
    found = report.numbers(configuration.from_config(GPT_OSS, "gpt-oss-120b"))["quantisation"]
    assert found["weight_bytes"] / 2**30 == pytest.approx(60.8, rel=0.005)


@pytest.mark.parametrize(
    ("block", "bits"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 128**2),
        ({"quant_method": "fp8"}, 8),
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}, 4 + 20 / 128),
        ({"quant_method": "gptq", "bits": 8, "group_size": 64}, 8 + 24 / 64),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}, 4.5),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 8),
        ({"quant_algo": "NVFP4", "ignore": ["lm_head"]}, 4.5),
        ({"quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}, 8),
        ({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"group_0": {
            "targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "group_size": 32, "symmetric": True}}}}, 4.5),
        ({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "format": "mxfp4-pack-quantized", "config_groups": {
            "g": {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "float", "group_size": 32}}}}, 4.25),
    ],
)  # fmt: skip
def test_matrices_of_layers_are_stored_at_the_formats_bits(block, bits):
    found = sizes(block)
    assert found.pop("bf16") == 2 * ENDS
    assert list(found.values()) == [round(3 * (ATTENTION + MLP) * bits / 8)]


@pytest.mark.parametrize(
    ("kept", "matrices"),
    [
        (["self_attn"], 3 * MLP),
        (["model.layers.1.self_attn*"], 2 * ATTENTION + 3 * MLP),
        (["model.layers.0*"], 2 * (ATTENTION + MLP)),
        (["*.mlp.down_proj", "model.visual.blocks.0.attn"], 3 * (ATTENTION + 2 * 128 * 256)),
        (["re:.*mlp\\.(gate|up)_proj.*"], 3 * (ATTENTION + 128 * 256)),
        (["re:(a+)+$", "re:["], 3 * (ATTENTION + MLP)),
    ],
)
def test_modules_that_the_file_names_stay_in_sixteen_bits(kept, matrices):
    found = sizes({"quant_method": "fp8", "modules_to_not_convert": kept})
    assert found == {"bf16": 2 * (ENDS + 3 * (ATTENTION + MLP) - matrices), "fp8": matrices}


def test_an_unknown_method_is_named():
    model = configuration.from_config({**DENSE, "quantization_config": {"quant_method": "vptq"}}, "model")
    assert model.unsupported == ("quantisation 'vptq'",)
    assert report.numbers(model)["quantisation"]["weight_bytes"] is None


@pytest.mark.parametrize(
    "block",
    [[], "fp8", {"quant_method": 4}, {"quant_method": "awq", "bits": "4"}, {"quant_method": "awq", "bits": 10**9},
     {"quant_method": "fp8", "modules_to_not_convert": {"a": 1}}, {"quant_method": "fp8", "ignore": ["*a"] * 500},
     {"quant_method": "fp8", "weight_block_size": "128"}, {"quant_algo": "MIXED_PRECISION", "quantized_layers": [1]},
     {"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": [4]}}}],
)  # fmt: skip
def test_what_is_no_such_block_is_refused_by_field(block):
    with pytest.raises(ArchitectureError, match="quantization_config"):
        sizes(block)
