import numpy as np
import pytest

from analysis import settings
from analysis.economics import market, ownership
from analysis.plan import cost_case
from analysis.plan.cost_case import CostCase
from analysis.settings import SettingError

CASE = CostCase(model="Llama-3.1-8B")


def test_a_million_tokens_pay_for_the_hour():
    row = cost_case.by_chip(CASE).set_index("chip").loc["H100 SXM5"]
    tokens = row["rate"] * 3600 * (1155 + 211) / 1.34
    assert row["rent"] * tokens / 1e6 == pytest.approx(row["rent_hour"], rel=0.005), "but for the last replica"
    assert row[list(cost_case.GROUPS)].sum() == pytest.approx(row["own"])
    assert row["kilowatt_hours"] * tokens / 1e6 == pytest.approx(ownership.kilowatts(ownership.values("H100 SXM5")), rel=0.005)
    assert row["low_rent"] < row["rent"] < row["high_rent"]


def test_a_chips_tokens_cost_what_its_plan_says():
    plan, row = cost_case.served(CASE, CASE.model, "H100 SXM5"), cost_case.by_chip(CASE).set_index("chip").loc["H100 SXM5"]
    assert row["rent"] * (1155 + 211) / 211 == pytest.approx(plan.cost_per_million_tokens.expected)


def test_a_flat_day_is_cheaper_by_its_peak():
    flat = CASE.model_copy(update={"busiest_over_mean": 1.0})
    uneven, even = (cost_case.by_chip(case)["rent"] for case in (CASE, flat))
    assert (uneven / even).dropna().to_numpy() == pytest.approx(1.34, rel=0.01)


def test_a_token_written_costs_more_than_one_read():
    apart = cost_case.apart(CASE, CASE.model, "H100 SXM5")
    assert apart.output > apart.input > 0


def test_the_rent_of_a_year_is_that_years_or_the_last_before_it():
    assert cost_case.rented(2021)[0] == cost_case.rented(2022)[0] == "A100 SXM4 80GB"
    chip, dollars = cost_case.rented(2026)
    assert chip == "H100 SXM5" and dollars == pytest.approx(market.rates(chip).dollars_per_chip_hour, rel=0.15)
    assert cost_case.rented(2030) == (chip, dollars)


def test_prices_stand_beside_the_cost_of_models_whose_shape_is_public(monkeypatch):
    table = cost_case.prices(CASE)
    known = table.dropna(subset=["cost"])
    assert set(known["architecture"]) <= set(table["architecture"].dropna())
    assert np.all((known["low"] < known["cost"]) & (known["cost"] < known["high"]))
    assert table.loc[table["architecture"].isna(), "cost"].isna().all()
    assert table.loc[table["architecture"] == "DeepSeek-V4-Flash", "cost"].notna().all(), "attention to compressed entries"


def test_the_same_model_gets_cheaper_with_a_later_chip():
    same = cost_case.same_model(CASE).set_index("year")["cost"]
    assert same[2026] < same[2021]


def test_deepseeks_day_at_the_prices_of_r1():
    """Its text says 562,027 dollars, and a margin of 545%: that is 6.45 times the cost."""
    priced = cost_case.deepseek_priced()
    assert priced.dollars == pytest.approx(562_027, rel=0.001)
    assert priced.over_cost == pytest.approx(6.45, abs=0.01)


def test_deepseeks_day_by_the_decks_formula():
    """37 billion active parameters, 776 billion tokens, half of 1,979 TFLOPS on each of eight chips."""
    by_hand = 2 * 37e9 * 776e9 / 86_400 / (0.5 * 1979e12 * 8)
    assert cost_case.deepseek_by_formula() == pytest.approx(by_hand, rel=0.02)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: '0' is not valid"),
        ({"model": "Llama-3.1-70B", "output_token_seconds": 0.001}, "no chip that is compared serves Llama-3.1-70B.*no batch"),
        ({"model": "Llama-3.1-8"}, "did you mean 'Llama-3.1-8B'"),
        ({"busiest_over_mean": 0.5}, "busiest_over_mean: '0.5' is not valid"),
    ],
)
def test_what_can_not_be_is_refused(values, message):
    with pytest.raises(SettingError, match=message):
        settings.read(CostCase, values)
