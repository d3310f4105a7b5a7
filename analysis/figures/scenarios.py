"""All scenarios side by side."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips


def accelerators_by_scenario(results: pd.DataFrame) -> alt.LayerChart:
    """Return accelerators to train and to serve, one row a scenario.

    `results` has the columns `scenario` (its title), `work` ("Training" or "Inference") and `accelerators`.
    """
    results = results.astype({"accelerators": float})  # JSON has no integers beyond 64 bits
    serve = results[results["work"] == "Inference"].set_index("scenario")["accelerators"]
    results = results.set_index("scenario").loc[serve.sort_values().index].reset_index()
    low, high = serve.idxmin(), serve.idxmax()
    return figure(
        rows(
            results,
            label="scenario",
            mark="point",
            x=alt.X(
                "accelerators:Q",
                title="Accelerators",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(labelExpr=axes.SHORT, tickCount=5),
            ),
            colour=alt.Color("work:N", title=None, sort=None),
            value="format(datum.accelerators, '.3s')",
            tooltip=tips("scenario:N | Scenario", "work:N | Work", "accelerators:Q | Accelerators | ,"),
        ),
        title="One formula gives many answers",
        subtitle=(
            f"Under {numerals.whole(results['scenario'].nunique())} sets of assumptions, serving takes from "
            f"{numerals.rounded(serve[low])} to {numerals.rounded(serve[high])} accelerators."
        ),
        description="Accelerators by scenario, on a logarithmic scale: "
        + "; ".join(f"{row.scenario}, {row.work.lower()}: {numerals.whole(row.accelerators)}" for row in results.itertuples())
        + ".",
        source="the scenarios of this book, by the deck's formula",
    )
