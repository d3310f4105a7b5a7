import numpy as np
import pytest

from analysis.economics import coefficients
from analysis.risk import assumption_ranges, correlated, joint, risks
from analysis.risk.risks import MEASURES, RiskError
from analysis.scenarios import reading, scenario_files
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

H100 = reading.load(scenario_files.files()["h100-sxm-bf16"])


@pytest.mark.parametrize("base", [DECK, H100], ids=["deck", "H100"])
def test_all_inputs_as_expected_give_the_scenarios_results(base):
    values = coefficients.expected(joint.inputs(base))
    found, own = joint.results(base, values), risks.results(base)
    for name in MEASURES:
        assert float(found[name]) == pytest.approx(own[name], rel=1e-12)


def test_ranges_hold_the_scenario_whatever_it_says():
    odd = build({"utilization": "5%", "parameters": "1e15", "serving_time": "100 s", "peak": "1 TFLOPS"}, "test")
    for base in (DECK, H100, odd):
        for one in assumption_ranges.load(base).values():
            assert one.low <= one.expected <= one.high
    assert assumption_ranges.load(odd)["utilization"].low == 0.05
    assert assumption_ranges.load(odd)["peak"].high == 1e12, "a peak that was given is not in doubt"
    assert assumption_ranges.load(DECK)["peak"].high == 312e12, "the A100 in 16 bits"


def test_without_doubt_every_draw_is_the_estimate():
    draws = joint.simulated(DECK, draws=50, width=0)
    own = {name: value for name, value in risks.results(DECK).items() if name in ("training", "serving")}
    for name, value in own.items():
        assert draws[name].to_numpy() == pytest.approx(np.full(50, value))


def test_narrower_ranges_narrow_the_result_in_proportion():
    whole, half = (np.log(joint.simulated(DECK, [], 50_000, width=width)["serving"]) for width in (1, 0.5))
    assert half.std() == pytest.approx(whole.std() / 2, rel=1e-6), "the same draws, on a log scale"
    with pytest.raises(RiskError, match="width: 2 is out of range; allowed: 0 to 1"):
        joint.simulated(DECK, width=2)


def test_draws_are_the_formula_of_the_drawn_inputs():
    draws = joint.simulated(DECK, draws=500, seed=5)
    values = correlated.drawn(joint.inputs(DECK), correlated.stated(), 500, 5)
    by_hand = (
        2 * values["parameters"] * values["visits_per_day"] * values["questions_per_visit"]
        * values["characters_per_question"] * values["tokens_per_character"]
        / (values["serving_time"] * values["peak"] * values["utilization"])
    )  # fmt: skip
    exact = estimate(DECK).inference.accelerators_exact  # the draws move the plan as they move the division
    planned = risks.results(DECK)["serving"]
    assert draws["serving"].to_numpy() == pytest.approx(by_hand / exact * planned, rel=1e-9)


def test_the_logarithm_of_serving_has_the_variance_of_its_factors():
    """Independent factors: variances of logarithms add up. Those of a triangle are known (its ends and its mode)."""
    draws = joint.simulated(DECK, [], draws=200_000)
    serving = [name for name in assumption_ranges.load(DECK) if name not in ("training_tokens", "training_time")]
    variance = 0.0
    for name in serving:
        one = joint.inputs(DECK)[name]
        a, c, b = np.log([one.low, one.expected, one.high])
        variance += (a * a + b * b + c * c - a * b - a * c - b * c) / 18
    assert np.log(draws["serving"]).var() == pytest.approx(variance, rel=0.015)


def test_correlations_widen_or_narrow_a_product():
    up, none, down = (
        np.log(
            joint.simulated(DECK, [correlated.Correlation("visits_per_day", "parameters", value, "t", "no")], 20_000)["serving"]
        ).std()
        for value in (0.9, 0.0, -0.9)
    )
    assert up > 1.05 * none > 1.05**2 * down


def test_a_probability_is_the_share_above_with_its_standard_error():
    found = joint.probability_above(np.array([1.0, 2.0, 3.0, 4.0]), 2.5)
    assert (found.share, found.error) == (0.5, 0.25)
    values = np.random.default_rng(0).lognormal(0, 1, 100_000)
    assert joint.probability_above(values, 1).share == pytest.approx(0.5, abs=4 * joint.probability_above(values, 1).error)
    with pytest.raises(RiskError, match="threshold: -1 is out of range"):
        joint.probability_above(values, -1)


def test_a_tornado_bar_is_the_result_at_the_end_of_one_input():
    table = joint.tornado(DECK, "serving")
    low = assumption_ranges.load(DECK)["utilization"].low
    assert table.loc["utilization", "at low"] == pytest.approx(risks.results(DECK)["serving"] * 0.5 / low)
    assert "pue" not in table.index, "what does not move a result is left out"
    assert "pue" in joint.tornado(DECK, "capital").index
    with pytest.raises(
        RiskError, match=r"there is no measure 'capitals'; did you mean 'capital'\?; there are: training, serving"
    ):
        joint.tornado(DECK, "capitals")
