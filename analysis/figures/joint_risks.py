"""All inputs at once: what moves a measure most, how the counts spread, and what a count would take."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import coefficients
from analysis.figures import axes
from analysis.figures.chain import SHORT, written
from analysis.figures.render import figure
from analysis.figures.rows import beside_interval, rows
from analysis.figures.tooltips import tips
from analysis.industry import pass_through
from analysis.risk import break_even, joint
from analysis.scenarios.scenario import Scenario

#: Assumptions as a phone has room for them.
ASSUMED = {
    "parameters": "Parameters a token passes",
    "training_tokens": "Training tokens",
    "training_time": "Time to train",
    "peak": "Peak of the chip",
    "utilization": "Utilization",
    "visits_per_day": "Visits a day",
    "questions_per_visit": "Questions a visit",
    "characters_per_question": "Characters a question",
    "tokens_per_character": "Tokens a character",
    "serving_time": "Hours of a day that serve",
}
#: All inputs, the chain's coefficients too.
INPUTS = ASSUMED | SHORT
_MEASURES = {
    "training": ("accelerators to train", "accelerators"),
    "serving": ("accelerators to serve", "accelerators"),
    "site": ("power of the site", "site"),
    "capital": ("capital", "capital"),
}
_ENDS = ("Low end", "High end")
_BINS = 60
#: Columns that hold what is needed and plausible, times what the scenario assumes.
_TIMES = ["needed", "low", "high"]


def tornado(base: Scenario, measure: str, most: int = 12) -> alt.LayerChart:
    """Return a measure with each input of the estimate at both ends of its range, the `most` that move it furthest."""
    table = joint.tornado(base, measure).head(most)
    known = joint.inputs(base)
    expected = float(table["expected"].iloc[0])
    title, link = _MEASURES[measure]
    scale = pass_through.LINKS[link].scale
    frame = pd.DataFrame(
        [
            {"input": _input(known[name]), "end": end, "from": expected / scale, "value": row[column] / scale}
            for name, row in table.iterrows()
            for end, column in zip(_ENDS, ("at low", "at high"), strict=True)
        ]
    )
    ends = [0.9 * frame["value"].min(), 1.1 * frame["value"].max()]
    chart = rows(
        frame,
        label="input",
        mark="bar",
        x=alt.X(
            "from:Q",
            title=f"{title[0].upper()}{title[1:]}, {pass_through.LINKS[link].unit}",
            scale=alt.Scale(type="log", domain=ends, nice=False),
            axis=alt.Axis(values=axes.round_values(*ends), labelExpr=axes.SHORT),
        ),
        x2="value:Q",
        colour=alt.Color("end:N", title="Input at its", sort=list(_ENDS)),
        tooltip=tips("input:N | Input", "end:N | At its", f"value:Q | {pass_through.LINKS[link].unit} | ,.3~r"),
    )
    first = table.iloc[0]
    low, high = sorted((first["at low"], first["at high"]))
    named = min(8, len(table))
    assumed = sum(name in ASSUMED for name in table.index[:named])
    of_the_chain = "none is a coefficient" if assumed == named else f"{named - assumed} coefficients"
    return figure(
        chart,
        title=f"Which assumptions move {title}",
        subtitle=(
            f"What moves {title} most is: {INPUTS[table.index[0]].lower()}, from {written(link, low)} to "
            f"{written(link, high)}. Of the first {named}, {assumed} are assumptions of the estimate, "
            f"{of_the_chain} of the chain."
        ),
        description=f"Bars of {title} with one input moved at a time over its range, logarithmic: "
        + "; ".join(
            f"{INPUTS[name]} {written(link, row['at low'])} and {written(link, row['at high'])}" for name, row in table.iterrows()
        )
        + ".",
        source="ranges: analysis/risk/assumption_ranges.py, data/chain_coefficients.csv; computed by analysis/risk/joint.py",
    )


def distribution(values: pd.Series, counts: dict[str, float]) -> alt.LayerChart:
    """Return how the draws of accelerators to serve spread, with lines at `counts`, by name; equal ones share a line."""
    logs = np.log10(values)
    low, high = logs.quantile([0.002, 0.998])
    heights, edges = np.histogram(logs[(logs >= low) & (logs <= high)], bins=_BINS)
    frame = pd.DataFrame({
        "from": 10 ** edges[:-1], "to": 10 ** edges[1:], "share": heights / len(values)
    })  # fmt: skip
    ends = [float(10**low), float(10**high)]
    x = alt.X(
        "from:Q",
        title="Accelerators to serve",
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(values=axes.round_values(*ends), labelExpr=axes.SHORT),
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusEnd=0, opacity=0.6)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("share:Q", title="Share of the draws", axis=alt.Axis(format="%")),
            y2=alt.datum(0),
            tooltip=tips("from:Q | From | ,.0f", "to:Q | To | ,.0f", "share:Q | Share | .2%"),
        )
    )
    by_count: dict[float, str] = {}
    for name, count in counts.items():
        by_count[count] = f"{by_count[count]}; {name}" if count in by_count else name
    beyond = {count: "" if ends[0] <= count <= ends[1] else ", beyond the picture" for count in by_count}
    marks = {f"{name}: {numerals.whole(count)}{beyond[count]}": count for count, name in by_count.items()}
    drawn = pd.DataFrame([{"name": name, "at": at} for name, at in marks.items()])
    lines = (
        alt.Chart(drawn)
        .mark_rule(strokeWidth=2, clip=True)
        .encode(
            x=alt.X("at:Q", scale=alt.Scale(type="log", domain=ends, nice=False)),
            color=alt.Color("name:N", title=None, sort=list(marks), legend=alt.Legend(columns=1)),
        )
    )
    above = {name: joint.probability_above(values, at).share for name, at in marks.items()}
    middle = values.quantile([0.1, 0.9])
    return figure(
        alt.layer(bars, lines).properties(height=260),
        title="Drawing all assumptions at once gives a wide range",
        subtitle=(
            f"Four draws of five lie from {numerals.significant(middle.iloc[0], 2)} to {numerals.significant(middle.iloc[1], 2)} "
            "accelerators; above "
            + ", ".join(f"{numerals.whole(marks[name])} lie {numerals.percent(share)}" for name, share in above.items())
            + "."
        ),
        description=f"A histogram of {numerals.whole(len(values))} draws of accelerators to serve, logarithmic, with lines at "
        + "; ".join(marks)
        + ".",
        source="ranges and correlations of this chapter; computed by analysis/risk/joint.py",
    )


def what_it_takes(base: Scenario, target: float) -> alt.LayerChart:
    """Return the value that each assumption alone would need for `target` accelerators, beside its plausible range.

    Where no allowed value does, the range stands alone, and its name says so.
    """
    solved = break_even.solve_each(base, target)
    needed = {
        solution.name: break_even.written(solution)["needed"] if np.isfinite(solution.needed) else "no allowed value"
        for solution in solved
    }
    frame = pd.DataFrame(
        [
            {
                "input": f"{ASSUMED[solution.name]}: {needed[solution.name]}",
                "needed": solution.needed / solution.now,
                "low": solution.low / solution.now,
                "high": solution.high / solution.now,
            }
            for solution in solved
        ]
    )
    x = alt.X(
        "value:Q",
        title="Times what the scenario assumes",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=axes.round_values(frame[_TIMES].min(axis=None), frame[_TIMES].max(axis=None)), format="~g"),
    )
    inside = [solution for solution in solved if solution.verdict == "plausible"]
    return figure(
        beside_interval(
            frame,
            {"needed": "What it would have to be"},
            label="input",
            x=x,
            tooltip=tips(
                "input:N | Input",
                "needed:Q | Needed, × | .3~r",
                "low:Q | Plausible from, × | .3~r",
                "high:Q | Plausible to, × | .3~r",
            ),
        ),
        title="What one assumption alone would have to be",
        subtitle=(
            f"{numerals.whole(target)} accelerators take one assumption changed: for {numerals.whole(len(inside))} of "
            f"{numerals.whole(len(break_even.INPUTS))} the value lies in the plausible range."
        ),
        description="Points of the value needed, and bars of the plausible range, times what the scenario assumes, logarithmic: "
        + "; ".join(
            f"{row.input}, {'none' if np.isnan(row.needed) else numerals.readable(row.needed)} in "
            f"{numerals.significant(row.low)} to {numerals.significant(row.high)}"
            for row in frame.itertuples()
        )
        + ".",
        source="ranges: analysis/risk/assumption_ranges.py; solved by analysis/risk/break_even.py",
    )


def _input(coefficient: coefficients.Coefficient) -> str:
    if coefficient.name in ASSUMED:
        return ASSUMED[coefficient.name]
    low, high = (numerals.plain(value, 2) for value in (coefficient.low, coefficient.high))
    return f"{SHORT[coefficient.name]}: {low} to {high}"
