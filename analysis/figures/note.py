"""The charts of a research note that no chapter has; their texts are in the note's language."""

import math
from collections.abc import Mapping

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.rows import beside_interval, rows
from analysis.languages.words import Words


def intervals(counts: pd.DataFrame, values: Mapping[str, str], words: Words) -> alt.LayerChart:
    """Return accelerators by part of the work: those of the note, of its base and of the deck, and the interval.

    `counts` has the columns `part`, `low`, `high` and those that `values` names, each with its text in the legend; the
    first of these is the note's own.
    """
    value = next(iter(values))
    said = [
        words(
            "intervals_of",
            part=row.part,
            value=numerals.whole(getattr(row, value)),
            low=numerals.whole(row.low),
            high=numerals.whole(row.high),
        )
        for row in counts.itertuples()
    ]
    ends = counts[["low", "high", *values]].stack()
    decades = range(math.floor(math.log10(ends.min())), math.ceil(math.log10(ends.max())) + 1)
    axis = alt.Axis(labelExpr=axes.SHORT, values=[10.0**power for power in decades])
    scale = alt.Scale(type="log", domain=[10.0 ** decades[0], 10.0 ** decades[-1]])
    tooltip = [
        alt.Tooltip(f"{column}:Q", title=text, format=",")
        for column, text in {"low": words("low"), **values, "high": words("high")}.items()
    ]
    text = words("intervals_text", text="; ".join(said))
    return figure(
        beside_interval(
            counts.astype(dict.fromkeys(("low", "high", *values), float)),
            dict(values),
            label="part",
            x=alt.X("value:Q", title=words("accelerators"), scale=scale, axis=axis),
            tooltip=tooltip,
            columns=1,
        ),
        title=words("intervals_title"),
        subtitle=text,
        description=text,
        source=words("computed", module="analysis/notes/results.py, analysis/validation/reached.py"),
    )


def ratios(changes: pd.DataFrame, before: str, after: str, words: Words) -> alt.LayerChart:
    """Return what chip `after` has and does, over chip `before`.

    `changes` has the columns `what` (a text), `ratio`, `kind` ("data sheet" or "predicted") and `key`, of which "peak",
    "few" and "decode" are told in the title.
    """
    by_key = changes.set_index("key")["ratio"]
    frame = changes.assign(kind=changes["kind"].map(words))
    return figure(
        rows(
            frame[["what", "ratio", "kind"]],
            label="what",
            mark="point",
            x=alt.X(
                "ratio:Q",
                title=words("ratios_axis", before=before, after=after),
                scale=alt.Scale(type="log", base=2),
                axis=alt.Axis(labelExpr="'× ' + format(datum.value, '~r')", tickCount=5),
            ),
            colour=alt.Color("kind:N", title=None, sort=None),
            value="'× ' + format(datum.ratio, '.3~r')",
            tooltip=[alt.Tooltip("ratio:Q", title=words("factor"), format=".4~r")],
            rule=1,
        ),
        title=words("ratios_title", before=before, after=after),
        subtitle=words(
            "ratios_text",
            before=before,
            after=after,
            peak=numerals.significant(by_key["peak"], 2),
            few=numerals.significant(min(by_key["few"], by_key["decode"]), 2),
            decode=numerals.significant(max(by_key["few"], by_key["decode"]), 2),
        ),
        description="; ".join(f"{row.what} × {numerals.significant(row.ratio)}" for row in changes.itertuples()),
        source=words("computed", module="analysis/industry/supply.py, data/accelerators.csv"),
    )
