from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.economics import market
from analysis.models import library
from analysis.serving import token_cost
from analysis.serving.token_cost import TokenCostError

RATES = replace(market.rates("H100 SXM5"), dollars_per_chip_hour=3.6)
prices = st.floats(0.01, 100)


speeds = st.floats(1, 1e6)


@given(price=prices, read=speeds, written=speeds, share=st.floats(0, 1), factor=st.floats(0.1, 10))
def test_costs_are_linear_in_price_and_inverse_in_speed(price, read, written, share, factor):
    cost = token_cost.of_speeds(price, read, written, share)
    assert token_cost.of_speeds(price * factor, read, written, share).blended == pytest.approx(cost.blended * factor)
    faster = token_cost.of_speeds(price, read * factor, written * factor, share)
    assert faster.blended == pytest.approx(cost.blended / factor)
    low, high = sorted((cost.input, cost.output))
    assert low * (1 - 1e-9) <= cost.blended <= high * (1 + 1e-9)


def test_a_cost_by_hand():
    """$3.60 an hour is a thousandth of a dollar a second: at 1,000 tokens a second, a dollar a million."""
    cost = token_cost.of_speeds(RATES.dollars_per_chip_hour, 4000, 1000, 0.25, use=0.5)
    assert (cost.input, cost.output, cost.blended) == pytest.approx((0.5, 2.0, 0.5 * 0.75 + 2 * 0.25))


def test_a_share_out_of_range_is_refused():
    with pytest.raises(TokenCostError, match="output_share: 2 is out of range; allowed: 0 to 1"):
        token_cost.of_speeds(1.0, 1.0, 1.0, 2.0)


def test_published_prices_are_blended():
    table = token_cost.published_prices().set_index(["model", "date"])
    assert table.loc[("gpt-4", "2023-03-14"), "blended"].item() == pytest.approx(37.5)
    cached = token_cost.published_prices(0.25, cached=1.0).set_index(["model", "date"])
    assert cached.loc[("DeepSeek-V3", "2025-02-08"), "blended"].item() == pytest.approx(0.75 * 0.07 + 0.25 * 1.10)
    assert cached.loc[("gpt-4", "2023-03-14"), "blended"].item() == pytest.approx(37.5)
    assert set(table["architecture"].dropna()) <= set(library.names())


def test_deepseeks_figures_agree_with_each_other():
    published = token_cost.deepseek_published()
    assert published.nodes == pytest.approx(226.75, rel=0.001)
    assert published.nodes * 8 * 24 * 2 == pytest.approx(87072, rel=0.001)
    assert published.dollars == 87072
    assert token_cost.deepseek_demand().cached == pytest.approx(0.563, abs=0.001)


def test_deepseeks_day_is_predicted_within_a_quarter():
    """The day's nodes, speeds and cost do not go in, though profiles of the same system went into the constants."""
    published, predicted = token_cost.deepseek_published(), token_cost.deepseek_predicted()
    assert 0.8 < predicted.dollars / published.dollars < 1.25
    for name in ("reading_nodes", "writing_nodes"):
        assert getattr(predicted, name) == pytest.approx(getattr(published, name), rel=0.3)
