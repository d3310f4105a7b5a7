import numpy as np
import pandas as pd
import pytest

from analysis.figures import ways as figures
from analysis.serving import ways_case
from analysis.serving.ways_case import WaysCase
from analysis.tables import ways_tables

CASE = WaysCase(model="Llama-3.1-8B", chip="A100 SXM4 80GB", requests_per_second=50)


def test_best_compromises_are_those_that_nothing_beats():
    table = pd.DataFrame({
        "speed": [10.0, 9.0, 12.0, 10.0], "output_token": [1.0, 1.0, 2.0, 0.5], "first_token": [1.0, 1.0, 1.0, 2.0],
    })  # fmt: skip
    assert list(ways_case.pareto(table)) == [True, False, True, True]


@pytest.fixture
def few(monkeypatch):
    """Three targets instead of all."""
    monkeypatch.setattr(ways_case, "OUTPUT", np.array([0.02, 0.05, 0.2]))
    ways_case._by_target.cache_clear()
    yield ways_case.by_target(CASE)
    ways_case._by_target.cache_clear()


def test_a_looser_target_yields_no_less_of_any_way(few):
    for _, rows in few.groupby("label"):
        assert (rows.sort_values("target")["speed"].diff().dropna() >= -1e-6 * rows["speed"].max()).all()
    assert (few["output_token"] <= few["target"] * 1.001).all()
    assert (few["first_token"] <= CASE.first_token_seconds * 1.001).all()
    assert few["best"].any()


def test_the_table_of_compromises_trades_tokens_for_time(few):
    table = ways_tables.compromises(CASE)
    further = table[table["Time that is kept"] == "Further tokens"]
    speeds = [float(text.replace(",", "")) for text in further["Tokens a second and chip"]]
    assert len(further) > 1 and speeds == sorted(speeds)
    assert max(speeds) == pytest.approx(few["speed"].max(), rel=0.005)


def test_the_chart_says_its_numbers_under_a_short_title(few):
    chart = figures.compromises(CASE).to_dict()
    assert len(chart["title"].split()) <= 12
    assert "tokens" in chart["usermeta"]["subtitle"].lower()


def test_the_table_of_needs_has_each_way_fewest_chips_first():
    table = ways_tables.needs(CASE)
    assert len(table) == len(ways_case.searched(CASE)) == 4
    chips = [float(text.replace(",", "")) for text in table["Chips"]]
    assert chips == sorted(chips)
    assert ways_case.plain(CASE).keys() == {"together", "apart"}


def test_sessions_find_more_with_host_memory():
    table = ways_case.found_by_sessions(CASE).set_index(["session", "host"])
    for name in ways_case.SESSIONS:
        none, host = table.loc[name, 0.0], table.loc[name, ways_case.HOST_BYTES]
        assert host["cached"] >= none["cached"] and host["rate"] >= none["rate"] > none["alone"]
    assert len(ways_tables.in_sessions(CASE)) == 4
    assert len(ways_tables.lines(ways_case.searched(CASE)[0], "m")) >= 3


def test_tables_of_facts_have_their_rows():
    assert len(ways_tables.quality()) >= 8
    assert set(ways_tables.mixes()["Service"]) == {"Conversation", "Coding", "Agent"}
    assert ways_tables.rates()["Accepted"].str.endswith("%").all()
