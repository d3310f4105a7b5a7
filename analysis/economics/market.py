"""What chips cost to rent, to own and to run, for one chip at once: prices and power from `data/`."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.economics import coefficients, ownership, prices
from analysis.economics.site import SERVER_CHIPS, SERVERS, CostError, chip_watts, facility, server_share
from analysis.hardware import accelerators

__all__ = ["SERVERS", "SERVER_CHIPS", "CostError", "Rates", "facility", "is_rented", "rates", "server_share"]


@dataclass(frozen=True)
class Rates:
    """What costs are computed with; what `rates` returns comes from `data/`, and any of it can be replaced.

    `owned_hour` is dollars of an hour in which an owned chip works, by `analysis.economics.ownership`. The spreads say how
    far below and above, as logarithms, four of five rents lie, and 80% of the draws of an owned hour.
    """

    dollars_per_chip_hour: float
    owned_hour: float
    chip_watts: float
    server_share: float
    power_usage_effectiveness: float
    dollars_per_kwh: float
    rental_spread: tuple[float, float] = (0.0, 0.0)
    owned_spread: tuple[float, float] = (0.0, 0.0)


@cache
def rates(chip: str) -> Rates:
    """Return what costs of `chip` are computed with: its newest rent, its owned hour, and power and electricity.

    A price that `data/` does not have is NaN. Raises AcceleratorError for an unknown chip.
    """
    watts = chip_watts(chip)  # which is what is not known of some
    rent, owned = prices.level(chip), ownership.hour_of_chip(chip).loc["all"]
    known = coefficients.expected(coefficients.owning(chip))
    return Rates(
        dollars_per_chip_hour=rent.dollars,
        owned_hour=float(owned["dollars"]),
        rental_spread=rent.spread,
        owned_spread=(float(np.log(owned["dollars"] / owned["low"])), float(np.log(owned["high"] / owned["dollars"]))),
        chip_watts=watts,
        server_share=server_share(chip),
        power_usage_effectiveness=known["pue"],
        dollars_per_kwh=known["dollars_per_kwh"],
    )


def is_rented(chip: str) -> bool:
    """Say whether the rent of `chip` is known, and what its power is taken from."""
    try:
        return bool(np.isfinite(rates(chip).dollars_per_chip_hour))
    except accelerators.AcceleratorError:
        return False
