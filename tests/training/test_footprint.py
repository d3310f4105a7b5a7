"""Parameters, FLOP and memory as arrays, against the exact counts of one architecture and plan."""

import numpy as np
import pytest

from analysis.models import architecture, flop, ledger, memory
from analysis.models.parallelism import Parallelism
from analysis.steps.parameters import parameters
from analysis.training import assumptions, calibration, footprint
from analysis.training.fitted import CONSTANTS
from tests.cases import case

MODELS = ("GPT-3-175B", "Llama-3.1-8B", "Llama-3.1-405B", "DeepSeek-V3", "Qwen3-30B-A3B", "Mixtral-8x7B", "PaLM-540B")


@pytest.mark.parametrize("model", MODELS)
def test_parameters_are_those_of_the_ledger(model):
    counted = parameters(case(model=model))
    total = (counted.dense + counted.experts + counted.embeddings).item()
    assert total == pytest.approx(ledger.parameters(architecture.load(model)), rel=2e-3)


@pytest.mark.parametrize("model", MODELS)
def test_flop_are_those_of_the_conventions(model):
    steps = case(model=model)
    arch, batch, sequence = architecture.load(model), steps.global_batch.item(), steps.sequence.item()
    assert footprint.model_flop(steps, causal=True).item() == pytest.approx(flop.causal(arch, batch, sequence), rel=3e-3)
    whole = flop.full_attention(arch, batch, sequence)
    assert footprint.model_flop(steps, causal=False).item() == pytest.approx(whole, rel=3e-3)


def test_hardware_flop_are_megatrons_formula():
    steps = case(model="GPT-3-175B", recompute="full")
    batch, sequence, layers, width, vocabulary = steps.global_batch.item(), 2048, 96, 12288, 50257
    narayanan = 96 * batch * sequence * layers * width**2
    narayanan *= 1 + sequence / (6 * width) + vocabulary / (16 * layers * width)
    assert footprint.hardware_flop(steps, causal=False).item() == pytest.approx(narayanan, rel=1e-6)


@pytest.mark.parametrize(
    ("model", "plan", "recompute"),
    [
        ("Llama-3.1-8B", {"dp": "8"}, "none"),
        ("Llama-3.1-70B", {"tp": "8", "pp": "4", "dp": "2"}, "none"),
        ("GPT-3-175B", {"tp": "8", "pp": "8", "dp": "1"}, "full"),
        ("Llama-3.1-405B", {"tp": "8", "pp": "16", "dp": "4"}, "full"),
        ("MPT-7b-ctx2048", {"dp": "16", "sharding": "zero3"}, "none"),
    ],
)
def test_memory_is_near_the_exact_count(model, plan, recompute):
    steps = case(model=model, recompute=recompute, date="2025", engine="Megatron-Core", **plan)
    exact = memory.training_memory(
        architecture.load(model),
        Parallelism(
            *(int(plan.get(name, 1)) for name in ("tp", "pp", "dp")),
            zero={"zero3": 3}.get(plan.get("sharding"), 1),
            recomputation=recompute,
        ),
        steps.sequence.item(),
        precision="mixed_fp32_gradients",
        micro_batches=steps.micro_batches.item(),
    )
    assert footprint.memory_bytes(steps).item() == pytest.approx(np.max(exact.total), rel=0.25)


def test_memory_is_near_what_was_measured():
    """Peaks that SimuMax prints for its runs on eight B200 (MooreThreads/SimuMax, docs/b200)."""
    observed = calibration.observations("train")
    steps, _ = assumptions.decide(observed.questions, CONSTANTS)
    peaks = observed.rows["note"].str.extract(r"peak ([\d.]+) GiB")[0].astype(float) * 2**30
    measured = peaks.notna().to_numpy()
    off = footprint.memory_bytes(steps)[measured] / peaks[measured] - 1
    assert measured.sum() > 40
    assert off.abs().median() < 0.1 and off.abs().quantile(0.9) < 0.25


@pytest.mark.parametrize(("chunks", "layers"), [("1", 96), ("2", 96 + 42), ("6", 96 + 14)])
def test_a_stage_keeps_the_whole_model_of_activations_and_more_if_interleaved(chunks, layers):
    """Korthikanti et al. 2022: L layers of one micro-batch, and L (1 + (p - 1) / (p v)) with v chunks a stage."""
    plan = {"tp": "8", "pp": "8", "dp": "1", "vp": chunks}
    many, one = case(model="GPT-3-175B", **plan), case(model="GPT-3-175B", global_batch="1", **plan)
    layer, _, _ = footprint.activation_bytes(many)
    more = footprint.memory_bytes(many) - footprint.memory_bytes(one)
    assert more.item() == pytest.approx((layer * (layers - 96 / 8)).item(), rel=1e-9)
