"""What chip-hours take: energy and dollars, by their formulas, and intervals of independent factors."""

import dataclasses

import numpy as np
import pytest

from analysis.economics import market
from analysis.plan import cost as module
from analysis.plan.interval import Interval


@pytest.fixture
def rates(monkeypatch):
    rates = dataclasses.replace(
        market.rates("H100 SXM5"), dollars_per_chip_hour=2.0, rental_spread=(0.4, 0.4), owned_spread=(0.0, 0.0)
    )
    monkeypatch.setattr(module.market, "rates", lambda chip: rates)
    return rates


def test_energy_and_rent_are_what_their_formulas_say(rates):
    cost = module.cost("H100 SXM5", Interval.around(1000, 0.3))
    assert cost.rent.expected == pytest.approx(2000)
    # 700 W, a server of 10.2 kW for eight chips of 700 W, PUE 1.3.
    assert cost.megawatt_hours.expected == pytest.approx(0.7 * 10_200 / 5600 * 1.3)
    assert 0 < cost.owned.expected < cost.rent.expected
    assert cost.dollars is cost.rent


def test_intervals_of_dollars_are_those_of_independent_factors(rates):
    """Drawn: a run's time and a price, both lognormal, whose product's 80% interval is known."""
    run, price, ninth = 0.34, 0.4, 1.2816
    cost = module.cost("H100 SXM5", Interval.around(1000, run))
    draw = np.random.default_rng(0)
    drawn = np.exp((draw.normal(0, run, 200_000) + draw.normal(0, price, 200_000)) / ninth)
    ends = np.quantile(drawn, [0.1, 0.9]) * cost.rent.expected
    assert ends == pytest.approx([cost.rent.low, cost.rent.high], rel=0.02)
    for interval in (cost.megawatt_hours, cost.owned):
        assert interval.high / interval.low == pytest.approx(np.exp(2 * run))


def test_a_price_that_is_not_known_is_none(monkeypatch):
    unknown = dataclasses.replace(market.rates("H100 SXM5"), dollars_per_chip_hour=np.nan)
    monkeypatch.setattr(module.market, "rates", lambda chip: unknown)
    cost = module.cost("H100 SXM5", Interval.around(1000, 0.3))
    assert cost.rent is None and cost.dollars is cost.owned
