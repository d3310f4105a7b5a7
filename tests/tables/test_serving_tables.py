import pandas as pd
import pytest

from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.tables import serving_tables


@pytest.mark.slow
def test_searches_scale_the_served_day():
    table = serving_tables.searches(DECK)
    assert isinstance(table, pd.DataFrame) and len(table) == 4
    assert table["Searches a day, billion"].iloc[0] == "3.50"


def test_the_step_to_the_scenario_s_own_assumptions_is_told_where_there_is_one():
    assert serving_tables.own_step({"slip": 412017.3}) == ""
    assert serving_tables.own_step({"slip": 412017.3, "scenario": 64963.3}).endswith("gives 64,964.")


def test_a_scenario_that_can_not_be_served_says_why_and_what_stands_instead():
    assert serving_tables.servable(DECK, DECK, "") == "It can be served as it stands."
    asked = build({"tpot_target": "1 ms"}, "test")
    text = serving_tables.servable(asked, DECK, "no batch can meet it")
    assert text == "It can't be served: no batch can meet it. This page takes instead: target time per output token 0.2 seconds."
