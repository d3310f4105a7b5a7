"""A valid scenario gives a book: each notebook computes under it, and says in words what can't be computed."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from analysis.scenarios import reading
from analysis.scenarios.scenario import DECK, Scenario
from tests import any_scenario

NOTEBOOKS = any_scenario.of_scenario()
#: These take many seconds a scenario: at the bounds alone. The next take one, and get fewer examples than the rest.
DEAR = {"in_brief", "serving_waterfall"}
FEW = {"chain_units", "joint_risks", "risk_stresses", "training_run"}


def found(notebook: str, scenario: Scenario) -> list[str]:
    """Return what a reader could not read of a notebook under a scenario."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # a division by zero, an overflow
        return any_scenario.unreadable(any_scenario.published(notebook, scenario))


@pytest.mark.parametrize("notebook", sorted(set(NOTEBOOKS) - DEAR))
def test_every_notebook_computes_under_any_scenario(notebook):
    @settings(max_examples=4 if notebook in FEW else 8, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(any_scenario.scenarios())
    def holds(scenario: Scenario) -> None:
        assert not found(notebook, scenario)

    holds()


@pytest.mark.parametrize(("notebook", "name"), [("in_brief", "tiny"), ("serving_waterfall", "huge")])
def test_dear_notebooks_compute_at_the_bounds(notebook, name):
    assert not found(notebook, reading.load(any_scenario.case(name)))


@pytest.mark.parametrize(
    ("notebook", "name"),
    [("chain_units", "tiny"), ("chain_units", "huge"), ("joint_risks", "small_service"), ("risk_stresses", "century")],
)
def test_scenarios_that_failed_once_compute(notebook, name):
    assert not found(notebook, reading.load(any_scenario.case(name)))


def test_what_can_not_be_read_is_found():
    for text in ("nan", "takes inf days", "0.0000000000000000119 TB", "103,000,000,000,000,000,000,000,000 TB"):
        assert any_scenario.unreadable({"told": text})
    told = any_scenario.published("training_estimate", DECK)
    assert told["accelerators"] == "1,559"
    assert not any_scenario.unreadable(told)
