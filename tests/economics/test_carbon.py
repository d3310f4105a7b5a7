import pytest

from analysis.economics import carbon
from analysis.economics.carbon import CarbonError


def test_a_megawatt_hour_of_chinas_grid_by_hand():
    """582 g a kWh, so 582 kg a MWh."""
    assert carbon.electricity(1000, carbon.intensity("China")) == pytest.approx(582)


def test_making_is_spread_over_all_hours_of_work():
    hours = 5 * 8760 * 0.8
    assert carbon.embodied(hours, 500, 5, 0.8) == pytest.approx(500)
    low, high = carbon.server_kilograms()
    assert (low, high) == pytest.approx((1312 / 8 * 2, 1312 / 8 * 4))


def test_each_region_has_one_value_that_is_used():
    rows = carbon.regions()
    assert rows["region"].is_unique
    assert rows["grams_per_kwh"].is_monotonic_increasing
    with pytest.raises(CarbonError, match=r"electricity of 'Frence' is not in .*did you mean 'France'"):
        carbon.intensity("Frence")
