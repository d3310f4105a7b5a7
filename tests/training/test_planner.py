import pytest

from analysis.evidence import runs
from analysis.training import planner


@pytest.fixture(scope="module")
def table():
    return planner.sizes("Llama-3.1-70B", "H100 SXM5", 15e12, dollars_per_chip_hour=2.5)


def test_more_chips_take_fewer_days(table):
    doubled = table[table["chips"].isin([64 * 2**power for power in range(7)])]
    assert len(doubled) == 7 and doubled["days"].is_monotonic_decreasing
    assert (table["memory_gb"] <= 80).all()
    assert (table["tensor"] * table["pipeline"] * table["data"] == table["chips"]).all()


def test_hours_are_within_the_interval_of_what_the_model_card_says(table):
    """Llama 3.1 70B: 7.0 million hours, with failures and further stages (Meta's model card)."""
    row = table[table["chips"] == 4096].iloc[0]
    assert row["low_days"] < 7e6 / 24 / 4096 < row["high_days"]


def test_every_quantity_lies_within_its_interval(table):
    for name in ("days", "dollars", "model_flops_utilization", "memory_gb"):
        assert (table[f"low_{name}"] < table[name]).all() and (table[name] < table[f"high_{name}"]).all()
    spread = planner.sizes(
        "Llama-3.1-70B", "H100 SXM5", 15e12, chips=(1024,), dollars_per_chip_hour=2.5, price_spread=(0.2, 0.6)
    ).iloc[0]
    same = table[table["chips"] == 1024].iloc[0]
    assert spread["low_dollars"] < same["low_dollars"] and spread["high_dollars"] > same["high_dollars"]


def test_a_model_that_no_number_of_chips_can_hold_and_an_unknown_chip_are_refused():
    with pytest.raises(planner.PlannerError, match="more chips"):
        planner.sizes("GPT-3-175B", "V100 SXM2 32GB", 3e11, chips=(8,))
    with pytest.raises(runs.RunsError, match="abacus"):
        planner.sizes("GPT-3-175B", "abacus", 3e11)


def test_nothing_in_the_pareto_set_is_beaten(table):
    front = planner.pareto(table)
    assert front["days"].is_monotonic_increasing and front["dollars"].is_monotonic_decreasing
    for _, row in table.iterrows():
        assert ((front["days"] <= row["days"]) & (front["dollars"] <= row["dollars"])).any()
