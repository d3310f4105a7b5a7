"""Prices of accelerators as series with one method, from `data/gpu_prices.csv`.

A seller's price in a quarter is the median of its quotes, each `basis` (as listed, or restated to one good) apart. The level of
a quarter is the median over sellers of one kind, its spread the tenth and ninetieth percentile. Levels move when other sellers
are asked; `price_index` compares each seller with itself.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.hardware import accelerators, own_chip

#: Terms on which an hour is sold, and the columns that hold them.
TERMS = {
    "on demand": "usd_per_gpu_hour_on_demand",
    "spot": "usd_per_gpu_hour_spot",
    "one year": "usd_per_gpu_hour_1yr",
    "three years": "usd_per_gpu_hour_3yr",
}
#: Kinds of sellers, the one first whose median is the price that this report computes with.
KINDS = ("cloud", "hyperscaler", "marketplace")
#: Names of data/gpu_prices.csv, by the accelerator that they are of.
NAMED = {
    "NVIDIA V100": "V100 SXM2 32GB",
    "NVIDIA Tesla V100 DGXS 16 GB": "V100 SXM2 32GB",
    "NVIDIA Tesla V100 DGXS 32 GB": "V100 SXM2 32GB",
    "NVIDIA Tesla V100 SXM2 32 GB": "V100 SXM2 32GB",
    "NVIDIA Tesla V100 PCIe 32 GB": "V100 PCIe 32GB",
    "NVIDIA A100 SXM4 40 GB": "A100 SXM4 40GB",
    "NVIDIA A100 SXM4 80 GB": "A100 SXM4 80GB",
    "NVIDIA A100 PCIe": "A100 PCIe 40GB",
    "NVIDIA A800 PCIe": "A800 PCIe 40GB Active",
    "NVIDIA H100 SXM5 80GB": "H100 SXM5",
    "NVIDIA H100 PCIe": "H100 PCIe",
    "NVIDIA H800 SXM5": "H800 SXM5",
    "NVIDIA H200 SXM": "H200 SXM",
    "NVIDIA B200": "B200 SXM (HGX/DGX)",
    "NVIDIA B300": "B300 SXM",
    "NVIDIA GB200": "GB200 (per GPU)",
    "NVIDIA GB300": "GB300 (per GPU)",
    "NVIDIA GB200 NVL72": "GB200 (per GPU)",
    "NVIDIA GB300 NVL72": "GB300 (per GPU)",
    "NVIDIA VR200 NVL72": "VR200 (per GPU)",
    "AMD MI455X Helios": "Instinct MI455X",
    "AMD Instinct MI300X": "Instinct MI300X",
    "AMD Instinct MI355X": "Instinct MI355X",
}
#: Families of chips whose forms stand for each other where one has no price of its own.
FAMILIES = ("A100", "A800", "H100", "H800", "H200", "H20", "B200", "B300", "GB200", "GB300", "V100", "MI300X", "MI355X",
            "TPU v3", "TPU v4", "TPU v5e", "TPU v5p", "TPU v6e", "L40S", "L4", "RTX 4090")  # fmt: skip
#: Sellers that make a median; with as many, their spread is taken, and else that of other chips.
ENOUGH_SELLERS, ENOUGH_TO_SPREAD = 3, 5
_TAIL = 0.1
#: Quarters within which a kind with enough sellers stands before the newest quote of any other.
_RECENT = 4
_PURCHASE = "usd_purchase_per_gpu"


@dataclass(frozen=True)
class Level:
    """A price in dollars and what it rests on; NaN with no quotes where none is known.

    `low` and `high` hold four of five sellers. `kind` says who was asked, `date` the quarter or year.
    """

    dollars: float
    low: float
    high: float
    quotes: int
    sellers: int
    kind: str
    date: str

    @property
    def spread(self) -> tuple[float, float]:
        """How far below and above four of five prices lie, as logarithms."""
        return float(np.log(self.dollars / self.low)), float(np.log(self.high / self.dollars))


_NONE = Level(np.nan, np.nan, np.nan, 0, 0, "", "")


def quarter(date: str) -> str:
    """Return the quarter of a date as precise as a month or a day: "2026Q3". Of a year alone, its second."""
    year, month = (date.split("-") + ["6"])[:2]
    return f"{year}Q{(int(month) + 2) // 3}"


def named(chip: str) -> pd.Series:
    """Say of each row of data/gpu_prices.csv whether it is of `chip`: of its own form if there is one, else of its family."""
    rows = facts.read("gpu_prices")
    exact = rows["chip"].map(NAMED) == chip
    return exact if exact.any() else of_family(chip)


def of_family(chip: str) -> pd.Series:
    """Say of each row of data/gpu_prices.csv whether it is of the family of `chip`."""
    return _of_family(max((name for name in FAMILIES if name in chip), key=len, default=chip))


@cache
def _of_family(name: str) -> pd.Series:
    return facts.read("gpu_prices")["chip"].str.contains(rf"(?<![A-Z]){re.escape(name)}(?![0-9])", regex=True)


@cache
def _quotes(term: str) -> pd.DataFrame:
    rows = facts.read("gpu_prices")
    asked = rows["kind"].eq("rental") & rows["basis"].isin(["listed", "restated"]) & rows["verified"].ne("no")
    rentals = rows[asked & rows[TERMS[term]].gt(0)]
    return pd.DataFrame({
        "name": rentals["chip"], "chip": rentals["chip"].map(NAMED), "seller": rentals["vendor_or_seller"],
        "kind": rentals["seller_kind"], "basis": rentals["basis"], "date": rentals["date"],
        "quarter": rentals["date"].map(quarter), "dollars": rentals[TERMS[term]],
    })  # fmt: skip


def quotes(rows: pd.Series | None = None, term: str = "on demand") -> pd.DataFrame:
    """Return the quotes that series are made of: `name`, `chip`, `seller`, `kind`, `basis`, `date`, `quarter`, `dollars`.

    Of the `rows` of data/gpu_prices.csv that `named` or `of_family` says, or of all. Indexes, mixtures of terms and rows that
    nobody verified are left out.
    """
    rentals = _quotes(term)
    return rentals.copy() if rows is None else rentals[rows.reindex(rentals.index)]


def by_seller(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one price a seller and quarter: the mean over bases and forms of the medians of its quotes."""
    each = rows.groupby(["quarter", "kind", "seller", "basis", "name"], as_index=False).agg(
        dollars=("dollars", "median"), quotes=("dollars", "size")
    )
    return each.groupby(["quarter", "kind", "seller"], as_index=False).agg(dollars=("dollars", "mean"), quotes=("quotes", "sum"))


def quarterly(chip: str, term: str = "on demand", kind: str = KINDS[0]) -> pd.DataFrame:
    """Return one row a quarter: `median`, `low` and `high` over sellers of one kind, `sellers` and `quotes`."""
    each = by_seller(quotes(named(chip), term))
    each = each[each["kind"] == kind]
    grouped = each.groupby("quarter")
    prices = grouped["dollars"]
    return pd.DataFrame({
        "median": prices.median(), "low": prices.quantile(_TAIL), "high": prices.quantile(1 - _TAIL),
        "sellers": prices.size(), "quotes": grouped["quotes"].sum(),
    }).reset_index()  # fmt: skip


def level(chip: str, term: str = "on demand") -> Level:
    """Return the newest price of an hour: the median over sellers of one kind in a quarter.

    Of specialised clouds where three of them quote within a year of the newest quote; else of hyperscalers, then
    marketplaces; else of whatever sellers there are. Of one's own chip, what its file gives.
    """
    if own_chip.is_own(chip):
        return _given(chip, TERMS.get(term, ""))
    each = by_seller(quotes(named(chip), term))
    if each.empty:
        return _NONE
    recent = each[each["quarter"] >= str(pd.Period(each["quarter"].max(), "Q") - _RECENT)]
    for kind in KINDS:
        sizes = recent[recent["kind"] == kind].groupby("quarter").size()
        if (sizes >= ENOUGH_SELLERS).any():
            last = sizes[sizes >= ENOUGH_SELLERS].index.max()
            return _level(recent[(recent["kind"] == kind) & (recent["quarter"] == last)], kind, last)
    return _level(each[each["quarter"] == each["quarter"].max()], "any", each["quarter"].max())


def contracts(chip: str) -> pd.DataFrame:
    """Return what indexes say of contracts of about a year for the family of `chip`: `quarter`, `seller`, `dollars`."""
    rows = facts.read("gpu_prices")
    indexes = rows[(rows["kind"] == "index") & of_family(chip) & rows[TERMS["one year"]].gt(0)]
    return pd.DataFrame({
        "quarter": indexes["date"].map(quarter), "seller": indexes["vendor_or_seller"], "dollars": indexes[TERMS["one year"]],
    })  # fmt: skip


def _level(each: pd.DataFrame, kind: str, date: str) -> Level:
    middle = each["dollars"].median()
    below, above = _own_spread(each) or _others_spread()
    return Level(
        float(middle), float(middle * np.exp(-below)), float(middle * np.exp(above)),
        int(each["quotes"].sum()), len(each), kind, date,
    )  # fmt: skip


def _own_spread(each: pd.DataFrame) -> tuple[float, float] | None:
    if len(each) < ENOUGH_TO_SPREAD:
        return None
    low, middle, high = np.log(each["dollars"].quantile([_TAIL, 0.5, 1 - _TAIL]))
    return float(middle - low), float(high - middle)


@cache
def _others_spread() -> tuple[float, float]:
    """Return the median, over chips with enough clouds in a quarter, of the spread in the newest such quarter."""
    spreads = []
    for _, rows in quotes().groupby("name"):
        each = by_seller(rows)
        each = each[each["kind"] == KINDS[0]]
        sizes = each.groupby("quarter").size()
        if (sizes >= ENOUGH_TO_SPREAD).any():
            spreads.append(_own_spread(each[each["quarter"] == sizes[sizes >= ENOUGH_TO_SPREAD].index.max()]))
    below, above = np.median([spread for spread in spreads if spread is not None], axis=0)
    return float(below), float(above)


def _given(chip: str, column: str) -> Level:
    """Return the price that one's own chip's file gives."""
    value = float(accelerators.row(chip).get(column) or np.nan)
    if np.isnan(value):
        return _NONE
    below, above = _others_spread()
    return Level(value, value * np.exp(-below), value * np.exp(above), 1, 1, "given", "")


# To buy ---------------------------------------------------------------------------------------------------------------


def purchase(chip: str, server_chip_share: float) -> Level:
    """Return the price of one accelerator, new.

    Of the newest year with a price of the chip's own form: the median over accelerators sold singly, and in servers, of whose
    price they are `server_chip_share`; servers alone where both are sold, as owners buy servers. Else of its family; else
    the median of estimates of what its maker takes.
    """
    if own_chip.is_own(chip):
        return _given(chip, _PURCHASE)
    rows = facts.read("gpu_prices")
    rows = rows[rows[_PURCHASE].gt(0)].assign(year=lambda all: all["date"].str[:4])
    asked, estimated = rows["kind"] == "purchase", rows["kind"] == "estimate"
    for chosen in (asked & named(chip), asked & of_family(chip), estimated & of_family(chip)):
        bought = rows[chosen.reindex(rows.index)]
        if len(bought):
            break
    else:
        return _NONE
    newest = bought[bought["year"] == bought["year"].max()]
    in_servers = newest["gpus_in_listing"].fillna(1) > 1
    kind = "estimates" if newest["kind"].eq("estimate").all() else "servers" if in_servers.any() else "singly"
    values = newest.loc[in_servers, _PURCHASE] * server_chip_share if kind == "servers" else newest[_PURCHASE]
    below, above = _bought_spread()
    middle = float(values.median())
    low, high = float(middle * np.exp(-below)), float(middle * np.exp(above))
    return Level(middle, low, high, len(values), len(values), kind, newest["year"].iloc[0])


@cache
def _bought_spread() -> tuple[float, float]:
    """Return how far four of five prices to buy lie from the median of their chip and year, sold alike."""
    rows = facts.read("gpu_prices")
    rows = rows[(rows["kind"] == "purchase") & rows[_PURCHASE].gt(0)]
    alike = [rows["chip"], rows["date"].str[:4], rows["gpus_in_listing"].fillna(1) > 1]
    logs = np.log(rows[_PURCHASE]).groupby(alike)
    apart = (np.log(rows[_PURCHASE]) - logs.transform("median"))[logs.transform("size") > 1]
    low, high = apart.quantile([_TAIL, 1 - _TAIL])
    return float(-low), float(high)
