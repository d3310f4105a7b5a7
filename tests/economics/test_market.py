import dataclasses

import numpy as np
import pytest

from analysis.economics import coefficients, market, ownership
from analysis.training import run_cost
from analysis.training.fitted import HALF_WIDTHS


def test_rates_come_from_the_data():
    rates = market.rates("H100 SXM5")
    assert 1 < rates.owned_hour < rates.dollars_per_chip_hour < 13
    assert rates.chip_watts == 700
    assert rates.server_share == pytest.approx(10200 / 5600)
    assert rates.dollars_per_kwh == pytest.approx(0.0861)
    assert market.rates("H100 SXM5 96GB HBM2e (500 W)").chip_watts == 500


def test_a_run_takes_what_its_formulas_say():
    rates = dataclasses.replace(market.rates("A100 SXM4 80GB"), dollars_per_chip_hour=2.0)
    cost = run_cost.cost(3e11, 1e5, 1, rates)
    assert cost.chip_hours == pytest.approx(3e6 / 3600) == pytest.approx(cost.days * 24)
    assert cost.rental_dollars == pytest.approx(2 * cost.chip_hours)
    assert cost.kilowatt_hours > cost.chip_hours * 0.4
    assert 0 < cost.ownership_dollars < cost.rental_dollars


def test_intervals_of_dollars_are_those_of_independent_factors():
    """Drawn: a run's time and a price, both lognormal, whose product's 80% interval is known."""
    run, price = HALF_WIDTHS["whole run"], 0.4
    rates = dataclasses.replace(
        market.rates("H100 SXM5"), dollars_per_chip_hour=2.0, rental_spread=(price, price), owned_spread=(0.0, 0.0)
    )
    cost = run_cost.cost(1e12, 1e6, 64, rates)
    draw, ninth = np.random.default_rng(0), 1.2816
    drawn = np.exp((draw.normal(0, run, 200_000) + draw.normal(0, price, 200_000)) / ninth)
    low, high = cost.interval("rental_dollars")
    assert np.quantile(drawn, [0.1, 0.9]) * cost.rental_dollars == pytest.approx([low, high], rel=0.02)
    for name in ("days", "chip_hours", "kilowatt_hours", "ownership_dollars"):
        low, high = cost.interval(name)
        assert high / low == pytest.approx(np.exp(2 * run))


def test_power_and_its_overhead_are_one_value_everywhere():
    for chip in ("H100 SXM5", "A100 SXM4 80GB", "B200 SXM (HGX/DGX)"):
        rates, chain, owned = market.rates(chip), coefficients.load(chip), ownership.values(chip)
        assert rates.power_usage_effectiveness == chain["pue"].expected == owned["pue"]
        assert rates.server_share == chain["server_share"].expected == owned["server_share"]
        assert rates.chip_watts == chain["accelerator_power"].expected == owned["accelerator_power"]
        assert rates.dollars_per_kwh == owned["dollars_per_kwh"]


def test_more_chips_cost_more():
    rates = market.rates("H100 SXM5")
    few, many = (run_cost.cost(1e12, 1e4 * chips, chips, rates) for chips in (64, 4096))
    assert many.days < few.days and many.rental_dollars > few.rental_dollars


def test_what_is_not_there_is_named():
    with pytest.raises(market.CostError, match="PUE"):
        market.facility("price of tea")
