"""What chips that work so long take: energy, rent, and what owning costs, each with an interval."""

from dataclasses import dataclass

import numpy as np

from analysis.economics import market, whole_run
from analysis.plan.interval import Interval
from analysis.uncertainty import intervals


@dataclass(frozen=True)
class Cost:
    """Energy in MWh of the whole site with every chip at its limit, so an upper bound; dollars of rent and of owning.

    A price that is not known is None.
    """

    megawatt_hours: Interval
    rent: Interval | None
    owned: Interval | None

    @property
    def dollars(self) -> Interval | None:
        """The rent where it is known, else what owning costs."""
        return self.rent or self.owned


def cost(chip: str, chip_hours: Interval) -> Cost:
    """Return what `chip_hours` of `chip` take."""
    rates = market.rates(chip)
    hour = whole_run.energy_joules(1.0, rates.chip_watts, rates.server_share, rates.power_usage_effectiveness) / 3.6e9
    return Cost(
        chip_hours * hour,
        _dollars(chip_hours, rates.dollars_per_chip_hour, rates.rental_spread),
        _dollars(chip_hours, rates.owned_hour, rates.owned_spread),
    )


def _dollars(chip_hours: Interval, price: float, spread: tuple[float, float]) -> Interval | None:
    if not np.isfinite(price):
        return None
    expected = chip_hours.expected
    # Nothing that works no hour costs anything, and it is known.
    ends = [abs(np.log(end / expected)) if expected > 0 else 0.0 for end in (chip_hours.low, chip_hours.high)]
    below, above = (float(intervals.combined(end, width)) for end, width in zip(ends, spread, strict=True))
    return Interval.around(expected * price, below, above)
