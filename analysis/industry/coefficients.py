"""Coefficients of the industry chain: three values each, from `data/`, and draws between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import facts
from analysis.bounds import within
from analysis.economics import market
from analysis.hardware import accelerators
from analysis.scenarios.scenario import DECK

_PRICE = "usd_purchase_per_gpu"
_SQUARE_METRES_PER_SQUARE_FOOT = 0.3048**2


class CoefficientError(ValueError):
    """A coefficient that can't be used; the message names it, what was given and what is allowed."""


@dataclass(frozen=True)
class Coefficient:
    """What a formula multiplies by: the value that is expected, and the ends of what is plausible."""

    name: str
    meaning: str
    low: float
    expected: float
    high: float
    unit: str
    source: str
    verified: str
    drawn: str = "between"

    def __post_init__(self) -> None:
        for end in ("low", "expected", "high"):
            value = getattr(self, end)
            if not np.isfinite(value) or value < 0:
                raise CoefficientError(f"{self.name}: {end} is {value:g}; allowed: a number that is not negative")
        if not self.low <= self.expected <= self.high:
            raise CoefficientError(
                f"{self.name}: low {self.low:g}, expected {self.expected:g}, high {self.high:g}; "
                "allowed: low at most expected, and expected at most high"
            )

    def quantile(self, share: Any) -> np.ndarray:
        """Return the values below which `share` (0 to 1) of all draws lie, from a triangle over low, expected and high.

        The triangle lies on a log scale, unless low is zero. Drawn as "one of", each of the three has a third. Raises
        CoefficientError for a share that is none.
        """
        within(CoefficientError, f"{self.name}: share of the draws", share, 0, 1)
        share = np.asarray(share, dtype=float)
        ends = np.array([self.low, self.expected, self.high])
        if self.drawn == "one of":
            return ends[np.minimum(2, np.floor(3 * share)).astype(int)]
        if self.low == self.high:
            return np.full(share.shape, self.expected)
        if self.low > 0:
            ends = np.log(ends)
        low, middle, high = ends
        quantiles = stats.triang.ppf(share, (middle - low) / (high - low), loc=low, scale=high - low)
        return np.exp(quantiles) if self.low > 0 else quantiles

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Return `count` values, spread as `quantile` says."""
        return self.quantile(generator.random(count))


def load(accelerator: str) -> dict[str, Coefficient]:
    """Return every coefficient by name, those of `accelerator` among them.

    A chip that `data/accelerators.csv` lacks, or without published power or memory, takes the deck's. Raises
    CoefficientError for a row that can't be used.
    """
    rows = facts.read("chain_coefficients")
    columns = ["name", "meaning", "low", "expected", "high", "unit", "source", "verified", "drawn"]
    stated = [Coefficient(**row) for row in rows[columns].to_dict("records")]
    return {coefficient.name: coefficient for coefficient in [*stated, *_of_chip(accelerator), *_of_servers(), *_of_sites()]}


def expected(coefficients: Mapping[str, Coefficient]) -> dict[str, float]:
    """Return the expected value of each."""
    return {name: coefficient.expected for name, coefficient in coefficients.items()}


def drawn(coefficients: Mapping[str, Coefficient], count: int, seed: int = 0) -> dict[str, Any]:
    """Return `count` draws of each, independent of each other, from a seeded generator."""
    generator = np.random.default_rng(seed)
    return {name: coefficient.draw(generator, count) for name, coefficient in coefficients.items()}


def _of_chip(name: str) -> Iterable[Coefficient]:
    chip = _known(name)
    row = accelerators.table().loc[chip]
    where = f"data/accelerators.csv, {chip}"
    for key, meaning, value, unit in (
        ("accelerator_memory", "memory of one accelerator", accelerators.memory_bytes(chip), "byte"),
        ("accelerator_power", "thermal design power of one accelerator", row["tdp_w"], "W"),
    ):
        yield Coefficient(key, meaning, value, value, value, unit, where, row["verified"])
    prices, share, about = _prices(name)
    if prices.empty:
        prices, share, about = _prices(DECK.accelerator)
    values = prices["usd_purchase_per_gpu"] * share
    yield Coefficient(
        "accelerator_price",
        "price of one accelerator",
        *values.quantile([0.1, 0.5, 0.9]).tolist(),
        "USD",
        f"data/gpu_prices.csv: {about}; 10th percentile, median and 90th",
        "yes" if set(prices["verified"]) == {"yes"} and "singly" in about else "partly",
    )


def _prices(name: str) -> tuple[pd.DataFrame, float, str]:
    """Return the prices to use for an accelerator, what to multiply them by, and what they are.

    Sold singly if there are such; else a server's, of which the accelerators are a share; else estimates.
    """
    rows = market.prices(name, ("purchase",), _PRICE)
    single = rows[rows["gpus_in_listing"].fillna(1) == 1]
    if len(single):
        return single, 1.0, f"{len(single)} prices of {name} and its like sold singly"
    if len(rows):
        share = facts.read("chain_coefficients").set_index("name").loc["server_chip_share", "expected"]
        return rows, share, f"{len(rows)} prices of servers of {name} and its like, of which its chips are {share:.0%}"
    rows = market.prices(name, ("estimate",), _PRICE)
    return rows, 1.0, f"{len(rows)} estimates of the price of {name} and its like"


def _of_servers() -> Iterable[Coefficient]:
    shares = [market.server_share(chip) for chip in market.SERVERS]
    yield Coefficient(
        "server_share",
        "nameplate power of a server over that of its accelerators",
        min(shares),
        float(np.median(shares)),
        max(shares),
        "ratio",
        f"data/facility.csv over data/accelerators.csv: NVIDIA's servers of {', '.join(market.SERVERS)}",
        "yes",
    )


def _of_sites() -> Iterable[Coefficient]:
    sites = facts.read("data_centres")
    built = sites[sites["power_mw"] > 0].sort_values("date")
    latest = built.groupby("data_centre").tail(1)
    cost = latest["construction_cost_usd_billion"] * 1e3 / latest["power_mw"]
    yield Coefficient(
        "building_cost_per_watt",
        "cost of buildings, power and cooling plant",
        *cost.quantile([0, 0.5, 1]).tolist(),
        "USD/W",
        f"data/data_centres.csv, {len(cost)} sites: lowest, median and highest",
        "partly",
    )
    measured = built[built["building_area_sqft"] > 0].groupby("data_centre").tail(1)
    area = measured["building_area_sqft"] * _SQUARE_METRES_PER_SQUARE_FOOT / measured["power_mw"]
    low, high = area.min() / 1e6, area.max() / 1e6
    yield Coefficient(
        "floor_per_watt",
        "floor of the buildings for each watt of the site",
        low,
        float(np.sqrt(low * high)),
        high,
        "m²/W",
        f"data/data_centres.csv, {len(area)} sites: lowest, geometric mean and highest",
        "partly",
    )


def _known(name: str) -> str:
    table = accelerators.table()
    complete = name in table.index and table.loc[name, ["memory_gb", "tdp_w"]].notna().all()
    return name if complete else DECK.accelerator
