"""Carbon of a plan: of its electricity, by the intensity of a region, and of making the servers, where a maker states it."""

import pandas as pd

from analysis import facts
from analysis.arrays import PerCase
from analysis.economics.ownership import HOURS_A_YEAR
from analysis.suggest import nearest

#: The item of data/embodied_carbon.csv that is a board, and what the server around it multiplies it by.
_BOARD, _SERVER = "HGX H100 board", "server over its board"


class CarbonError(ValueError):
    """A region whose electricity is not known; the message names the nearest."""


def electricity(kilowatt_hours: PerCase, grams_per_kwh: PerCase) -> PerCase:
    """Kilograms of carbon dioxide and its equivalents."""
    return kilowatt_hours * grams_per_kwh / 1000


def embodied(chip_hours: PerCase, kilograms_per_chip: PerCase, years: PerCase, occupancy: PerCase) -> PerCase:
    """Kilograms of making the servers that fall to `chip_hours`, spread evenly over the hours in which chips work."""
    return chip_hours * kilograms_per_chip / (years * HOURS_A_YEAR * occupancy)


def regions() -> pd.DataFrame:
    """Return the intensity that is used for each region, least first: `region`, `grams_per_kwh`, `as_of`, `source`."""
    rows = facts.read("grid_carbon")
    used = rows[rows["note"] == "used"]
    return used.sort_values("grams_per_kwh", ignore_index=True)


def intensity(region: str) -> float:
    """Return grams a kWh in `region`. Raises CarbonError."""
    grams = regions().set_index("region")["grams_per_kwh"]
    if region not in grams.index:
        raise CarbonError(f"electricity of {region!r} is not in data/grid_carbon.csv{nearest(region, grams.index)}")
    return float(grams[region])


def server_kilograms() -> tuple[float, float]:
    """Return what making an accelerator with its share of a server emitted, in kg: the ends of the range. Of an H100."""
    rows = facts.read("embodied_carbon").set_index("item")
    board, around = rows.loc[_BOARD], rows.loc[_SERVER]
    return float(board["low"] / board["chips"] * around["low"]), float(board["high"] / board["chips"] * around["high"])
