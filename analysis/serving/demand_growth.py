"""How published demand grew, service by service, each compared with itself: fitted over all its statements, and of late."""

import pandas as pd

from analysis import trends
from analysis.serving import demand
from analysis.trends import Trend

#: Statements that fix a rate with an interval.
ENOUGH = 3
#: How far back the statement may lie that the newest is compared with, in years.
_YEAR_BEFORE = (0.5, 1.6)


def statements() -> pd.DataFrame:
    """Return published tokens a day that were not rumoured, with `year` and `service`; one row a date and service."""
    rows = demand.published("tokens")
    rows = rows[rows["verified"] != "no"].reset_index(drop=True)
    return rows.assign(
        year=trends.in_years(rows["date"].dt.strftime("%Y-%m-%d")), service=rows["organisation"] + ", " + rows["product"]
    )


def late() -> float:
    """Return the year, with its fraction, that lies a year and a half before the newest statement."""
    return float(statements()["year"].max()) - 1.5


def trend(since: float = 0.0) -> Trend:
    """Return how the tokens a day of one and the same service grew a year, since a year; all services share the rate."""
    rows = statements()
    rows = rows[rows["year"] >= since]
    return trends.fit(rows["year"], rows["per_day"], rows["service"])


def by_service() -> pd.DataFrame:
    """Return one row a service that was stated twice or more, most tokens first.

    Columns: `service`, `statements`, `date` and `per_day` of the newest, `trend` over all (None of fewer than three), and
    `of_late`: growth a year from the statement nearest to a year before the newest, NaN where none lies near.
    """
    rows = []
    for service, stated in statements().groupby("service"):
        stated = stated.sort_values("year")
        if len(stated) < 2:
            continue
        newest = stated.iloc[-1]
        back = newest["year"] - stated["year"]
        before = stated[back.between(*_YEAR_BEFORE)]
        of_late = float("nan")
        if len(before):
            other = before.loc[(back[before.index] - 1).abs().idxmin()]
            of_late = (newest["per_day"] / other["per_day"]) ** (1 / (newest["year"] - other["year"]))
        fitted = trends.fit(stated["year"], stated["per_day"]) if len(stated) >= ENOUGH else None
        rows.append({
            "service": service, "statements": len(stated), "date": newest["date"], "per_day": newest["per_day"],
            "trend": fitted, "of_late": of_late,
        })  # fmt: skip
    return pd.DataFrame(rows).sort_values("per_day", ascending=False, ignore_index=True)
