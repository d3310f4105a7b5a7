"""What a fleet earns back of its capital as rents fall, as plain arithmetic; and the paths that rents may take."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.economics import market, whole_run
from analysis.industry import coefficients, pass_through, supply
from analysis.scenarios.scenario import DECK, Scenario

_HOURS_A_YEAR = 365.25 * 24


class StrandingError(ValueError):
    """A rent, a growth or a time that is out of range; the message says what is allowed."""


@dataclass(frozen=True)
class Fleet:
    """One accelerator of a fleet with its share of servers, network and buildings, in dollars; hours of work a year.

    `chip` is the one whose rent and price are known; `electricity` is that of an hour of work, for the whole site.
    """

    chip: str
    capital: float
    rent: float
    electricity: float
    hours: float


def fleet(scenario: Scenario) -> Fleet:
    """Return the fleet that serves the scenario, by the chain's expected coefficients.

    A chip whose rent is not known is taken to be the deck's.
    """
    chip = scenario.accelerator if market.is_rented(scenario.accelerator) else DECK.accelerator
    rates = market.rates(chip)
    values = coefficients.expected(coefficients.load(chip))
    count = pass_through.demand(scenario).serving
    capital = pass_through.units(count, values["fabric"], scenario.accelerators_per_server, values)["capital"] / count
    joules = whole_run.energy_joules(1.0, rates.chip_watts, rates.server_share, rates.power_usage_effectiveness)
    electricity = joules / 3.6e6 * rates.dollars_per_kwh
    return Fleet(chip, float(capital), rates.dollars_per_chip_hour, float(electricity), rates.occupancy * _HOURS_A_YEAR)


def earned_share(built: Fleet, growth: float, years: PerCase) -> PerCase:
    """Return the share of its capital that a fleet has earned `years` after purchase, as rents grow by `growth` a year.

    Rent less electricity, in the hours in which the chips work; no staff, no interest. Raises StrandingError.
    """
    within(StrandingError, "growth", growth, 1e-6)
    within(StrandingError, "years", years, 0)
    log = np.log(growth)
    # The integral of growth^t; at a growth of one, its limit.
    rented = np.asarray(years, dtype=float) if abs(log) < 1e-9 else np.expm1(log * np.asarray(years)) / log
    return built.hours * (built.rent * rented - built.electricity * np.asarray(years)) / built.capital


def paths() -> dict[str, float]:
    """Return the growth a year of rents on each path, by its name."""
    return {
        "Rents stay": 1.0,
        "As rents of one chip fell": supply.rental_trend().growth,
        "As a dollar buys more": 1 / supply.value_trend().growth,
    }


def payback_years(built: Fleet, growth: float, most: float = 15.0) -> float:
    """Return the years after which a fleet has earned its capital, inf if it does not within `most`. Raises StrandingError."""
    years = np.linspace(0, most, 20_001)
    done = np.asarray(earned_share(built, growth, years)) >= 1
    return float(years[done.argmax()]) if done.any() else float("inf")
