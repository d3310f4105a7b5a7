"""A scenario's day planned, and by other systems."""

import numpy as np

from analysis.plan import of_scenario, scenario_serving
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK


def test_a_chip_that_can_not_serve_it_is_replaced_by_the_decks():
    unknown = build({"accelerator": "Chip of tomorrow", "peak": "1000 TFLOPS"}, "test")
    assert of_scenario.serving_chip(unknown) == DECK.accelerator


def test_other_systems_that_miss_the_targets_say_so(monkeypatch):
    monkeypatch.setattr(scenario_serving, "OTHERS", scenario_serving.OTHERS[3:4])
    fast = build({"accelerator": "H100 SXM5", "precision": "BF16", "tpot_target": "25 ms"}, "test")
    missed = scenario_serving.others(fast)
    assert np.isfinite(missed["chips"].iloc[0])
    assert missed[missed["chips"].isna()]["reason"].str.contains("even without load|no plan").all()


def test_the_hours_of_a_day_need_the_fleet_at_its_peak():
    plan = scenario_serving.planned(DECK)
    hours = np.ones(24)
    hours[12] = DECK.peak_to_mean
    needed = scenario_serving.replicas_by_hour(plan, hours)
    assert needed[12] == plan.replicas and (needed[:12] < plan.replicas).all()
    assert 0.7 < scenario_serving.mean_use(plan) <= 1 / DECK.peak_to_mean + 1e-6
