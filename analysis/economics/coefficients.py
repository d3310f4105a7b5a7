"""Coefficients of what accelerators take and cost: three values each, from `data/`, and draws between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from analysis import facts
from analysis.bounds import within
from analysis.economics import prices, site
from analysis.hardware import accelerators

#: The chip whose memory, power and price stand for those that are not known: the deck's.
OTHERWISE = "A100 PCIe 80GB"
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
            return np.asarray(ends[np.minimum(2, np.floor(3 * share)).astype(int)])
        if self.low == self.high:
            return np.full(share.shape, self.expected)
        if self.low > 0:
            ends = np.log(ends)
        low, middle, high = ends
        mode = (middle - low) / (high - low)
        quantiles = np.where(share < mode, np.sqrt(mode * share), 1 - np.sqrt((1 - mode) * (1 - share))) * (high - low) + low
        return np.asarray(np.exp(quantiles) if self.low > 0 else quantiles)

    def draw(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Return `count` values, spread as `quantile` says."""
        return self.quantile(generator.random(count))


def load(accelerator: str) -> dict[str, Coefficient]:
    """Return every coefficient by name, those of `accelerator` among them.

    A chip that `data/accelerators.csv` lacks, or without published power or memory, takes the deck's; so does a price that
    is not known. Raises CoefficientError for a row that can't be used.
    """
    return dict(_loaded(accelerator))


@cache
def _loaded(accelerator: str) -> dict[str, Coefficient]:
    chip = _known(accelerator)
    coefficients = [*_rows("chain_coefficients"), *_of_chip(chip), _price(accelerator), _of_servers(chip), *_of_sites()]
    return {coefficient.name: coefficient for coefficient in coefficients}


def owning(accelerator: str) -> dict[str, Coefficient]:
    """Return the coefficients of `load`, and those of what owning takes.

    Raises CoefficientError, and AcceleratorError for an unknown chip.
    """
    watts = site.chip_watts(accelerator)
    power = Coefficient(
        "accelerator_power", "power limit of one accelerator", watts, watts, watts, "W", "data/accelerators.csv", "yes"
    )
    of_chip = {coefficient.name: coefficient for coefficient in (power, _of_servers(accelerator))}
    return load(accelerator) | of_owning() | of_chip


def of_owning() -> dict[str, Coefficient]:
    """Return the coefficients of owning that no chip changes, by name."""
    return dict(_of_owning())


@cache
def _of_owning() -> dict[str, Coefficient]:
    return {coefficient.name: coefficient for coefficient in [*_rows("ownership"), _years(), _electricity()]}


def expected(coefficients: Mapping[str, Coefficient]) -> dict[str, float]:
    """Return the expected value of each."""
    return {name: coefficient.expected for name, coefficient in coefficients.items()}


def drawn(coefficients: Mapping[str, Coefficient], count: int, seed: int = 0) -> dict[str, Any]:
    """Return `count` draws of each, independent of each other, from a seeded generator."""
    generator = np.random.default_rng(seed)
    return {name: coefficient.draw(generator, count) for name, coefficient in coefficients.items()}


@cache
def _rows(name: str) -> tuple[Coefficient, ...]:
    columns = ["name", "meaning", "low", "expected", "high", "unit", "source", "verified", "drawn"]
    return tuple(Coefficient(**row) for row in facts.read(name)[columns].to_dict("records"))


def _of_chip(chip: str) -> Iterable[Coefficient]:
    row = accelerators.table().loc[chip]
    where = f"data/accelerators.csv, {chip}"
    for key, meaning, value, unit in (
        ("accelerator_memory", "memory of one accelerator", accelerators.memory_bytes(chip), "byte"),
        ("accelerator_power", "thermal design power of one accelerator", row["tdp_w"], "W"),
    ):
        yield Coefficient(key, meaning, value, value, value, unit, where, row["verified"])


@cache
def chip_price(name: str) -> prices.Level:
    """Return the price of one accelerator, new: of those in servers the share that `server_chip_share` says."""
    (share,) = (row.expected for row in _rows("chain_coefficients") if row.name == "server_chip_share")
    return prices.purchase(name, share)


def _price(name: str) -> Coefficient:
    level = chip_price(name)
    if not level.quotes:
        name, level = OTHERWISE, chip_price(OTHERWISE)
    said = {"servers": f"in servers, their share of {level.quotes}", "singly": f"sold singly, {level.quotes}"}
    return Coefficient(
        "accelerator_price",
        "price of one accelerator",
        level.low,
        level.dollars,
        level.high,
        "USD",
        f"data/gpu_prices.csv: {name} and its like, {said.get(level.kind, level.kind)}, {level.date}; its ends hold four of five",
        "partly",
    )


def _of_servers(chip: str) -> Coefficient:
    shares = [site.server_share(name) for name in site.SERVERS]
    return Coefficient(
        "server_share",
        "nameplate power of a server over that of its accelerators",
        min(shares),
        site.server_share(chip),
        max(shares),
        "ratio",
        f"data/facility.csv over data/accelerators.csv: NVIDIA's servers of {', '.join(site.SERVERS)}",
        "yes",
    )


def _years() -> Coefficient:
    rows = facts.read("depreciation")
    accounts = rows.loc[rows["kind"] == "accounts", "years"]
    return Coefficient(
        "years",
        "years over which servers and network are spread",
        float(rows["years"].min()),
        float(accounts.min()),
        float(accounts.max()),
        "year",
        f"data/depreciation.csv: the shortest and the longest in accounts of {len(accounts)} owners; low is what critics say",
        "partly",
    )


def _electricity() -> Coefficient:
    items = ("Industrial electricity price, Texas", "Industrial electricity price", "Industrial electricity price, California")
    low, expected, high = (site.facility(item) / 100 for item in items)
    return Coefficient(
        "dollars_per_kwh", "price of electricity", low, expected, high, "USD/kWh",
        "data/facility.csv: industry in the USA; low is Texas, high California", "yes",
    )  # fmt: skip


@cache
def _of_sites() -> tuple[Coefficient, Coefficient]:
    sites = facts.read("data_centres")
    built = sites[sites["power_mw"] > 0].sort_values("date")
    latest = built.groupby("data_centre").tail(1)
    cost = latest["construction_cost_usd_billion"] * 1e3 / latest["power_mw"]
    building = Coefficient(
        "building_cost_per_watt",
        "cost of buildings, power and cooling plant",
        cost.min(),
        cost.median(),
        cost.max(),
        "USD/W",
        f"data/data_centres.csv, {len(cost)} sites: lowest, median and highest",
        "partly",
    )
    measured = built[built["building_area_sqft"] > 0].groupby("data_centre").tail(1)
    area = measured["building_area_sqft"] * _SQUARE_METRES_PER_SQUARE_FOOT / measured["power_mw"]
    low, high = area.min() / 1e6, area.max() / 1e6
    floor = Coefficient(
        "floor_per_watt",
        "floor of the buildings for each watt of the site",
        low,
        float(np.sqrt(low * high)),
        high,
        "m²/W",
        f"data/data_centres.csv, {len(area)} sites: lowest, geometric mean and highest",
        "partly",
    )
    return building, floor


def _known(name: str) -> str:
    table = accelerators.table()
    complete = name in table.index and table.loc[name, ["memory_gb", "tdp_w"]].notna().all()
    return name if complete else OTHERWISE
