"""What tokens of models of equal quality cost over time: the cheapest that reaches a score, of those on sale at a date."""

import numpy as np
import pandas as pd

from analysis import facts
from analysis.serving import token_cost

#: Scores on GPQA Diamond, in percent, that a model has to reach.
LEVELS = (50, 70, 80, 85)


def cheapest(level: float) -> pd.DataFrame:
    """Return, at each date on which a price changed, the cheapest model whose score is `level` or more.

    Columns: `date`, `model`, `blended` dollars a million tokens (a quarter of them written). A model's price holds until its
    next; whether it is still sold is not known.
    """
    scores = facts.read("model_scores").set_index("model")["score"]
    rows = token_cost.published_prices()
    rows = rows[rows["model"].map(scores) >= level]
    lowest = []
    for date in rows["date"].drop_duplicates():
        now = rows[rows["date"] <= date].groupby("model").last()
        lowest.append({"date": date, "model": now["blended"].idxmin(), "blended": now["blended"].min()})
    return pd.DataFrame(lowest, columns=["date", "model", "blended"])


def falls() -> pd.DataFrame:
    """Return one row a level: its first and its newest cheapest model with date and price, and the price kept a year."""
    rows = []
    for level in LEVELS:
        lowest = cheapest(level)
        first, last = lowest.iloc[0], lowest.iloc[-1]
        years = (last["date"] - first["date"]).days / 365.25
        kept = (last["blended"] / first["blended"]) ** (1 / years) if years > 0 else np.nan
        rows.append({
            "level": level, "first": first["model"], "first_date": first["date"], "first_price": first["blended"],
            "last": last["model"], "last_date": last["date"], "last_price": last["blended"], "kept_a_year": kept,
        })  # fmt: skip
    return pd.DataFrame(rows)


def largest_rise() -> pd.Series:
    """Return the price that rose most over the same model's price before: `model`, `date`, `blended`, `before`."""
    rows = token_cost.published_prices()
    rows["before"] = rows.groupby("model")["blended"].shift()
    return rows.loc[(rows["blended"] / rows["before"]).idxmax(), ["model", "date", "blended", "before"]]
