"""What a fleet earns back of its capital as rents fall, as plain arithmetic; and the paths that rents may take."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.economics import coefficients, market, ownership, price_index
from analysis.industry import pass_through, supply
from analysis.scenarios.scenario import DECK, Scenario

_HOURS_A_YEAR = 365.25 * 24
#: Paths of rents.
LATELY, STAY, CHEAPER = "As in the last year", "Rents stay", "As a dollar rents more"


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
    owned = ownership.values(chip)
    electricity = ownership.kilowatts(owned) * owned["dollars_per_kwh"]
    return Fleet(chip, float(capital), rates.dollars_per_chip_hour, float(electricity), owned["occupancy"] * _HOURS_A_YEAR)


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
    """Return the growth a year of rents on each path, by its name.

    As one and the same seller's quotes moved in the last year; not at all; and down as fast as a dollar rents more, by newer
    chips and cheaper sellers.
    """
    return {
        LATELY: price_index.trend(price_index.year_before()).growth,
        STAY: 1.0,
        CHEAPER: 1 / supply.value_trend().growth,
    }


def payback_years(built: Fleet, growth: float, most: float = 15.0) -> float:
    """Return the years after which a fleet has earned its capital, inf if it does not within `most`. Raises StrandingError."""
    years = np.linspace(0, most, 20_001)
    done = np.asarray(earned_share(built, growth, years)) >= 1
    return float(years[done.argmax()]) if done.any() else float("inf")
