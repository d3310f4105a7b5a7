"""Tables of the chapter on published demand."""

import numpy as np
import pandas as pd

from analysis import facts, numerals, trends
from analysis.plan import demand_in_chips
from analysis.plan.demand_in_chips import PublishedCase
from analysis.serving import demand_growth
from analysis.serving.serving_words import count


def published_demand(case: PublishedCase) -> pd.DataFrame:
    """Return the latest published demand of each organisation's product, in chips, the most first."""
    table = demand_in_chips.table(case).sort_values("date").drop_duplicates(["organisation", "product", "kind"], keep="last")
    return pd.DataFrame(
        [
            {
                "Who, and what": f"{row.organisation}\n{row.product}",
                "Date": f"{row.date:%b %Y}",
                "A day": f"{numerals.words(row.per_day)} {row.kind}",
                f"{case.chip}": count(row.chips),
                "80% interval": f"{count(row.low)} to {count(row.high)}",
                "Verified": row.verified,
            }
            for row in table.sort_values("chips", ascending=False).itertuples()
        ]
    )


def demand_growth_by_service() -> pd.DataFrame:
    """Return how the tokens a day of each service grew, fitted over its statements and of late."""
    return pd.DataFrame(
        [
            {
                "Service": row.service,
                "Newest": f"{row.date:%Y-%m}",
                "Tokens a day": numerals.words(row.per_day, 2),
                "Statements": numerals.whole(row.statements),
                "Growth a year, fitted": trends.factor_text(row.trend) if row.trend else "–",
                "Of late": f"{numerals.significant(row.of_late, 2)}-fold" if np.isfinite(row.of_late) else "–",
            }
            for row in demand_growth.by_service().itertuples()
        ]
    )


def request_shapes() -> pd.DataFrame:
    """Return what is published of reasoning, agents and tokens a request."""
    rows = facts.read("request_shapes")
    values = [
        numerals.percent(value) if unit == "share" else numerals.words(value) if value >= 1000 else numerals.significant(value, 1)
        for value, unit in zip(rows["value"], rows["unit"], strict=True)
    ]
    shown = {"Who": rows["who"], "What": rows["quantity"], "Value": values, "Date": rows["date"], "Source": rows["source"]}
    return pd.DataFrame(shown | {"Verified": rows["verified"]})
