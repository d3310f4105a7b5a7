"""The report in one picture: from what the deck prints to what this report predicts."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.deck import in_brief
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.plan.interval import Interval
from analysis.scenarios.scenario import Scenario
from analysis.serving import serving_words

#: Counts below this are written whole, as the page on the training run writes them.
_WHOLE = 10_000


def count(chips: float) -> str:
    """Return a count as it is written here: whole where it is small."""
    return numerals.whole(chips) if chips < _WHOLE else serving_words.count(chips)


def dollars(amount: Interval) -> str:
    """Return dollars with their interval, two digits each."""
    return amount.written(lambda value: numerals.words(value, 2) if value >= 1 else numerals.significant(value, 2))


def _interval(row: pd.Series) -> str:
    if row["low"] == row["high"]:
        return f"{count(row['low'])} at both ends"
    return f"{count(row['low'])} to {count(row['high'])}"


def written(row: pd.Series) -> str:
    """Return a row of in_brief.estimates as text: a whole count, or a predicted one with its interval."""
    if np.isnan(row["low"]):
        return numerals.whole(row["accelerators"])
    return f"{count(row['accelerators'])} ({_interval(row)})"


def _shown(row: pd.Series) -> str:
    """Return what stands in the chart, where a phone has no room for both an interval and its middle."""
    return written(row) if np.isnan(row["low"]) else _interval(row)


def from_deck_to_prediction(scenario: Scenario) -> alt.LayerChart:
    """Return accelerators to train and to serve, as printed, by the deck's formula, and as predicted with 80% intervals."""
    table = in_brief.estimates(scenario)
    highest = 2 * np.nanmax(table[["accelerators", "low", "high"]].replace(np.inf, np.nan).to_numpy())
    frame = table.assign(
        row=table["work"] + ": " + table["says"],
        text=[_shown(row) for _, row in table.iterrows()],
        accelerators=table["accelerators"].clip(upper=highest),
        low=table["low"].fillna(table["accelerators"]).clip(upper=highest),
        high=table["high"].fillna(table["accelerators"]).clip(upper=highest),
    )
    lowest = 10.0 ** np.floor(np.log10(frame["low"].min()))
    scale = alt.Scale(type="log", domain=[lowest, highest], nice=False, clamp=True)
    powers = [10.0**power for power in range(31) if lowest <= 10.0**power <= highest]
    axis = alt.Axis(values=powers, labelExpr=axes.SHORT)
    colour = alt.Color("says:N", legend=None, sort=[in_brief.PRINTED, in_brief.FORMULA, in_brief.PREDICTED])
    tooltip = tips("row:N | Estimate", "text:N | Accelerators")
    labelled = rows(  # bars without length: they only place the labels
        frame,
        label="row",
        mark="bar",
        x=alt.X("accelerators:Q", title="Accelerators, logarithmic", scale=scale, axis=axis),
        x2="accelerators:Q",
        colour=colour,
        value="datum.text",
        tooltip=tooltip,
    )
    y = alt.Y("row:N", sort=None, axis=None, scale=alt.Scale(type="band", paddingInner=0.72, paddingOuter=0.4))
    predicted = alt.Chart(frame[frame["says"] == in_brief.PREDICTED])
    intervals = predicted.mark_rule(strokeWidth=6, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, color=colour, tooltip=tooltip
    )
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=130, opacity=1)
        .encode(x=alt.X("accelerators:Q", scale=scale, axis=axis), y=y, color=colour, tooltip=tooltip)
    )
    said = table.set_index(["work", "says"])
    train, serve = (said.loc[work] for work in in_brief.WORK)
    return figure(
        alt.layer(labelled, intervals, points),
        title="What the deck prints to serve, and what it takes",
        subtitle=(
            f"To serve a day, the deck prints {numerals.whole(serve.loc[in_brief.PRINTED, 'accelerators'])} accelerators; "
            f"its formula gives {numerals.whole(serve.loc[in_brief.FORMULA, 'accelerators'])}, "
            f"and we predict {_interval(serve.loc[in_brief.PREDICTED])}."
        ),
        description="Accelerators on a logarithmic axis. "
        + " ".join(
            f"{work}: " + "; ".join(f"{says} {written(row)}" for says, row in part.iterrows()) + "."
            for work, part in zip(in_brief.WORK, (train, serve), strict=True)
        ),
        source="the deck; formula: analysis/scenarios/sizing.py; predicted: analysis/plan",
    )
