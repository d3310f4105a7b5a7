"""Supply: what is counted and fitted, against closed forms and figures that were published elsewhere."""

import numpy as np
import pandas as pd
import pytest

from analysis import facts
from analysis.economics import ownership, prices
from analysis.hardware import accelerators
from analysis.industry import supply
from analysis.industry.supply import SupplyError
from analysis.inference import pass_time
from analysis.inference.deployments import deploy
from analysis.tables import supply_tables


def test_every_shipped_chip_with_a_peak_and_a_date_is_there():
    frame, table = supply.chips(), accelerators.table()
    has = table[["bf16_dense_tflops", "fp16_dense_tflops"]].notna().any(axis=1) & table["release_date"].notna()
    announced = table["status"] != "shipped"
    assert set(frame["chip"]) == set(table.index[has & ~announced])
    assert (has & announced).any(), "one that is announced has a date, and is left out"
    h100 = frame.set_index("chip").loc["H100 SXM5"]
    assert h100["flop_per_joule"] == pytest.approx(989.4e12 / 700)
    assert set(supply.DOMESTIC) <= set(table["vendor"])


def test_doubtful_chips_move_no_trend(monkeypatch):
    before = supply.growth("flop_per_second", domestic=True)
    frame = supply.chips()
    frame.loc[frame["verified"] == "no", "flop_per_second"] *= 100
    monkeypatch.setattr(supply, "chips", lambda: frame)
    assert supply.growth("flop_per_second", domestic=True) == before


def test_the_same_work_is_the_engine_s():
    frame = supply.same_work(["H20", "MLU590 (Siyuan 590)"]).set_index("chip")
    one = deploy(supply.MODEL, "H20", weight_precision="bf16", tensor=8)
    batch = frame.loc["H20", "batch"]
    step = pass_time.decode_seconds(one, batch, supply.CONTEXT).item()
    assert frame.loc["H20", "decode"] == pytest.approx(batch / step / 8)
    assert "memory" in frame.loc["MLU590 (Siyuan 590)", "why_not"]
    assert np.isnan(frame.loc["MLU590 (Siyuan 590)", "decode"])


def test_tokens_of_owned_chips_cost_their_hour():
    hour = ownership.hour_of_chip("H100 SXM5").loc["all", "dollars"]
    frame = supply.same_work(["H100 SXM5", "Ascend 910C"]).set_index("chip")
    row = frame.loc["H100 SXM5"]
    assert row["answer_dollars"] == pytest.approx(hour / 3600 / row["decode"] * 1e6)
    assert row["prompt_dollars"] == pytest.approx(hour / 3600 / row["prefill"] * 1e6)
    assert row["blended_dollars"] == pytest.approx(0.75 * row["prompt_dollars"] + 0.25 * row["answer_dollars"])
    assert frame.loc["Ascend 910C", "decode"] > 0
    assert np.isnan(frame.loc["Ascend 910C", "answer_dollars"]), "no price was found"


def test_prices_to_buy_are_of_single_chips_and_buy_their_peak():
    frame = supply.bought()
    assert set(prices.NAMED.values()) <= set(accelerators.table().index)
    assert len(frame) > 20
    row = frame[frame["chip"] == "H100 SXM5"].iloc[0]
    assert row["rate_per_dollar"] == pytest.approx(989.4e12 / row["dollars"])
    servers = facts.read("gpu_prices")
    servers = servers[(servers["kind"] == "purchase") & (servers["gpus_in_listing"] == 8)]
    assert not set(zip(servers["date"], servers["usd_purchase_per_gpu"], strict=True)) & set(
        zip(frame["date"], frame["dollars"], strict=True)
    )


def test_a_dollar_rents_the_peak_over_the_price():
    frame = supply.rented()
    row = frame[frame["chip"] == "H100 SXM5"].iloc[0]
    assert row["flop_per_dollar"] == pytest.approx(989.4e12 * 3600 / row["dollars"])
    assert frame["kind"].isin(prices.KINDS).all()


def test_sales_add_up_to_the_stock():
    sold = supply.sold_to_china().groupby("chip")["chips"].sum()
    stock = supply.stock(["A800", "H800", "H20"])["chips"]
    pd.testing.assert_series_equal(sold.sort_index(), stock.sort_index(), check_names=False)


def test_countries_add_up_to_what_is_counted():
    frame = facts.read("clusters")
    frame = frame[(frame["status"] == "existing") & (frame["in_standard_analysis"] == "yes")]
    total = frame.loc[frame["possible_duplicate"] == "no", "h100_equivalents"].sum()
    assert supply.countries()["h100_equivalents"].sum() == pytest.approx(total)
    assert len(supply_tables.countries()) == 9


def test_unknown_names_are_refused():
    with pytest.raises(SupplyError, match=r"there is no measure 'bandwith'; did you mean 'bandwidth'\?"):
        supply.growth("bandwith", domestic=False)
    with pytest.raises(SupplyError, match=r"there is no chip 'H2O' among those sold; did you mean 'H20'\?"):
        supply.stock(["H2O"])
