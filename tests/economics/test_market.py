import pytest

from analysis.economics import coefficients, market, ownership


def test_rates_come_from_the_data():
    rates = market.rates("H100 SXM5")
    assert 1 < rates.owned_hour < rates.dollars_per_chip_hour < 13
    assert rates.chip_watts == 700
    assert rates.server_share == pytest.approx(10200 / 5600)
    assert rates.dollars_per_kwh == pytest.approx(0.0861)
    assert market.rates("H100 SXM5 96GB HBM2e (500 W)").chip_watts == 500


def test_power_and_its_overhead_are_one_value_everywhere():
    for chip in ("H100 SXM5", "A100 SXM4 80GB", "B200 SXM (HGX/DGX)"):
        rates, chain, owned = market.rates(chip), coefficients.load(chip), ownership.values(chip)
        assert rates.power_usage_effectiveness == chain["pue"].expected == owned["pue"]
        assert rates.server_share == chain["server_share"].expected == owned["server_share"]
        assert rates.chip_watts == chain["accelerator_power"].expected == owned["accelerator_power"]
        assert rates.dollars_per_kwh == owned["dollars_per_kwh"]


def test_what_is_not_there_is_named():
    with pytest.raises(market.CostError, match="PUE"):
        market.facility("price of tea")
