"""What a training run takes: days, chip-hours, energy and dollars."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.economics.market import Rates
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS
from analysis.uncertainty import intervals


@dataclass(frozen=True)
class Cost:
    """What a run takes. Each is a number, or an array over runs.

    `widths` are those of the 80% intervals below and above, as logarithms, by the names of the other fields.
    """

    days: PerCase
    chip_hours: PerCase
    kilowatt_hours: PerCase
    rental_dollars: PerCase
    ownership_dollars: PerCase
    widths: dict[str, tuple[PerCase, PerCase]]

    def interval(self, name: str) -> tuple[PerCase, PerCase]:
        """Return the lower and upper end of the 80% interval of the quantity `name`."""
        value, (below, above) = getattr(self, name), self.widths[name]
        return value * np.exp(-below), value * np.exp(above)


def cost(tokens: PerCase, tokens_per_second: PerCase, chips: PerCase, rates: Rates, constants: Constants = CONSTANTS) -> Cost:
    """Return what it takes to pass `tokens` on `chips`, whose steps alone pass `tokens_per_second`.

    Days, chip-hours and energy are as unsure as whole runs are; dollars also as rents and owned hours are. Power and its
    overhead are taken as given: energy is that of chips at their limit, so an upper bound.
    """
    seconds = whole_run.wall_clock_seconds(tokens, tokens_per_second, whole_run.goodput(chips, constants.loss_exponent))
    hours = whole_run.chip_hours(seconds, chips)
    joules = whole_run.energy_joules(hours, rates.chip_watts, rates.server_share, rates.power_usage_effectiveness)
    run = HALF_WIDTHS["whole run"]
    return Cost(
        days=seconds / whole_run.DAY,
        chip_hours=hours,
        kilowatt_hours=joules / 3.6e6,
        rental_dollars=whole_run.rental_cost(hours, rates.dollars_per_chip_hour),
        ownership_dollars=hours * rates.owned_hour,
        widths={
            "days": (run, run),
            "chip_hours": (run, run),
            "kilowatt_hours": (run, run),
            "rental_dollars": tuple(intervals.combined(run, spread) for spread in rates.rental_spread),
            "ownership_dollars": tuple(intervals.combined(run, spread) for spread in rates.owned_spread),
        },
    )
