"""Levels and the same-seller index: against prices that were made up, and one level worked out from the file by hand."""

import csv
import statistics

import numpy as np
import pandas as pd
import pytest

from analysis import paths
from analysis.economics import coefficients, price_index, prices
from analysis.hardware import accelerators


def quoted(rows):
    """Return made-up quotes of one chip: (seller, quarter, dollars)."""
    return pd.DataFrame([
        {"name": "NVIDIA H100 SXM5 80GB", "chip": "H100 SXM5", "seller": seller, "kind": "cloud", "basis": "listed",
         "date": f"{when[:4]}-{3 * int(when[-1]) - 1:02}", "quarter": when, "dollars": dollars}
        for seller, when, dollars in rows
    ])  # fmt: skip


@pytest.fixture
def made(monkeypatch):
    def use(rows):
        frame = quoted(rows)
        monkeypatch.setattr(prices, "_quotes", lambda term: frame)
        monkeypatch.setattr(prices, "_others_spread", lambda: (0.1, 0.1))
        monkeypatch.setattr(prices, "of_family", lambda chip: pd.Series(True, index=frame.index))
        monkeypatch.setattr(prices, "named", lambda chip: pd.Series(True, index=frame.index))
        price_index._index_of_chip.cache_clear()

    yield use
    price_index._index_of_chip.cache_clear()


def test_a_cheaper_seller_moves_the_median_and_not_the_index(made):
    made([
        ("a", "2025Q1", 4.0), ("b", "2025Q1", 5.0), ("a", "2025Q2", 4.0), ("b", "2025Q2", 5.0), ("c", "2025Q2", 1.0),
        ("a", "2025Q3", 4.0), ("b", "2025Q3", 5.0), ("c", "2025Q3", 1.0),
    ])  # fmt: skip
    medians = prices.quarterly("H100 SXM5")["median"]
    assert medians.iloc[0] == 4.5 and medians.iloc[-1] == 4.0
    assert price_index.index_of_chip("H100 SXM5")["index"].to_numpy() == pytest.approx([1, 1, 1])


def test_the_index_finds_the_movement_though_no_seller_quotes_in_every_quarter(made):
    """Every price is the seller's own level times the quarter's: the fit has to find the quarters' exactly."""
    level, moved = {"a": 2.0, "b": 3.0, "c": 9.0}, {"2024Q1": 0.5, "2024Q2": 0.7, "2025Q1": 1.1, "2025Q4": 1.0}
    asked = [("a", "2024Q1"), ("b", "2024Q1"), ("a", "2024Q2"), ("c", "2024Q2"), ("b", "2025Q1"), ("c", "2025Q1"),
             ("a", "2025Q4"), ("c", "2025Q4")]  # fmt: skip
    made([(seller, when, level[seller] * moved[when]) for seller, when in asked])
    found = price_index.index_of_chip("H100 SXM5").set_index("quarter")
    assert found["index"].to_dict() == pytest.approx(moved)
    assert (found["high"] - found["low"]).to_numpy() == pytest.approx(0, abs=1e-6), "nothing is left over"
    assert price_index.dollars("H100 SXM5", 2024) == pytest.approx(prices.level("H100 SXM5").dollars * np.sqrt(0.5 * 0.7))


def test_quarters_that_no_seller_ties_to_the_newest_are_left_out(made):
    early, late = ("2020Q1", "2020Q2"), ("2026Q1", "2026Q2")
    made([(who, when, 2.0) for who in "ab" for when in early] + [(who, when, 3.0) for who in "cd" for when in late])
    assert list(price_index.index_of_chip("H100 SXM5")["quarter"]) == ["2026Q1", "2026Q2"]


def test_the_level_is_the_median_of_clouds_in_the_newest_quarter():
    """From the file, without the package: sellers' means over how a price is stated, of the medians of what they quote."""
    with (paths.DATA / "gpu_prices.csv").open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file)
            if row["chip"] == "NVIDIA H100 SXM5 80GB" and row["kind"] == "rental" and row["seller_kind"] == "cloud"
            and row["basis"] != "mixed" and row["verified"] != "no" and row["usd_per_gpu_hour_on_demand"]
            and row["date"] >= "2026-07"
        ]  # fmt: skip
    offers: dict = {}
    for row in rows:
        offers.setdefault(row["vendor_or_seller"], {}).setdefault(row["basis"], []).append(
            float(row["usd_per_gpu_hour_on_demand"])
        )
    asked = [statistics.mean(statistics.median(some) for some in bases.values()) for bases in offers.values()]
    found = prices.level("H100 SXM5")
    assert (found.date, found.sellers, found.quotes) == ("2026Q3", len(asked), len(rows))
    assert found.dollars == pytest.approx(statistics.median(asked))
    assert found.low < found.dollars < found.high


def test_chips_are_compared_at_one_quarter_and_one_kind_of_seller():
    levels = [prices.level(chip) for chip in ("A100 SXM4 80GB", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)")]
    assert {(one.kind, one.date) for one in levels} == {("cloud", "2026Q3")}
    dollars = [one.dollars for one in levels]
    assert dollars == sorted(dollars)
    assert dollars[2] / dollars[1] < 1.4, "one seller's own two prices stand 1.33 apart"


def test_what_nobody_verified_or_mixes_terms_enters_no_series():
    assert 12.29 not in set(prices.quotes()[prices.quotes()["date"] >= "2026"]["dollars"])
    assert set(prices.quotes()["basis"]) == {"listed", "restated"}


def test_names_are_chips_and_the_stand_in_is_the_decks():
    from analysis.scenarios.scenario import DECK

    assert set(prices.NAMED.values()) <= set(accelerators.table().index)
    assert DECK.accelerator == coefficients.OTHERWISE


def test_a_price_that_is_not_known_is_none():
    assert np.isnan(prices.level("Ascend 910C").dollars)
    assert prices.purchase("Ascend 910C", 0.7).quotes == 0
    assert prices.quarter("2026-09-30") == "2026Q3" and prices.quarter("2026") == "2026Q2"
