"""Makers: sums and shares of the facts, against Epoch AI's own total and the differences of its rows."""

import pytest

from analysis import facts
from analysis.industry import chip_supply
from analysis.tables import chip_supply_tables


def test_shares_add_up_and_are_of_the_same_makers_throughout():
    shares = chip_supply.shares()
    assert shares.groupby("date")["share"].sum().to_numpy() == pytest.approx(1)
    assert shares.groupby("date")["maker"].nunique().eq(4).all(), "who is counted does not change"
    assert chip_supply.standing()["share"].sum() == pytest.approx(1)
    assert chip_supply.standing()["share"].is_monotonic_decreasing


def test_the_four_makers_come_to_what_was_said_of_them_in_january():
    # Epoch AI, January 2026: more than 15 million H100, with Huawei; its later count of the same quarter-end is larger.
    total = chip_supply.standing()["h100_equivalents"].sum()
    assert 15e6 < total < 22e6


def test_a_year_is_the_difference_of_two_year_ends():
    years = chip_supply.by_year().set_index(["maker", "year"])
    rows = facts.read("chip_supply")
    nvidia = rows[(rows["maker"] == "NVIDIA") & (rows["span"] == "so far")].set_index("date")["h100_equivalents"]
    assert years.loc[("NVIDIA", 2025), "h100_equivalents"] == nvidia["2025-12-31"] - nvidia["2024-12-31"]
    assert years.loc[("NVIDIA", 2022), "h100_equivalents"] == nvidia["2022-12-31"]
    assert ("Huawei", 2025) not in years.index, "it was first counted at that year's end"
    assert years.loc[("Google", 2026), "until"] == "2026-03-31", "an incomplete quarter is left out"


def test_an_interval_holds_its_middle():
    rows = facts.read("chip_supply")
    for name in ("chips", "h100_equivalents"):
        known = rows.dropna(subset=[f"{name}_low", name, f"{name}_high"])
        assert known[name].between(known[f"{name}_low"], known[f"{name}_high"]).all()


def test_estimates_of_others_stand_beside_and_in_no_sum():
    others = chip_supply.estimates()
    assert chip_supply.HOUSE not in set(others["estimate_of"])
    table = chip_supply_tables.other_estimates()
    assert len(table) == len(others)
    assert "500 to 1,000" in set(table["Chips, thousand"])
    nvidia = chip_supply_tables.makers().set_index("Maker").loc["NVIDIA"]
    assert nvidia["Peak, thousand H100"].startswith("13,700 (11,900 to 15,5")
