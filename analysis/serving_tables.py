"""Tables of the chapters on serving and its cost, and how these write times, plans and intervals."""

import pandas as pd

from analysis import deck_serving, demand, numerals
from analysis.deployment import Deployment
from analysis.figures.serving import count, written
from analysis.scenario import Scenario


def seconds(value: float) -> str:
    """Return a time as people write it: "41.5 ms", "2 s"."""
    return f"{numerals.plain(1000 * value, 3)} ms" if value < 1 else f"{numerals.plain(value, 3)} s"


def plan(one: Deployment) -> str:
    """Return in words how a deployment shares a model out."""
    parts = []
    if one.expert > 1:
        parts.append(f"experts spread over {one.expert} chips")
    if one.tensor > 1:
        parts.append(f"each matrix on {one.tensor} chips")
    if one.pipeline > 1:
        parts.append(f"layers in {one.pipeline} stages")
    return ", ".join(parts) or "all on one chip"


def stands(value: float, low: float, high: float) -> str:
    """Return where `value` stands to an interval: "below", "inside" or "above"."""
    return "below" if value < low else "above" if value > high else "inside"


def steps(table: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Return the steps of `deck_serving.steps` as text, with the 80% interval of the last."""
    rows = [[row.step, written(row.key, row.accelerators)] for row in table.itertuples()]
    rows.append(["80% interval", f"{count(low)} to {count(high)}"])
    return pd.DataFrame(rows, columns=["Step", "Accelerators"])


def searches(scenario: Scenario) -> pd.DataFrame:
    """Return searches a day over the years, and the accelerators for as many visits, on the scenario's system."""
    low, high = deck_serving.interval(scenario)
    final = float(deck_serving.served(scenario).fleet.chips)
    return pd.DataFrame([
        {
            "Year": str(row.date.year),
            "Searches a day, billion": numerals.significant(row.per_day / 1e9),
            "Accelerators": count(final * row.per_day / scenario.visits_per_day),
            "80% interval": " to ".join(count(end * row.per_day / scenario.visits_per_day) for end in (low, high)),
            "Verified": row.verified,
        }
        for row in demand.published("searches").itertuples()
    ])
