"""How many accelerators each maker supplied, and what they come to in H100 of the same peak, from `data/chip_supply.csv`.

Estimates of one maker differ. What is summed here is one house's, Epoch AI's, with its 90% intervals where it gives
them; the others stand beside it in `estimates`.
"""

from functools import cache

import pandas as pd

from analysis import facts

HOUSE = "Epoch AI"


@cache
def so_far() -> pd.DataFrame:
    """Return all that each maker had supplied by the end of a complete quarter, by the one house: its rows, oldest first."""
    frame = facts.read("chip_supply")
    frame = frame[(frame["span"] == "so far") & (frame["estimate_of"] == HOUSE) & (frame["incomplete"] == "no")]
    return frame.sort_values(["date", "maker"], ignore_index=True)


def standing() -> pd.DataFrame:
    """Return makers at the last day for which most of them are counted, largest first: the rows, with `share` of the peak."""
    frame = so_far()
    counts = frame.groupby("date")["maker"].nunique()
    last = frame[frame["date"] == counts[counts == counts.max()].index.max()]
    last = last.assign(share=last["h100_equivalents"] / last["h100_equivalents"].sum())
    return last.sort_values("h100_equivalents", ascending=False, ignore_index=True)


def shares() -> pd.DataFrame:
    """Return the share of the peak of each maker by quarter, `date`, `maker` and `share`, of makers counted in all of these.

    Those are the makers with quarterly rows; where one has none for a quarter, the quarter is left out, so that a share
    moves with supply and not with who is counted.
    """
    wide = so_far().pivot_table(index="date", columns="maker", values="h100_equivalents", aggfunc="sum")
    wide = wide.loc[:, wide.notna().sum() > 3].dropna()
    return wide.div(wide.sum(axis=1), axis=0).reset_index().melt("date", var_name="maker", value_name="share")


def by_year() -> pd.DataFrame:
    """Return what each maker supplied in each calendar year: `maker`, `year`, `chips`, `h100_equivalents`, `until`.

    The difference of two year ends. A maker that was first counted at a year's end, without a count of chips, has no such
    year. The last may end before its December: `until` says when.
    """
    frame = so_far().assign(year=lambda rows: rows["date"].str[:4].astype(int))
    ends = frame.groupby(["maker", "year"]).tail(1).sort_values(["maker", "date"])
    columns = ["chips", "h100_equivalents"]
    before = ends.groupby("maker")[columns].shift(fill_value=0)
    supplied = ends[["maker", "year"]].assign(**{name: ends[name] - before[name] for name in columns}, until=ends["date"])
    return supplied[ends.duplicated("maker") | ends["chips"].notna()].reset_index(drop=True)


def estimates() -> pd.DataFrame:
    """Return the estimates of others than the one house, by maker and date."""
    frame = facts.read("chip_supply")
    return frame[frame["estimate_of"] != HOUSE].sort_values(["maker", "date"], ignore_index=True)
