from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.hardware import accelerators
from analysis.inference import deployments, inference_layers, pass_time
from analysis.inference.deployments import DeploymentError, deploy
from analysis.inference.inference_constants import IDEAL
from analysis.models import ledger, memory

DENSE = deploy("Llama-3.1-8B", "H100 SXM5")
PEAK, BANDWIDTH = accelerators.peak_flop_per_second("H100 SXM5", "BF16"), 3.35e12
#: Only arithmetic and memory, at the data sheet's rates and wholly overlapped; attention takes no arithmetic.
BARE = replace(IDEAL, attention_share=1e9, latent_share=1e9, link_share=1e6)
counts = st.integers(1, 512)
lengths = st.integers(1, 60_000)


def faster_memory(cases, factor):
    machine = replace(cases.machine, memory_bandwidth=factor * cases.machine.memory_bandwidth)
    return replace(cases, machine=machine)


def test_one_request_decodes_in_the_time_that_weights_and_cache_are_read():
    arch = DENSE.architecture
    read = 2 * (ledger.parameters(arch) - arch.vocab_size * arch.d_model) + memory.kv_cache_bytes(arch, 8192)
    assert pass_time.decode_seconds(DENSE, 1, 8192, BARE) == pytest.approx(read / BANDWIDTH, rel=0.01)


def test_long_prompts_prefill_in_the_time_of_their_flop():
    ceiling = deployments.cases(DENSE).machine.reached_16bit.item() / PEAK
    operations = ledger.ledger(DENSE.architecture, 1, 8192, scored_positions=1)
    flop = sum(row.repeats * row.forward_flop for row in operations if row.kind == "matmul")
    parts = pass_time.prefill_parts(DENSE, 1, 8192, BARE)
    seconds = parts["attention weights"] + parts["MLP"] + parts["vocabulary"]
    assert seconds == pytest.approx(flop / (PEAK * ceiling), rel=0.01)


def test_attention_of_prompts_is_the_ledgers_flop():
    operations = ledger.ledger(DENSE.architecture, 1, 8192, causal=True)
    flop = sum(row.repeats * row.forward_flop for row in operations if row.kind == "attention")
    cases = deployments.cases(DENSE)
    cases = replace(cases, machine=replace(cases.machine, seconds_per_exponential=np.zeros(1)))
    parts = pass_time.prefill_parts(cases, 1, 8192, replace(BARE, attention_share=1.0))
    assert parts["attention of prompts"] == pytest.approx(flop / cases.machine.reached_16bit, rel=0.001)


@pytest.mark.parametrize("model", ["Llama-3.1-8B", "gpt-oss-120b", "DeepSeek-V3", "GPT-3-175B"])
@pytest.mark.parametrize("context", [100, 2000])
def test_the_cache_is_that_of_the_memory_module(model, context):
    one = deploy(model, "B300 SXM", tensor=8, cache_precision="fp8")
    cases = deployments.cases(one)
    on_one = cases.request_bytes(context)
    assert on_one == pytest.approx(memory.kv_cache_bytes_on_one(one.architecture, one.plan, context, element_bytes=1))
    assert deployments.largest_batch(cases, context) == pytest.approx(deployments.largest_batch(one, context), rel=0.02)
    read = pass_time.decode_parts(cases, 7, context, BARE)["key-value cache"] * cases.machine.memory_bandwidth
    assert read == pytest.approx(7 * on_one)


@settings(deadline=None)
@given(batch=counts, context=lengths)
def test_twice_the_bandwidth_halves_what_memory_bounds(batch, context):
    cases = deployments.cases(DENSE)
    parts = pass_time.decode_parts(cases, batch, context, BARE)
    twice = pass_time.decode_parts(faster_memory(cases, 2), batch, context, BARE)
    assert twice["key-value cache"] == pytest.approx(parts["key-value cache"] / 2)
    if batch == 1:
        assert sum(twice.values()) == pytest.approx(sum(parts.values()) / 2, rel=0.01)


@pytest.mark.parametrize(("experts", "each"), [(8, 2), (128, 4), (256, 8)])
@pytest.mark.parametrize("tokens", [1, 7, 100])
def test_distinct_experts_are_those_of_a_simulation(experts, each, tokens):
    draw = np.random.default_rng(7)
    touched = [len(set(np.concatenate([draw.permutation(experts)[:each] for _ in range(tokens)]))) for _ in range(400)]
    expected = inference_layers.distinct_experts(experts, each, tokens)
    assert expected == pytest.approx(np.mean(touched), abs=4 * np.std(touched) / 20 + 1e-9)


@given(draft=st.integers(0, 8), acceptance=st.floats(0, 1))
def test_tokens_a_step_are_the_sum_of_a_geometric_series(draft, acceptance):
    expected = sum(acceptance**accepted for accepted in range(draft + 1))
    assert pass_time.tokens_per_step(draft, acceptance) == pytest.approx(expected)


def test_drafts_that_are_accepted_are_faster_and_others_slower():
    plain, drafted = deploy("Llama-3.1-8B", "H100 SXM5"), {"draft_tokens": 3}
    seconds = pass_time.time_per_output_token(plain, 1, 4096)
    sure = pass_time.time_per_output_token(deploy("Llama-3.1-8B", "H100 SXM5", acceptance=0.9, **drafted), 1, 4096)
    never = pass_time.time_per_output_token(deploy("Llama-3.1-8B", "H100 SXM5", acceptance=0.0, **drafted), 1, 4096)
    assert sure < 0.4 * seconds < seconds < never < 1.2 * seconds


@settings(deadline=None)
@given(batch=counts, context=lengths, model=st.sampled_from(["Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b"]))
def test_more_of_anything_takes_longer(batch, context, model):
    one = deployments.cases(deploy(model, "B300 SXM", tensor=8))
    seconds = pass_time.decode_seconds(one, batch, context)
    assert pass_time.decode_seconds(one, batch + 1, context) > seconds
    assert pass_time.decode_seconds(one, batch, context + 1000) >= seconds
    assert pass_time.prefill_seconds(one, batch + 1, context) > pass_time.prefill_seconds(one, batch, context)
    assert pass_time.step_seconds(one, 1000, batch, context) > seconds
    assert pass_time.tokens_per_second_per_chip(one, batch + 1, context) > 0.97 * batch / seconds / 8


def test_fewer_bits_and_more_bandwidth_decode_faster():
    def seconds(chip, precision):
        one = deploy("Llama-3.1-70B", chip, tensor=4, weight_precision=precision)
        return pass_time.decode_seconds(one, 1, 1024).item()

    assert seconds("H100 SXM5", "int4") < seconds("H100 SXM5", "fp8") < seconds("H100 SXM5", "bf16")
    assert seconds("B200 SXM (HGX/DGX)", "bf16") < seconds("H200 SXM", "bf16") < seconds("H100 SXM5", "bf16")


def test_parts_add_up_and_a_case_is_predicted_alike_alone_and_among_others():
    several = [deploy("DeepSeek-V3", "H200 SXM", weight_precision="fp8", data=8, expert=8), DENSE,
               deploy("GPT-3-175B", "A100 SXM4 80GB", tensor=8, pipeline=2)]  # fmt: skip
    together = pass_time.decode_seconds(deployments.cases(several), np.array([64, 8, 16]), 1024)
    alone = [pass_time.decode_seconds(one, batch, 1024).item() for one, batch in zip(several, (64, 8, 16), strict=True)]
    assert together == pytest.approx(alone)
    parts = pass_time.decode_parts(deployments.cases(several), 64, 1024)
    assert all((np.asarray(part) >= 0).all() for part in parts.values())
    grid = pass_time.decode_seconds(DENSE, np.array([[1], [8], [64]]), np.array([128, 1024, 8192, 65536]))
    assert grid.shape == (3, 4) and (np.diff(grid, axis=0) > 0).all() and (np.diff(grid, axis=1) > 0).all()


def test_a_context_longer_than_the_models_is_refused():
    with pytest.raises(DeploymentError, match="at most 131,072"):
        pass_time.decode_seconds(DENSE, 1, 131_073)
    with pytest.raises(DeploymentError, match="at most 131,072"):
        pass_time.prefill_seconds(DENSE, 1, 131_073)


def test_a_prefill_longer_than_a_chunk_passes_in_several():
    one, two = pass_time.prefill_seconds(DENSE, 2, 4096), pass_time.prefill_seconds(DENSE, 4, 4096)
    assert two == pytest.approx(2 * one)
