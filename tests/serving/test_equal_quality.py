import pandas as pd
import pytest

from analysis import facts
from analysis.serving import equal_quality, token_cost


def test_the_first_of_seventy_is_r1_at_its_price():
    """0.55 and 2.19 dollars, a quarter written: 0.75 x 0.55 + 0.25 x 2.19."""
    first = equal_quality.cheapest(70).iloc[0]
    assert (first["model"], first["date"]) == ("DeepSeek-R1", pd.Timestamp("2025-01-20"))
    assert first["blended"] == pytest.approx(0.96)


def test_a_rise_shows(monkeypatch):
    """Two models: one falls and rises again above the other, so the cheapest is no running minimum."""
    rows = pd.DataFrame({
        "date": pd.to_datetime(["2025-01-01", "2025-06-01", "2026-01-01"]), "model": ["gpt-5", "o3", "o3"],
        "blended": [4.0, 1.0, 9.0],
    })  # fmt: skip
    monkeypatch.setattr(token_cost, "published_prices", lambda: rows)
    found = equal_quality.cheapest(80)
    assert found["blended"].tolist() == [4.0, 1.0, 4.0]
    assert found["model"].tolist() == ["gpt-5", "o3", "gpt-5"]


def test_better_is_never_cheaper():
    last = equal_quality.falls()["last_price"]
    assert last.is_monotonic_increasing
    assert set(facts.read("model_scores")["model"]) <= set(facts.read("api_prices")["model"])


def test_the_largest_rise_is_that_of_v3_after_its_introduction():
    """From 0.14 and 0.28 to 0.27 and 1.10 dollars."""
    rise = equal_quality.largest_rise()
    assert rise["model"] == "DeepSeek-V3"
    assert (rise["before"], rise["blended"]) == pytest.approx((0.75 * 0.14 + 0.25 * 0.28, 0.75 * 0.27 + 0.25 * 1.10))
