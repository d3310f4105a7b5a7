"""What is called the latest value is of the year before the facts' own day, or says its date."""

from analysis import ageing
from analysis.ageing import Age
from analysis.risk import indicators
from analysis.risk.indicators import Indicator


def called_latest(found: dict[str, Indicator], clock) -> list[str]:
    """Return the indicators whose latest value is older than a year on a day, and does not say of when it is."""
    return [
        key
        for key, one in found.items()
        if one.as_of and one.as_of[:7] not in one.latest and not Age(key, "", clock, one.as_of, "", "").is_fresh(clock)
    ]


def test_no_indicator_passes_off_an_old_value_as_the_latest():
    assert called_latest(indicators.watched(), ageing.today()) == []


def test_an_old_value_without_its_date_is_found():
    one = Indicator("Price", "0.5 USD", None, "data/api_prices.csv", "2024-12")
    assert called_latest({"efficiency": one}, ageing.today()) == ["efficiency"]
    dated = Indicator("Price", "0.5 USD, 2024-12", None, "data/api_prices.csv", "2024-12")
    assert called_latest({"efficiency": dated}, ageing.today()) == []


def test_indicators_are_the_newest_in_their_files():
    found = indicators.watched()
    assert "DeepSeek-V4-Pro" in found["data-limits"].latest
    for key in ("demand", "efficiency", "data-limits", "suppliers", "power"):
        assert found[key].as_of >= "2025-11", key


def test_tokens_read_are_of_large_models_in_order():
    rows = indicators.tokens_read()
    assert rows["date"].is_monotonic_increasing
    assert not (rows["parameters"] < 1e10).any()
    assert set(rows["verified"]) <= {"yes", "partly"}
