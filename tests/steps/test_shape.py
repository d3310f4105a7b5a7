"""Architectures as arrays, against the ledger: hybrids, sparse attention and layers of one part or with more beside them."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.inference import deployments, pass_time
from analysis.inference.inference_fitted import HALF_WIDTHS as INFERENCE_WIDTHS
from analysis.models import architecture, configuration, ledger, library, memory
from analysis.models.parallelism import Parallelism
from analysis.steps import step
from analysis.steps.parameters import parameters
from analysis.steps.shape import Shape, is_measured, shape_case
from analysis.training import footprint, step_time
from analysis.validation.predict import UNMEASURED, predict

COMMON = {"hidden_size": 1024, "num_attention_heads": 16, "vocab_size": 32_000, "num_hidden_layers": 8}
EXPERTS = {"moe_intermediate_size": 512, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1}
HYBRIDS = {
    "gated delta net": COMMON | EXPERTS | {
        "model_type": "qwen3_next", "num_key_value_heads": 2, "head_dim": 128, "num_experts": 8,
        "shared_expert_intermediate_size": 512, "linear_num_value_heads": 16, "linear_num_key_heads": 8,
        "linear_key_head_dim": 64, "linear_value_head_dim": 64,
    },
    "Mamba-2, layers of one part": COMMON | {
        "model_type": "nemotron_h", "hybrid_override_pattern": "M-M*M-M-", "num_key_value_heads": 4, "head_dim": 64,
        "mamba_num_heads": 32, "mamba_head_dim": 64, "ssm_state_size": 64, "n_groups": 4, "intermediate_size": 4096,
    },
    "sparse attention": COMMON | EXPERTS | {
        "model_type": "deepseek_v32", "num_key_value_heads": 16, "q_lora_rank": 512, "kv_lora_rank": 256,
        "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "intermediate_size": 4096,
        "first_k_dense_replace": 2, "n_routed_experts": 16, "n_shared_experts": 1, "index_n_heads": 16,
        "index_head_dim": 64, "index_topk": 512,
    },
    "compressed entries": COMMON | {
        "model_type": "deepseek_v4", "num_attention_heads": 16, "num_key_value_heads": 1, "head_dim": 128, "q_lora_rank": 256,
        "qk_rope_head_dim": 64, "o_groups": 4, "o_lora_rank": 128, "sliding_window": 128, "index_n_heads": 16,
        "index_head_dim": 64, "index_topk": 512, "hc_mult": 4, "moe_intermediate_size": 512, "num_experts_per_tok": 2,
        "n_routed_experts": 16, "n_shared_experts": 1, "num_hash_layers": 1,
        "compress_ratios": [0, 128, 4, 128, 4, 128, 4, 0], "num_nextn_predict_layers": 0,
    },
    "chosen blocks": COMMON | {
        "model_type": "minimax_m3_vl_text", "num_key_value_heads": 4, "head_dim": 64, "index_n_heads": 4, "index_head_dim": 64,
        "index_block_size": 64, "index_topk_blocks": 8, "layer_types": ["full_attention"] * 2 + ["minimax_m3_sparse"] * 6,
        "num_local_experts": 8, "num_experts_per_tok": 2, "intermediate_size": 512, "shared_intermediate_size": 512,
        "dense_intermediate_size": 2048, "mlp_layer_types": ["dense"] * 2 + ["sparse"] * 6,
    },
    "queries from a latent": COMMON | {
        "model_type": "step3_text", "num_attention_groups": 1, "head_dim": 128, "share_q_dim": 512, "moe_num_experts": 8,
        "moe_top_k": 2, "moe_intermediate_size": 512, "share_expert_dim": 512, "moe_layers_enum": [4, 5, 6, 7],
        "intermediate_size": 4096,
    },
    "attention beside Mamba-2": COMMON | {
        "model_type": "falcon_h1", "num_key_value_heads": 4, "head_dim": 64, "mamba_d_ssm": 2048, "mamba_n_heads": 32,
        "mamba_d_state": 64, "intermediate_size": 4096,
    },
    "shared blocks before Mamba-2": COMMON | {
        "model_type": "zamba2", "num_key_value_heads": 16, "intermediate_size": 4096, "n_mamba_heads": 32,
        "layers_block_type": ["mamba", "hybrid"] * 4, "num_mem_blocks": 4,
    },
    "gated linear recurrence": COMMON | {
        "model_type": "recurrent_gemma", "num_key_value_heads": 1, "intermediate_size": 8192, "num_attention_heads": 8,
        "attention_window_size": 8192,
    },
    "time mixing": COMMON | {"model_type": "rwkv6", "intermediate_size": 3584},
    "caches of others, inputs of layers": COMMON | {
        "model_type": "gemma3n_text", "num_key_value_heads": 4, "head_dim": 64, "num_kv_shared_layers": 2,
        "layer_types": ["sliding_attention", "full_attention"] * 4, "sliding_window": 8192, "hidden_size_per_layer_input": 64,
        "vocab_size_per_layer_input": 1000, "intermediate_size": 4096, "laurel_rank": 64, "altup_num_inputs": 4,
    },
}  # fmt: skip
EQUAL = ("Llama-3.1-8B", "Mixtral-8x7B", "DeepSeek-V3", "gpt-oss-120b")


@pytest.fixture(params=HYBRIDS)
def hybrid(request):
    return configuration.from_config(HYBRIDS[request.param], request.param)


def _steps(arch, *, sequence=4096):
    plan = Parallelism(tensor=2, data=4, zero=1)
    return step.training_step(arch, plan, chip="H100 SXM5", precision="bf16", sequence=sequence, global_batch=16)


def _matrices(arch):
    """Parameters of matrices, as the ledger has them: biases, norms and convolutions are not in the arrays."""
    rows = [row for row in ledger.ledger(arch, 1, 1) if row.kind in ("matmul", "lookup") and row.shape is not None]
    tables = arch.vocab_size * arch.d_model + math.prod(arch.per_layer_embedding or (0,))
    return sum(row.repeats * row.parameters for row in rows) + tables


def test_equal_layers_are_of_one_kind():
    for name in EQUAL:
        (only,) = shape_case(architecture.load(name))
        assert only["unmeasured"] == 0
        assert only["n_mixer_layers"] == only["n_layers"] == only["n_dense_layers"] + only["n_expert_layers"]


def test_the_kinds_of_layers_are_all_layers(hybrid):
    kinds = shape_case(hybrid)
    assert sum(kind["n_layers"] for kind in kinds) == hybrid.n_layers
    assert all(kind["unmeasured"] == 1 for kind in kinds)
    assert not is_measured(hybrid)


def test_parameters_are_those_of_the_ledger(hybrid):
    found = parameters(_steps(hybrid))
    assert found.dense + found.experts + found.embeddings == pytest.approx(_matrices(hybrid), rel=2e-3)


@pytest.mark.parametrize("context", [256, 4096, 65_536])
def test_a_decode_step_multiplies_and_holds_what_the_ledger_says(hybrid, context):
    one = deployments.deploy(hybrid, "H100 SXM5", tensor=1)
    cases = deployments.cases(one)
    forward, _ = ledger.product_flop(ledger.ledger(hybrid, 1, 1, context, absorbed=True))
    assert pass_time.decode_flop(one, 1.0, context) == pytest.approx(forward, rel=5e-3)
    held = memory.kv_cache_bytes_on_one(hybrid, one.plan, context)
    assert cases.request_bytes(context) == pytest.approx(held, rel=1e-12)


def test_a_training_step_multiplies_what_the_ledger_says(hybrid):
    found = footprint.model_flop(_steps(hybrid, sequence=8192), causal=True)
    expected = sum(ledger.product_flop(ledger.ledger(hybrid, 16, 8192, causal=True)))
    assert found == pytest.approx(expected, rel=0.02)  # what sparse attention chooses of short beginnings is rounded


def test_models_predicted_together_are_predicted_as_each_alone(hybrid):
    archs = [architecture.load("Llama-3.1-8B"), hybrid, architecture.load("Mixtral-8x7B")]
    alone = [float(step_time.step_seconds(_steps(arch))[0]) for arch in archs]
    first = _steps(archs[0]).take(np.zeros(3, dtype=int))
    together = step_time.step_seconds(replace(first, shape=Shape.stack([shape_case(arch) for arch in archs])))
    assert together.tolist() == alone
    answers = [deployments.deploy(arch, "H200 SXM", tensor=2) for arch in archs]
    each = [float(pass_time.decode_seconds(one, 8.0, 4096.0)[0]) for one in answers]
    assert pass_time.decode_seconds(deployments.cases(answers), 8.0, 4096.0).tolist() == each


def test_a_state_does_not_grow_with_the_context_and_a_choice_is_bounded():
    def slope(config):
        one = deployments.deploy(configuration.from_config(config, "x"), "H100 SXM5")
        short, long = (pass_time.decode_seconds(one, 16.0, context)[0] for context in (32_768.0, 65_536.0))
        return long - short

    hybrid, sparse = HYBRIDS["gated delta net"], HYBRIDS["sparse attention"]
    assert slope(hybrid) == pytest.approx(slope(hybrid | {"model_type": "qwen3_moe"}) / 4, rel=1e-6), "one layer in four"
    assert slope(sparse) < slope(sparse | {"model_type": "deepseek_v3"}) / 2


def test_what_no_row_holds_has_the_widest_interval_and_says_so(hybrid, monkeypatch):
    assert float(step_time.predict(_steps(hybrid)).half_width[0]) == step_time.UNMEASURED
    monkeypatch.setattr(architecture, "load", lambda name: hybrid)
    row = {"model": hybrid.name, "chip": "H100 SXM5", "precision": "bf16", "n_chips": 8}
    found = predict(pd.DataFrame([
        row | {"kind": "train", "metric": "step_seconds", "seq_len": 4096, "global_batch": 64},
        row | {"kind": "decode", "metric": "tpot_seconds", "input_len": 1024, "concurrency": 8},
    ]).astype(str))  # fmt: skip
    assert found["status"].tolist() == ["predicted", "predicted"]
    assert found["assumed"].str.endswith(UNMEASURED).all()
    widths = np.log(found["high"] / found["predicted"])
    assert widths.tolist() == pytest.approx([step_time.UNMEASURED, max(INFERENCE_WIDTHS.values())])


def test_no_model_of_the_library_is_refused():
    for name in library.names():
        assert shape_case(architecture.load(name)), name
