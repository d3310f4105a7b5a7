"""A deployment looked at closely: its parts add up, its settings refuse what can't be, its charts rest on closed forms."""

import numpy as np
import pytest

from analysis import settings
from analysis.inference import decode_case, deployments, pass_time
from analysis.inference.decode_case import DecodeCase
from analysis.inference.inference_layers import distinct_experts
from analysis.models import architecture, memory

CASE = DecodeCase()


def test_every_part_of_a_pass_belongs_to_one_group():
    parts = pass_time.prefill_parts(decode_case.deployed(CASE), 1, 100)
    assert sorted(part for members in decode_case.GROUPS.values() for part in members) == sorted(parts)


def test_what_passes_are_spent_on_adds_up():
    frame = decode_case.passes(CASE)
    sums = frame.groupby("name")["part"].sum()
    assert (sums - frame.groupby("name")["seconds"].first()).abs().max() < 1e-12
    one = decode_case.deployed(CASE)
    assert sums["Batch of answers"] == pytest.approx(pass_time.decode_seconds(one, CASE.batch, 1536).item())
    assert sums["Prompt"] == pytest.approx(pass_time.prefill_seconds(one, 1, CASE.prompt_tokens).item())


def test_the_requests_that_fit_are_those_of_the_deployment():
    frame = decode_case.held(CASE).set_index("label")
    for label, changes in {
        "Weights in BF16, cache in BF16": {},
        "Weights in FP8, cache in FP8": {"weight_precision": "fp8", "cache_precision": "fp8"},
    }.items():
        row = frame.loc[label]
        one = decode_case.deployed(CASE, **changes)
        assert np.floor(row["free"] / row["token"] / 1536) == deployments.largest_batch(one, 1536)
    # Eight key-value heads over four chips, in 16 bits.
    token = memory.kv_cache_bytes(one.architecture, 1) / 4
    assert frame.loc["Weights in BF16, cache in BF16", "token"] == pytest.approx(token)


def test_formats_are_those_that_the_chip_has_and_the_own_comes_first():
    assert decode_case.formats(CASE) == ["bf16", "fp8", "int8", "int4"]
    assert "nvfp4" in decode_case.formats(DecodeCase(chip="B200 SXM (HGX/DGX)"))
    assert decode_case.formats(DecodeCase(chip="Ascend 910B2", tensor=8)) == ["bf16", "int8", "int4"]
    table = decode_case.by_format(DecodeCase(weight_precision="fp8"))
    assert table["precision"].iloc[0] == "fp8" and table["precision"].nunique() == 4


def test_batches_are_powers_of_two_up_to_the_largest_that_fits():
    one = decode_case.deployed(CASE)
    found = decode_case.batches(one, 1536)
    assert found[-1] == deployments.largest_batch(one, 1536)
    assert list(found[:4]) == [1, 2, 4, 8] and (np.diff(found) > 0).all()


def test_measured_steps_stay_below_the_roof_and_near_the_prediction():
    points = decode_case.measured()
    assert (points["share"] < 1).all()
    assert np.median(np.abs(points["predicted"] / points["seconds"] - 1)) < 0.05
    # One request of a small context reads two bytes and does two FLOP for each weight.
    alone = points[(points["batch"] == 1) & (points["context"] == 512)]
    assert alone["flop_per_byte"].to_numpy() == pytest.approx(1, abs=0.1)


def test_prompts_are_read_no_faster_than_can_be_and_never_beyond_the_peak():
    frame = decode_case.first_token(CASE)
    assert (frame["seconds"] > frame["bound"]).all() and (frame["share"] < 1).all()
    assert (frame["attention"] < frame["seconds"]).all()
    last = frame.iloc[-1]
    assert last["share"] == pytest.approx(2 * 70.55e9 * last["tokens"] / (last["seconds"] * 4 * 989.4e12), rel=0.03)


def test_the_bound_of_a_prompt_is_that_of_the_data_sheet_by_hand():
    frame = decode_case.first_token(CASE)
    short, long = frame.iloc[0], frame.iloc[-1]
    layers = 70.55e9 - 2 * 128_256 * 8192
    # Two FLOP a weight and token, and half of all pairs of tokens, each in a key and a value of 128, in 80 layers of 64 heads.
    flop = 2 * layers * long["tokens"] + 2 * 80 * 64 * (128 + 128) * long["tokens"] ** 2 / 2
    assert long["bound"] == pytest.approx(flop / (4 * 989.4e12), rel=0.002)
    assert short["bound"] == pytest.approx(2 * (layers + 128_256 * 8192) / (4 * 3.35e12), rel=0.002), "one reading of the weights"


def test_longer_contexts_yield_less_and_a_smaller_cache_more():
    frame = decode_case.by_context(CASE)
    wide, narrow = (group.set_index("context")["speed"] for _, group in frame.groupby("cache"))
    assert wide.is_monotonic_decreasing
    assert (narrow > wide).all()


def test_experts_are_counted_for_whole_tokens():
    frame = decode_case.experts_touched()
    alone = frame[frame["batch"] == 1]
    assert alone["reads"].to_numpy() == pytest.approx(1)
    mixtral = frame[frame["model"] == "Mixtral-8x7B: 2 of 8"].set_index("batch")
    assert mixtral.loc[4, "touched"] == pytest.approx(distinct_experts(8, 2, 4)) == pytest.approx(8 * (1 - 0.75**4))


def test_half_of_the_experts_is_passed_by_the_named_request_and_not_before():
    needed = decode_case.half_of_the_experts()
    for model, requests in needed.items():
        arch = architecture.load(model)
        before, at = (distinct_experts(arch.n_experts, arch.experts_per_token, count) for count in (requests - 1, requests))
        assert before <= arch.n_experts / 2 < at
    assert needed["Mixtral-8x7B"] == 3  # 1 - 0.75² = 0.44, 1 - 0.75³ = 0.58


def test_drafts_never_gain_more_than_their_tokens():
    frame = decode_case.speculation(CASE)
    for drafts, group in frame.groupby("drafts"):
        bound = pass_time.tokens_per_step(drafts, CASE.acceptance)
        assert (group["faster"] < bound).all()
        assert group["faster"].iloc[-1] < group["faster"].iloc[0]
    assert (decode_case.speculation(DecodeCase(acceptance=0))["faster"] < 1).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: an answer of 0 tokens leaves nothing to decode; valid: at least 1"),
        ({"batch": 5000}, r"batch = 5,000 requests .* do not fit into 4 x H100 SXM5 .*; 262 would"),
        ({"batch": 0}, "batch = 0 is not valid; valid: 1 to 262 requests"),
        ({"prompt_tokens": 200_000}, "longer than Llama-3.1-70B can attend to; valid: at most 131,072 tokens"),
        ({"weight_precision": "nvfp4"}, "H100 SXM5 has no published dense peak in FP4; it has: "),
        ({"weight_precision": "fp9"}, "weight_precision = 'fp9' is not known; valid: fp32"),
        ({"model": "Lama-3.1-70B"}, "did you mean 'Llama-3.1-70B'"),
        ({"chip": "H1000"}, "chip 'H1000' is not in data/accelerators.csv"),
        ({"tensor": 1}, "do not fit: 141 GB on each H100 SXM5, which has 80 GB"),
        ({"tensor": 3}, "tensor = 3 does not divide the 64 heads"),
        ({"tenser": 4}, "unknown setting 'tenser'; did you mean 'tensor'"),
    ],
)
def test_what_cannot_be_is_refused_by_name(given, message):
    with pytest.raises(settings.SettingError, match=message):
        settings.read(DecodeCase, given)
