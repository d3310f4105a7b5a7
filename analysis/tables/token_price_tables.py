"""Tables of the chapter on the prices of tokens."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.plan import cost_case
from analysis.plan.cost_case import CostCase
from analysis.serving import equal_quality
from analysis.serving.serving_words import dollars


def equal_quality_prices() -> pd.DataFrame:
    """Return what tokens of models that reach a score cost at first and at last, by score."""
    return pd.DataFrame(
        [
            {
                "GPQA Diamond, at least": f"{row.level}%",
                "First": f"{row.first}, {row.first_date:%Y-%m}",
                "USD a million": numerals.significant(row.first_price),
                "Newest cheapest": f"{row.last}, to {row.last_date:%Y-%m}",
                "USD a million then": numerals.significant(row.last_price),
                "A year": f"−{numerals.percent(1 - row.kept_a_year)}",
            }
            for row in equal_quality.falls().itertuples()
        ]
    )


def prices(case: CostCase) -> pd.DataFrame:
    """Return the published prices of models whose shape is public, beside our cost of the same model at that date."""
    table = cost_case.prices(case).dropna(subset=["architecture"])
    return pd.DataFrame(
        [
            {
                "Seller, model": f"{row.organisation}\n{row.model}",
                "From": f"{row.date:%b %Y}",
                "Price": dollars(row.blended),
                "Our cost": dollars(row.cost),
                "80% interval": f"{dollars(row.low)} to {dollars(row.high)}" if np.isfinite(row.cost) else "shape not modelled",
                "Price over cost": numerals.significant(row.blended / row.cost, 2) if np.isfinite(row.cost) else "–",
                "Served on": f"{row.served_on}\n{dollars(row.hour)} an hour",
            }
            for row in table.itertuples()
        ]
    )
