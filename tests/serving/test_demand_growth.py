"""Growth of demand: against a service that is made up, and one that can be worked out by hand."""

import pandas as pd
import pytest

from analysis.serving import demand, demand_growth


def test_a_service_that_doubles_each_half_year_grows_fourfold(monkeypatch):
    dates = pd.to_datetime(["2025-01-01", "2025-07-02", "2026-01-01", "2026-07-02"])
    rows = pd.DataFrame({
        "date": dates, "organisation": "A", "product": "x", "per_day": [1e9, 2e9, 4e9, 8e9], "verified": "yes", "note": "",
    })  # fmt: skip
    late = rows.iloc[[3]].assign(organisation="B")
    monkeypatch.setattr(demand, "published", lambda what: pd.concat([rows, late]))
    found = demand_growth.by_service()
    assert found["service"].tolist() == ["A, x"], "one statement alone grows nowhere"
    assert found["trend"].iloc[0].growth == pytest.approx(4, rel=0.01)
    assert found["of_late"].iloc[0] == pytest.approx(4, rel=0.01)


def test_periods_are_turned_into_days():
    rows = demand.published("tokens").set_index(["organisation", "product"])
    google = rows.loc[("Google", "Google (all AI products)")]
    assert google["per_day"].max() == pytest.approx(3.2e15 * 12 / 365), "3.2 quadrillion a month"
    assert rows.loc[("Google", "Gemini API"), "per_day"].max() == pytest.approx(1.9e10 * 1440)
    assert rows.loc[("OpenRouter", "all models"), "per_day"].max() == pytest.approx(2.89e13 / 7)
    doubao = rows.loc[("ByteDance", "Doubao")].set_index("date")["per_day"]
    assert doubao[pd.Timestamp("2026-03-16")] == 1.2e14 and doubao.max() == doubao[pd.Timestamp("2026-06-15")] == 1.8e14
    assert doubao.max() == 1.8e14, "a peak minute is no day"


def test_chinas_growth_of_late_by_hand():
    """500 trillion in June 2026 after 30 trillion in June 2025: 16.7-fold in a year."""
    found = demand_growth.by_service().set_index("service").loc["China, all (National Data Administration)"]
    assert found["of_late"] == pytest.approx(500 / 30, rel=0.01)
    assert found["trend"].low < found["trend"].growth < found["trend"].high
