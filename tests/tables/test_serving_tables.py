import pandas as pd
import pytest

from analysis.inference.deployments import deploy
from analysis.plan.cost_case import CostCase
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.tables import serving_tables


@pytest.mark.parametrize(("value", "text"), [(0.0415, "41.5 ms"), (0.2, "200 ms"), (2, "2 s"), (2.5, "2.5 s")])
def test_times_as_people_write_them(value, text):
    assert serving_tables.seconds(value) == text


def test_plans_in_words():
    assert serving_tables.plan(deploy("Llama-3.1-8B", "H100 SXM5")) == "all on one chip"
    both = deploy("GPT-3 175B", "A100 SXM4 80GB", tensor=8, pipeline=2)
    assert serving_tables.plan(both) == "each matrix on 8 chips, layers in 2 stages"


def test_where_a_number_stands():
    assert [serving_tables.stands(value, 2, 4) for value in (1, 2, 3, 4, 5)] == ["below", "inside", "inside", "inside", "above"]


@pytest.mark.slow
def test_searches_scale_the_served_day():
    table = serving_tables.searches(DECK)
    assert isinstance(table, pd.DataFrame) and len(table) == 4
    assert table["Searches a day, billion"].iloc[0] == "3.50"


def test_deepseeks_day_has_the_published_and_the_predicted_numbers():
    table = serving_tables.deepseek_day().set_index("Quantity")
    assert table.loc["Nodes", "Published"] == "226.75" and table.loc["Dollars a day", "Published"] == "87,072"
    assert table.loc["Nodes", "From its speeds"].startswith("226.")
    assert table.loc["Dollars per million tokens", "Published"] == "0.112"


def test_within_and_outside():
    assert [serving_tables.within(ratio, 0.36) for ratio in (1.0, 0.8, 1.5, 0.5)] == ["within", "within", "outside", "outside"]


def test_a_chip_without_a_price_has_a_dash(monkeypatch):
    monkeypatch.setattr(serving_tables.cost_case, "CHIPS", ("H20",))
    table = serving_tables.token_costs(CostCase(model="Llama-3.1-8B", first_token_seconds=3.0))
    assert table["Million tokens, rented and owned"].iloc[0].startswith("–\n$")


def test_the_step_to_the_scenario_s_own_assumptions_is_told_where_there_is_one():
    assert serving_tables.own_step({"slip": 412017.3}) == ""
    assert serving_tables.own_step({"slip": 412017.3, "scenario": 64963.3}).endswith("gives 64,964.")


def test_a_scenario_that_can_not_be_served_says_why_and_what_stands_instead():
    assert serving_tables.servable(DECK, DECK, "") == "It can be served as it stands."
    asked = build({"tpot_target": "1 ms"}, "test")
    text = serving_tables.servable(asked, DECK, "no batch can meet it")
    assert text == "It can't be served: no batch can meet it. This page takes instead: target time per output token 0.2 seconds."
