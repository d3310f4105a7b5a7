"""GPT-1 to GPT-3: printed parameters against counted ones."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.history import gpt_family

_COUNTED = "Counted from the printed shape"


def printed_against_counted() -> alt.LayerChart:
    """Return how far the counted parameters of GPT-1 to GPT-3 are from the printed ones, and what explains it."""
    frame = gpt_family.table()
    frame["label"] = [
        f"{row.model}: {numerals.words(row.printed_parameters, 4)} {'printed' if row.own else 'by the next paper'}"
        for row in frame.itertuples()
    ]
    shown = pd.concat(
        [
            frame.assign(percent=100 * frame["apart"], kind=_COUNTED, count=frame["counted"]),
            frame[frame["why"] != ""].assign(
                percent=lambda sizes: 100 * sizes["other_apart"],
                kind=lambda sizes: "Counted " + sizes["why"],
                count=lambda sizes: sizes["other"],
            ),
        ],
        ignore_index=True,
    )[["label", "model", "percent", "kind", "count"]]
    printed, explained = frame[frame["own"]], frame[frame["other_agrees"]]
    misprinted = explained["model"].isin(gpt_family.MISPRINTED)
    chart = rows(
        shown,
        label="label",
        mark="point",
        x=alt.X("percent:Q", title="Above the printed size, %", scale=alt.Scale(nice=True)),
        colour=alt.Color("kind:N", title=None, sort=None, legend=alt.Legend(columns=1)),
        tooltip=tips(
            "model:N | Model", "kind:N | How", "count:Q | Parameters | ,", "percent:Q | Above the printed size, % | .2f"
        ),
    )
    return figure(
        chart,
        title="Not every GPT's printed size fits its printed shape",
        subtitle=(
            f"{numerals.whole(printed['agrees'].sum())} of {numerals.whole(len(printed))} sizes that a model's own paper prints "
            f"are what its printed shape counts to. An older vocabulary explains {numerals.whole((~misprinted).sum())} others, a "
            f"misprinted shape {numerals.whole(misprinted.sum())}."
        ),
        description="Points of the difference from the printed size, one row a model: "
        + "; ".join(
            f"{row.model} {numerals.significant(100 * row.apart, 2)}%"
            + (f", {row.why} {numerals.significant(100 * row.other_apart, 2)}%" if row.why else "")
            for row in frame.itertuples()
        )
        + ".",
        source="printed: data/gpt_family.csv; counted by analysis/models/ledger.py",
    )
