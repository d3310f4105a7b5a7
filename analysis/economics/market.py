"""What chips cost to rent, to buy and to run: prices and power from `data/`."""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.hardware import accelerators, machine, own_chip

#: Items of data/facility.csv that set the power around a chip: nameplate of a server of eight, by the chip in it.
SERVERS = {"A100": "DGX A100 max power", "H100": "DGX H100 max power", "B200": "DGX B200 max power"}
SERVER_CHIPS = 8
#: Parts of chips' names that data/gpu_prices.csv has too.
_PRICED = ("A100", "A800", "H100", "H800", "H200", "H20", "B200", "GB200", "GB300", "V100", "MI300X", "TPU v3",
           "TPU v4", "TPU v5e", "TPU v5p", "TPU v6e", "L40S", "L4", "RTX 4090")  # fmt: skip
#: Years over which a purchase is spread, and the share of them in which the chips work; assumed.
LIFETIME_YEARS, OCCUPANCY = 4.0, 0.8
#: Prices of one year that are enough to say how far they spread.
ENOUGH_PRICES = 5


@dataclass(frozen=True)
class _Offer:
    """Which rows of data/gpu_prices.csv are prices of one sort, and the column that holds them."""

    kinds: tuple[str, ...]
    column: str


_RENTAL = _Offer(("rental", "index"), "usd_per_gpu_hour_on_demand")
_PURCHASE = _Offer(("purchase", "estimate"), "usd_purchase_per_gpu")


class CostError(ValueError):
    """A price or a power that `data/` does not have; the message says what it has."""


@dataclass(frozen=True)
class Rates:
    """What costs are computed with; what `rates` returns comes from `data/`, and any of it can be replaced.

    `rental_spread` and `purchase_spread` say how far below and above, as logarithms, four of five prices lie.
    """

    dollars_per_chip_hour: float
    dollars_per_chip: float
    chip_watts: float
    server_share: float
    power_usage_effectiveness: float
    dollars_per_kwh: float
    lifetime_years: float = LIFETIME_YEARS
    occupancy: float = OCCUPANCY
    rental_spread: tuple[float, float] = (0.0, 0.0)
    purchase_spread: tuple[float, float] = (0.0, 0.0)


def rates(chip: str) -> Rates:
    """Return what costs of `chip` are computed with: the latest prices, and power and electricity of the USA.

    A price that `data/` does not have is NaN. Raises AcceleratorError for an unknown chip.
    """
    watts = machine.case(chip, "bf16" if "BF16" in accelerators.precisions(_base(chip)) else "fp16")["power"]
    return Rates(
        dollars_per_chip_hour=_latest(chip, _RENTAL),
        dollars_per_chip=_latest(chip, _PURCHASE),
        rental_spread=_spread(chip, _RENTAL),
        purchase_spread=_spread(chip, _PURCHASE),
        chip_watts=watts,
        server_share=server_share(chip),
        power_usage_effectiveness=facility("PUE, world average (survey)"),
        dollars_per_kwh=facility("Industrial electricity price") / 100,
    )


def is_rented(chip: str) -> bool:
    """Say whether the rent of `chip` is known, and what its power is taken from."""
    try:
        return bool(np.isfinite(rates(chip).dollars_per_chip_hour))
    except accelerators.AcceleratorError:
        return False


def server_share(chip: str) -> float:
    """Return the power of a server over that of its chips, of the nearest server whose nameplate is known."""
    name = next((name for name in SERVERS if name in chip and not own_chip.is_path(chip)), "H100")
    chips = {"A100": "A100 SXM4 80GB", "H100": "H100 SXM5", "B200": "B200 SXM (HGX/DGX)"}
    watts: float = accelerators.table().loc[chips[name], "tdp_w"]
    return facility(SERVERS[name]) * 1000 / (SERVER_CHIPS * watts)


@cache
def facility(item: str) -> float:
    """Return the latest value of an item of data/facility.csv, in its unit; the middle of a range. Raises CostError."""
    rows = facts.read("facility")
    known = rows[(rows["item"] == item) & rows["value"].notna()].sort_values("date")
    if known.empty:
        raise CostError(f"data/facility.csv has no value for {item!r}; it has: {', '.join(sorted(set(rows['item'])))}")
    return float(np.mean([float(part) for part in known["value"].iloc[-1].split("-")]))


@cache
def prices(chip: str, kinds: tuple[str, ...], column: str) -> pd.DataFrame:
    """Return the rows of data/gpu_prices.csv of these kinds that name `chip` and have a price in `column`."""
    rows = facts.read("gpu_prices")
    name = max((name for name in _PRICED if name in chip), key=len, default=chip)
    named = rows["chip"].str.contains(rf"(?<![A-Z]){re.escape(name)}(?![0-9])", regex=True)
    return rows[rows["kind"].isin(kinds) & named & rows[column].notna()]


def _by_year(chip: str, offer: _Offer) -> pd.Series:
    """Return the prices that are asked for a chip, by year."""
    if own_chip.is_path(chip):
        return pd.Series(accelerators.row(chip)[offer.column], index=["given"], dtype=float).dropna()
    asked = prices(chip, offer.kinds, offer.column)
    return asked.set_index(asked["date"].str[:4])[offer.column]


@cache
def _latest(chip: str, offer: _Offer) -> float:
    """Return the median price of the latest year that has one, NaN where none has."""
    asked = _by_year(chip, offer)
    return float(asked[asked.index == asked.index.max()].median()) if len(asked) else float("nan")


@cache
def _spread(chip: str, offer: _Offer) -> tuple[float, float]:
    """Return how far below and above their year's median, as logarithms, a tenth of prices lies on either side.

    Of the latest year with enough prices; for a chip without such a year, the median over the chips that have one.
    """
    spread = _own_spread(chip, offer)
    if spread is None:
        others = [other for name in _PRICED if (other := _own_spread(name, offer)) is not None]
        spread = tuple(np.median(others, axis=0))
    return float(spread[0]), float(spread[1])


def _own_spread(chip: str, offer: _Offer) -> tuple[float, float] | None:
    asked = _by_year(chip, offer)
    years = asked.index.value_counts()
    years = years[years >= ENOUGH_PRICES]
    if years.empty:
        return None
    low, middle, high = np.log(asked[asked.index == years.index.max()].quantile([0.1, 0.5, 0.9]))
    return middle - low, high - middle


def _base(chip: str) -> str:
    systems = machine.systems()
    base = systems["base_chip"].get(chip)
    return chip if pd.isna(base) else base
