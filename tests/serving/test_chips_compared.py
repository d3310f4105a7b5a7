"""Models on chips: what is refused is impossible, what is answered keeps the target, and a look at every batch agrees."""

import re

import numpy as np
import pytest

from analysis import settings
from analysis.hardware import machine
from analysis.inference import cache_room, deployments, inference_offsets, pass_time
from analysis.models import ledger
from analysis.serving import chips_compared, serving_plans
from analysis.serving.chips_compared import ChipsCase

CASE = ChipsCase()


@pytest.fixture(scope="module")
def frame():
    return chips_compared.compared(CASE)


def test_formats_that_a_chip_lacks_are_refused_with_the_reason(frame):
    said = frame.set_index(["model", "chip", "precision"])["refused"]
    for model in chips_compared.MODELS:
        assert said[model, "A100 SXM4 80GB", "fp8"] == "no FP8 peak"
        assert said[model, "H100 SXM5", "nvfp4"] == "no FP4 peak"
        assert said[model, "B200 SXM (HGX/DGX)", "nvfp4"] == ""


def test_answers_keep_the_target_and_lie_in_their_interval(frame):
    good = frame[frame["refused"] == ""]
    assert (good["seconds"] <= CASE.target_milliseconds / 1e3).all()
    assert (good["low"] <= good["speed"]).all() and (good["speed"] <= good["high"]).all()
    assert (good["chips"] >= good["least_chips"]).all()
    assert good["speed"].to_numpy() == pytest.approx((good["batch"] / good["seconds"] / good["chips"]).to_numpy())


def test_the_fewest_chips_are_those_whose_memory_holds_the_weights(frame):
    """16-bit weights of GPT-3 over the memory that the engine uses, as plans that are powers of two allow."""
    rows = frame[(frame["model"] == "GPT-3-175B") & (frame["precision"] == "bf16")].set_index("chip")["least_chips"]
    weights = 2 * ledger.parameters(deployments.architecture.load("GPT-3-175B"))
    for chip, found in rows.items():
        memory = machine.case(chip, "bf16")["memory_bytes"]
        assert found >= weights / memory > cache_room.VLLM_SHARE * found / 2 * 0.95, chip


def test_trying_every_batch_of_every_plan_finds_no_better(frame):
    row = frame[(frame["model"] == "Llama-3.1-70B") & (frame["chip"] == "H100 SXM5") & (frame["precision"] == "fp8")].iloc[0]
    speeds = []
    for one in serving_plans.tried("Llama-3.1-70B", "H100 SXM5", "fp8"):
        batches = np.arange(1, deployments.largest_batch(one, 1280) + 1)
        if len(batches):
            seconds = pass_time.decode_seconds(one, batches, 1280)
            speeds.append(np.max(np.where(seconds <= 0.05, batches / seconds / one.chips, 0)))
    assert row["speed"] == pytest.approx(max(speeds), rel=0.02)


def test_a_shorter_target_yields_no_more(frame):
    tight = chips_compared.best(ChipsCase(target_milliseconds=15))
    loose = chips_compared.best(CASE)
    assert (tight["speed"].fillna(0) <= loose["speed"]).all()
    assert tight["refused"].str.endswith("times too slow").any()


def test_a_target_that_nothing_meets_is_refused_and_by_how_much():
    message = r"target_milliseconds = 1: no batch of Llama-3.1-70B on H100 SXM5 can meet it; one request alone takes (\S+) ms"
    with pytest.raises(deployments.DeploymentError, match=message) as caught:
        chips_compared.compared(ChipsCase(target_milliseconds=1))
    least = float(re.search(message, str(caught.value))[1])
    chips_compared.compared(ChipsCase(target_milliseconds=1.6 * least))


def test_chips_without_published_rows_are_known():
    counts = chips_compared.published_rows()
    assert counts["H20"] == 0 < counts["Ascend 910B2"] < counts["A100 SXM4 80GB"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: an answer of 0 tokens leaves nothing to decode; valid: at least 1"),
        ({"prompt_tokens": 2000}, "prompt_tokens .* = 2,512 is longer than GPT-3-175B can attend to; valid: at most 2,048"),
        ({"target_milliseconds": 0}, "target_milliseconds: '0' is not valid"),
        ({"target": 50}, "unknown setting 'target'; did you mean 'target_milliseconds'"),
    ],
)
def test_what_cannot_be_is_refused_by_name(given, message):
    with pytest.raises(settings.SettingError, match=message):
        settings.read(ChipsCase, given)


def test_chips_are_as_slow_as_a_plan_has_them():
    """Steps on other makers' chips take longer than constants say, by what published rows teach."""
    row = chips_compared.best(CASE).set_index(["model", "chip"]).loc[("Llama-3.1-70B", "Ascend 910B2")]
    deployment = deployments.deploy("Llama-3.1-70B", "Ascend 910B2", tensor=8)
    slower, _ = inference_offsets.slower(deployment)
    assert slower > 1.1
    alone = pass_time.decode_seconds(deployment, 1.0, 1024 + 256).item()
    assert row["alone"] <= slower * alone * (1 + 1e-9)
    assert row["low"] < row["speed"] < row["high"]
