"""What an hour of an owned accelerator costs, by part: plain arithmetic of coefficients, and the intervals that these leave.

As `analysis.economics.chain`, the formulas take floats, arrays, Altair parameters and SymPy symbols.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.economics import chain, coefficients

HOURS_A_YEAR = 8760
#: The parts of an hour, by what they are called.
PARTS = {
    "accelerator": "Accelerator",
    "server": "Rest of the server",
    "network": "Network",
    "building": "Building, power and cooling plant",
    "capital": "Cost of capital",
    "upkeep": "Staff, repair and insurance",
    "electricity": "Electricity",
}
_DRAWS, _TAIL = 10_000, 0.1
# Two ports more than a tree of whole tiers holds need a tier more; a rounding error does not.
_NOISE = 1e-9


def capital_recovery(rate: PerCase, years: PerCase) -> PerCase:
    """Share of a price to pay each year so that it is paid back with interest after `years` (annuity)."""
    return rate / (1 - (1 + rate) ** -years)


def annual(
    equipment: PerCase, building: PerCase, cost_of_capital: PerCase, years: PerCase, building_years: PerCase, upkeep: PerCase
) -> PerCase:
    """Dollars a year of servers and network bought for `equipment` and of their `building`, with capital and upkeep."""
    return equipment * (capital_recovery(cost_of_capital, years) + upkeep) + building * capital_recovery(
        cost_of_capital, building_years
    )


def chip_hour(annual: PerCase, occupancy: PerCase, kilowatts: PerCase, dollars_per_kwh: PerCase) -> PerCase:
    """Dollars of an hour in which an owned accelerator works, whose site draws `kilowatts` for it meanwhile."""
    return annual / (HOURS_A_YEAR * occupancy) + kilowatts * dollars_per_kwh


def tiers(ports: PerCase, switch_radix: PerCase) -> PerCase:
    """Return the tiers of the smallest fat tree that connects so many `ports`: at least one."""
    exact = np.log(np.asarray(ports) / 2) / np.log(np.asarray(switch_radix) / 2)
    return np.maximum(1, np.ceil(exact - _NOISE))


@dataclass(frozen=True)
class Owned:
    """What is bought and drawn for one accelerator: dollars, and the watts of the site at its nameplate."""

    accelerator: PerCase
    server: PerCase
    network: PerCase
    building: PerCase
    watts: PerCase


def owned(values: Mapping[str, PerCase]) -> Owned:
    """Return what one accelerator takes, of those of a network of `fabric` accelerators, by coefficients' names."""
    value = dict(values)

    def named(*names: str) -> dict[str, PerCase]:
        return {name: value[name] for name in names}

    levels = tiers(value["fabric"] * value["network_ports"], value["switch_radix"])
    switches = chain.switches(1, tiers=levels, **named("network_ports", "taper", "switch_radix"))
    modules = chain.optical_modules(1, tiers=levels, **named("network_ports", "taper", "optical_share"))
    servers_watts = chain.server_power(1, **named("accelerator_power", "server_share"))
    site = chain.site_power(chain.computer_power(servers_watts, switches, value["switch_power"]), value["pue"])
    with_server = chain.servers_cost(1, **named("accelerator_price", "server_chip_share"))
    return Owned(
        value["accelerator_price"],
        with_server - value["accelerator_price"],
        chain.network_cost(switches, value["switch_price"], modules, value["module_price"]),
        chain.building_cost(site, value["building_cost_per_watt"]),
        site,
    )


def parts(values: Mapping[str, PerCase]) -> dict[str, PerCase]:
    """Return dollars of an hour of an owned accelerator by part, in the order of `PARTS`, whose sum is `chip_hour`.

    Prices are spread evenly over the years of use, `capital` is what interest adds; nothing is left of them afterwards.
    """
    bought, value = owned(values), dict(values)
    equipment = bought.accelerator + bought.server + bought.network
    hours = HOURS_A_YEAR * value["occupancy"]
    even = {
        "accelerator": bought.accelerator / value["years"] / hours,
        "server": bought.server / value["years"] / hours,
        "network": bought.network / value["years"] / hours,
        "building": bought.building / value["building_years"] / hours,
    }
    upkeep = equipment * value["upkeep"] / hours
    yearly = annual(
        equipment, bought.building, *(value[name] for name in ("cost_of_capital", "years", "building_years", "upkeep"))
    )
    return {
        **even,
        "capital": yearly / hours - sum(even.values()) - upkeep,
        "upkeep": upkeep,
        "electricity": kilowatts(values) * value["dollars_per_kwh"],
    }


def kilowatts(values: Mapping[str, PerCase]) -> PerCase:
    """Return what a site draws for one accelerator at work, in kW."""
    return chain.drawn_power(owned(values).watts, values["draw_share"]) / 1000


@cache
def _expected(chip: str) -> dict[str, float]:
    known = coefficients.expected(coefficients.owning(chip))
    return known | {"accelerator_price": coefficients.chip_price(chip).dollars}


def values(chip: str) -> dict[str, float]:
    """Return the expected value of every coefficient of `chip`; the price of one that is not known is NaN."""
    return dict(_expected(chip))


@cache
def hour_of_chip(chip: str) -> pd.DataFrame:
    """Return each part of an hour of `chip`, and their sum ("all"): `dollars`, and `low` and `high` of 80% of draws.

    Each coefficient is drawn on its own. All NaN where no price is known.
    """
    central = parts(values(chip))
    drawn = parts(coefficients.drawn(coefficients.owning(chip), _DRAWS))
    for costs in (central, drawn):
        costs["all"] = sum(costs.values())
    ends = {part: np.quantile(drawn[part] * np.ones(_DRAWS), [_TAIL, 1 - _TAIL]) for part in central}
    unknown = np.isnan(central["all"])
    rows = [(part, value, *([np.nan] * 2 if unknown else ends[part])) for part, value in central.items()]
    return pd.DataFrame(rows, columns=["part", "dollars", "low", "high"]).set_index("part")


def hour(chip: str) -> float:
    """Return dollars of an hour of an owned `chip`; NaN where no price is known."""
    return float(sum(parts(values(chip)).values()))
