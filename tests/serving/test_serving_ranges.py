import numpy as np
import pytest

from analysis.inference.deployments import deploy
from analysis.serving import serving_ranges
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.uncertainty import sensitivity

DAY = Demand(1e8, 1000.0, 250.0, 0.3, 1.34)
RESULT = serving_ranges.chips_result(deploy("Llama-3.1-8B", "H100 SXM5"), DAY, Targets(2.0, 0.05))


def test_expected_values_lie_within_their_ranges():
    for factor in serving_ranges.factors(DAY):
        assert factor.low <= factor.expected <= factor.high


def test_chips_follow_the_peak_and_are_fewer_where_less_is_read():
    values = {factor.name: np.full(3, factor.expected) for factor in serving_ranges.factors(DAY)}
    values["peak_to_mean"] = np.array([1.0, 2.0, 1.0])
    values["fresh"] = np.array([0.7, 0.7, 0.35])
    one, two, less = RESULT(values)
    assert two == pytest.approx(2 * one) and less < one


def test_a_range_of_chips():
    factors = serving_ranges.factors(DAY)
    drawn = sensitivity.sampled(RESULT, factors, samples=200)
    low, high = np.quantile(drawn, [0.1, 0.9])
    expected = sensitivity.tornado(RESULT, factors)["expected"].iloc[0]
    assert np.isfinite(drawn).all() and low < expected < high


def test_out_of_reach_is_infinite_for_that_case_alone():
    values = {factor.name: np.full(2, factor.expected) for factor in serving_ranges.factors(DAY)}
    values["slower"] = np.array([1.0, 50.0])
    near, far = RESULT(values)
    assert np.isfinite(near) and np.isinf(far)
