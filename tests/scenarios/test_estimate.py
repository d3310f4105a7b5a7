import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paths
from analysis.scenarios.estimate import estimate, estimate_with_deck_slip, whole
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import DECK


def test_the_deck_training():
    training = estimate(DECK).training
    assert training.flop == pytest.approx(3.15e23, rel=1e-12)
    assert round(training.flop_per_second / 1e12) == 121_528
    assert training.accelerators_exact == pytest.approx(1558.05, abs=0.005)
    assert (training.accelerators, training.servers) == (1559, 195)


def test_the_deck_inference():
    inference = estimate(DECK).inference
    assert inference.tokens_per_day == pytest.approx(7.9333e12, rel=1e-5)
    assert inference.flop_per_day == pytest.approx(2.7767e24, rel=1e-4)
    assert (inference.accelerators, inference.servers) == (412_018, 51_503)


def test_what_the_deck_prints_follows_from_tokens_in_place_of_parameters():
    slip = estimate_with_deck_slip(DECK)
    assert slip.flop_per_day == pytest.approx(4760e21, rel=1e-12)
    assert round(slip.accelerators_exact) == 706_315
    assert round(slip.servers, -3) == 88_000
    assert slip.flop_per_day / estimate(DECK).inference.flop_per_day == pytest.approx(300 / 175)


def test_the_h100_that_the_deck_announces():
    result = estimate(load(paths.SCENARIOS / "h100-pcie-tf32.yml"))
    assert (result.training.accelerators, result.training.servers) == (644, 81)
    assert (result.inference.accelerators, result.inference.servers) == (170_039, 21_255)


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_whole_rounds_up(exact):
    assert whole(exact) in (math.ceil(exact), math.ceil(exact) - 1)
    assert whole(exact) >= exact * (1 - 1e-11)


@given(st.integers(min_value=1, max_value=10**9), st.integers(min_value=1, max_value=97))
def test_whole_does_not_round_noise_up(count, factor):
    assert whole(count / factor * factor) == count
    assert whole(count * (1 + 1e-9)) == count + 1, "more than noise is rounded up"


@given(st.floats(min_value=0.01, max_value=1), st.integers(min_value=1, max_value=72))
def test_servers_hold_the_accelerators_and_no_server_is_empty(utilization, per_server):
    result = estimate(build({"utilization": utilization, "accelerators_per_server": per_server}, "test"))
    for part in (result.training, result.inference):
        assert (part.servers - 1) * per_server < part.accelerators <= part.servers * per_server
        assert part.accelerators - 1 < part.accelerators_exact <= part.accelerators


@given(st.floats(min_value=1.01, max_value=100))
def test_more_work_needs_more_and_more_time_needs_fewer(factor):
    base = estimate(DECK).training.accelerators_exact
    more = estimate(build({"training_tokens": 300e9 * factor}, "test")).training.accelerators_exact
    longer = estimate(build({"training_time": f"{30 * factor!r} days"}, "test")).training.accelerators_exact
    assert more == pytest.approx(base * factor)
    assert longer == pytest.approx(base / factor)
