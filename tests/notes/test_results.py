"""The lines of a note are the estimate's, and their costs and intervals what a hand computes."""

import pytest

from analysis.notes import results
from analysis.plan.settled import settled
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import load
from analysis.scenarios.scenario import DECK
from analysis.scenarios.scenario_files import files
from tests.notes.cases import H100


@pytest.mark.parametrize("path", files().values(), ids=files())
def test_lines_are_the_estimate(path):
    """The lines compute anew what analysis/scenarios/estimate.py computes."""
    scenario = settled(load(path))
    own, expected = results.evaluate(results.inputs(scenario)), estimate(scenario)
    for part, numbers in expected.as_dict().items():
        for name, value in numbers.items():
            line = {"flop_per_second": "rate", "flop_per_day": "flop", "tokens_per_day": "tokens"}.get(name, name)
            assert own[f"{part}_{line}"] == pytest.approx(value, rel=1e-12), name
            assert not isinstance(value, int) or own[f"{part}_{line}"] == value


def test_costs_are_those_done_by_hand():
    given = results.inputs(DECK) | {"dollars_per_chip_hour": 2.0, "chip_watts": 400.0, "server_share": 1.5,
                                    "power_usage_effectiveness": 1.25}  # fmt: skip
    own = results.evaluate(given)
    hours = own["training_accelerators_exact"] * 30 * 24
    assert own["training_chip_hours"] == pytest.approx(hours)
    assert own["training_rent"] == pytest.approx(2 * hours)
    assert own["training_energy"] == pytest.approx(hours * 3600 * 400 * 1.5 * 1.25)
    assert own["inference_rent"] == pytest.approx(412_018 * 24 * 2)
    assert own["inference_token_price"] == pytest.approx(412_018 * 24 * 2 / 7.9333333e12 * 1e6)


def test_the_interval_is_what_published_runs_reached():
    own = results.results(H100)
    for part, one in results.reached(H100).items():
        exact = f"{part}_accelerators_exact"
        assert own.low[exact] * one.high == pytest.approx(own.values[exact] * H100.utilization)
        assert own.high[exact] * one.low == pytest.approx(own.values[exact] * H100.utilization)
