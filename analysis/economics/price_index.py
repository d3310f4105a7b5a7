"""How rents move, each seller compared with itself alone, so that who is asked makes no difference.

The logarithm of a quote is an effect of the offer (form, seller and basis) and one of the quarter, fitted at once: time-product
dummies, the form of a chain index that needs no offer to be quoted in every quarter (de Haan, Hendriks and Scholz 2021).
Offers that were quoted once say nothing, and are in neither the index nor its interval.
"""

from functools import cache

import numpy as np
import pandas as pd
from scipy import special

from analysis import trends
from analysis.comparing import LEVEL
from analysis.economics import prices
from analysis.trends import Trend

_OFFER = ["name", "seller", "basis"]


def index_of_chip(chip: str, term: str = "on demand") -> pd.DataFrame:
    """Return one row a quarter: `index` (1 in the newest), `low` and `high` (90%), and `offers` that are compared in it.

    Quarters that no chain of offers ties to the newest are left out. Empty where no offer was quoted twice.
    """
    return _index_of_chip(chip, term).copy()


@cache
def _index_of_chip(chip: str, term: str) -> pd.DataFrame:
    each = _compared(prices.quotes(prices.of_family(chip), term))
    if each.empty:
        return pd.DataFrame(columns=["quarter", "index", "low", "high", "offers"])
    quarters = sorted(each["quarter"].unique())
    offer, when = pd.factorize(each["offer"])[0], np.array([quarters.index(quarter) for quarter in each["quarter"]])
    design = np.zeros((len(each), offer.max() + len(quarters)))  # the newest quarter is the base
    dated = np.flatnonzero(when < len(quarters) - 1)
    design[np.arange(len(each)), offer] = 1
    design[dated, offer.max() + 1 + when[dated]] = 1
    logs = np.log(each["dollars"].to_numpy())
    fitted, *_ = np.linalg.lstsq(design, logs, rcond=None)
    free = len(each) - design.shape[1]
    variance = ((logs - design @ fitted) ** 2).sum() / free if free > 0 else np.nan
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)
    effects, widths = (np.append(values[offer.max() + 1 :], 0.0) for values in (fitted, errors))
    half = special.stdtrit(max(free, 1), (1 + LEVEL) / 2) * widths
    return pd.DataFrame({
        "quarter": quarters, "index": np.exp(effects), "low": np.exp(effects - half), "high": np.exp(effects + half),
        "offers": each.groupby("quarter").size().to_numpy(),
    })  # fmt: skip


def _compared(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return one price an offer and quarter, of two offers a quarter and two quarters an offer at least, tied to the newest."""
    each = quotes.groupby([*_OFFER, "quarter"], as_index=False)["dollars"].median()
    each["offer"] = each["name"] + "|" + each["seller"] + "|" + each["basis"]
    before = 0
    while len(each) != before:
        before = len(each)
        for column in ("quarter", "offer"):
            each = each[each.groupby(column)["offer"].transform("size") > 1]
    tied = {each["quarter"].max()} if len(each) else set()
    while True:
        offers = each.loc[each["quarter"].isin(tied), "offer"]
        more = set(each.loc[each["offer"].isin(offers), "quarter"])
        if more == tied:
            return each[each["quarter"].isin(tied)].reset_index(drop=True)
        tied = more


def dollars(chip: str, year: int, term: str = "on demand") -> float:
    """Return the rent of an hour in `year`: the newest level of `prices.level`, moved by the index.

    Of a year without one, the last before, or else the first. Of a chip without an index, the level; NaN without either.
    """
    levels, now = index_of_chip(chip, term).set_index("quarter")["index"], prices.level(chip, term)
    if levels.empty:
        return now.dollars
    years = levels.index.str[:4].astype(int)
    nearest = years[years <= year].max() if (years <= year).any() else years.min()
    return float(now.dollars * np.exp(np.log(levels[years == nearest]).mean()) / levels.get(now.date, 1.0))


def year_before() -> str:
    """Return the quarter a year before the newest quote."""
    return str(pd.Period(prices.quotes()["quarter"].max(), "Q") - 4)


def trend(since: str = "") -> Trend:
    """Return how the rent of one and the same offer changed a year, over all chips of the data centre; since a quarter.

    The interval takes quotes as independent, which those of one seller are not, so it is too narrow.
    """
    quotes = prices.quotes()
    quotes = quotes[quotes["chip"].notna() & (quotes["quarter"] >= since)]
    each = quotes.groupby([*_OFFER, "quarter"], as_index=False)["dollars"].median()
    each["offer"] = each["name"] + "|" + each["seller"] + "|" + each["basis"]
    each = each[each.groupby("offer")["offer"].transform("size") > 1]
    middles = trends.in_years(f"{quarter[:4]}-{3 * int(quarter[-1]) - 1:02}" for quarter in each["quarter"])
    return trends.fit(middles, each["dollars"], each["offer"])
