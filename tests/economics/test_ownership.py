"""An owned hour: against loans that are paid back year by year, and hours that are counted one by one."""

import numpy as np
import pytest

from analysis.economics import coefficients, ownership


@pytest.mark.parametrize(("rate", "years"), [(0.09, 5), (0.05, 20), (0.12, 3)])
def test_an_annuity_pays_back_a_loan(rate, years):
    owed = 1000.0
    for _ in range(years):
        owed += owed * rate - 1000 * ownership.capital_recovery(rate, years)
    assert owed == pytest.approx(0, abs=1e-9)


def test_an_hour_earns_back_all_that_was_bought():
    """A fleet sold at its owned hour pays interest, upkeep and electricity, and owes nothing when it is worn out."""
    values = ownership.values("H100 SXM5")
    bought = ownership.owned(values)
    hours = 8760 * values["occupancy"]
    earned = ownership.hour("H100 SXM5") * hours
    equipment, building = bought.accelerator + bought.server + bought.network, bought.building
    running = equipment * values["upkeep"] + ownership.kilowatts(values) * values["dollars_per_kwh"] * hours
    site = building * ownership.capital_recovery(values["cost_of_capital"], values["building_years"])
    owed = float(equipment)
    for _ in range(int(values["years"])):
        owed += owed * values["cost_of_capital"] - (earned - running - site)
    assert owed == pytest.approx(0, abs=1e-6 * equipment)


def test_parts_are_the_formula_and_none_is_negative():
    values = ownership.values("B200 SXM (HGX/DGX)")
    bought = ownership.owned(values)
    yearly = ownership.annual(
        bought.accelerator + bought.server + bought.network, bought.building,
        *(values[name] for name in ("cost_of_capital", "years", "building_years", "upkeep")),
    )  # fmt: skip
    parts = ownership.parts(values)
    assert list(parts) == list(ownership.PARTS)
    assert min(parts.values()) > 0
    hour = ownership.chip_hour(yearly, values["occupancy"], ownership.kilowatts(values), values["dollars_per_kwh"])
    assert sum(parts.values()) == pytest.approx(hour) == pytest.approx(ownership.hour("B200 SXM (HGX/DGX)"))


def test_intervals_hold_the_expected_and_the_parts_do_not_add_up_in_them():
    found = ownership.hour_of_chip("H100 SXM5")
    assert (found["low"] < found["high"]).all()
    whole = found.loc["all"]
    assert whole["low"] < whole["dollars"] < whole["high"]
    assert whole["high"] - whole["low"] < (found["high"] - found["low"]).drop("all").sum()
    assert found["dollars"].drop("all").sum() == pytest.approx(whole["dollars"])


def test_a_chip_without_a_price_has_no_hour():
    assert np.isnan(ownership.hour("Ascend 910C"))
    assert ownership.hour_of_chip("Ascend 910C").loc["all"].isna().all()


def test_the_years_are_those_of_accounts():
    years = coefficients.owning("H100 SXM5")["years"]
    assert years.low < years.expected <= years.high == 6
