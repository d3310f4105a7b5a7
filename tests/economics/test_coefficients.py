import numpy as np
import pytest

from analysis import facts
from analysis.economics import coefficients
from analysis.economics.coefficients import Coefficient, CoefficientError
from analysis.hardware import accelerators
from analysis.scenarios.scenario import DECK


def made(low, expected, high, **more):
    return Coefficient("pue", "test", low, expected, high, "ratio", "test", "no", **more)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((-0.1, 1, 2), r"pue: low is -0.1; allowed: a number that is not negative"),
        ((1, float("nan"), 2), r"pue: expected is nan"),
        ((1, 2, float("inf")), r"pue: high is inf"),
        ((1.5, 1.2, 2), r"pue: low 1.5, expected 1.2, high 2; allowed: low at most expected"),
        ((1, 3, 2), r"expected at most high"),
    ],
)
def test_bad_values_are_refused(values, why):
    with pytest.raises(CoefficientError, match=why):
        made(*values)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_probability_out_of_range_is_refused(share):
    with pytest.raises(CoefficientError, match=r"pue: share of the draws: .* is out of range; allowed: 0 to 1"):
        made(1.1, 1.3, 1.6).quantile([0.5, share])


@pytest.mark.parametrize("values", [(1.1, 1.3, 1.6), (0, 0.5, 1), (2, 2, 9), (3, 3, 3)])
def test_draws_stay_in_the_range_and_peak_where_expected(values):
    draws = made(*values).draw(np.random.default_rng(1), 40_000)
    assert draws.min() >= values[0]
    assert draws.max() <= values[2]
    if values == (0, 0.5, 1):
        assert draws.mean() == pytest.approx(0.5, abs=0.005)
        assert draws.var() == pytest.approx(1 / 24, rel=0.03), "variance of a symmetric triangle of width one"


def test_some_are_drawn_from_three():
    draws = made(40, 64, 128, drawn="one of").draw(np.random.default_rng(1), 3000)
    assert set(draws) == {40, 64, 128}
    assert np.mean(draws == 40) == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.parametrize("chip", ["A100 PCIe 80GB", "H100 SXM5", "H20", "MLU690 (Siyuan 690)", "no such chip"])
def test_every_chip_has_all_coefficients(chip):
    found = coefficients.load(chip)
    assert set(facts.read("chain_coefficients")["name"]) < set(found)
    assert all(one.source and one.verified in facts.VERIFIED for one in found.values())
    complete = chip in accelerators.table().index and chip != "MLU690 (Siyuan 690)"
    expected = chip if complete else DECK.accelerator
    assert found["accelerator_power"].expected == accelerators.table().loc[expected, "tdp_w"]


def test_what_comes_from_other_facts_is_computed_from_them():
    found = coefficients.load("A100 PCIe 80GB")
    assert found["server_share"].high == pytest.approx(6500 / (8 * 400))
    # Stargate Abilene's buildings: 3,879,680 square feet for 1,180 MW.
    assert found["floor_per_watt"].high == pytest.approx(3_879_680 * 0.09290304 / 1180e6)
    assert found["accelerator_price"].low < found["accelerator_price"].expected
