"""The charts of a research note that no chapter has; their texts are in the note's language, and come with the data."""

import math
from collections.abc import Mapping

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.rows import beside_interval, rows
from analysis.figures.tooltips import tips
from analysis.languages.words import Words

#: How an axis writes large counts, as readers of the language count.
_COUNTS = {
    "en": axes.SHORT,
    "zh": "datum.value >= 1e8 ? format(datum.value / 1e8, '~r') + '亿' : "
    "datum.value >= 1e4 ? format(datum.value / 1e4, '~r') + '万' : format(datum.value, ',~r')",
}


#: A logarithmic axis over a smaller factor than this has marks between the powers of ten.
_NARROW = 200


def intervals(
    counts: pd.DataFrame, values: Mapping[str, str], words: Words, *, title: str, subtitle: str = "", axis: str, module: str
) -> alt.LayerChart:
    """Return one row a case, with its interval and its points, on a logarithmic scale.

    `counts` has the columns `part` (the row's name), `low`, `high`, and those that `values` names, each with its text in the
    legend; an end out of reach is cut at the largest number shown.
    """
    frame = counts.copy()
    ends = frame[["low", "high", *values]].stack()
    known = ends[ends.map(math.isfinite)]
    frame["high"] = frame["high"].where(frame["high"].map(math.isfinite), known.max())
    decades = range(math.floor(math.log10(known.min())), math.ceil(math.log10(known.max())) + 1)
    steps = (1, 2, 5) if known.max() < _NARROW * known.min() else (1,)
    x_axis = alt.Axis(labelExpr=_COUNTS[words.language], values=[step * 10.0**power for power in decades for step in steps])
    scale = alt.Scale(type="log", domain=[known.min() / 1.2, known.max() * 1.2])
    tooltip = [
        alt.Tooltip(f"{column}:Q", title=text, format=",.4~r")
        for column, text in {"low": words("low"), **values, "high": words("high")}.items()
    ]
    first = next(iter(values))
    told = counts[["part", "low", first, "high"]].itertuples(index=False)
    said = "; ".join(f"{name}: {words.interval('count', low, value, high)}" for name, low, value, high in told)
    return figure(
        beside_interval(
            frame.astype(dict.fromkeys(("low", "high", *values), float)),
            dict(values),
            label="part",
            x=alt.X("value:Q", title=axis, scale=scale, axis=x_axis),
            tooltip=tooltip,
            columns=1,
        ),
        title=title,
        subtitle=subtitle or said,
        description=f"{title}. {said}",
        source=words("computed", module=module),
    )


def shares(parts: Mapping[str, float], words: Words, *, title: str, subtitle: str, axis: str, module: str) -> alt.LayerChart:
    """Return bars of what a whole is made of: shares by their names."""
    frame = pd.DataFrame({"part": list(parts), "share": list(parts.values())})
    said = "; ".join(f"{name} {numerals.percent(share)}" for name, share in parts.items())
    return figure(
        rows(
            frame,
            label="part",
            mark="bar",
            x=alt.X("share:Q", title=axis, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            value="format(datum.share, '.2~p')",
            tooltip=tips(f"share:Q | {axis} | .2~p"),
        ),
        title=title,
        subtitle=subtitle,
        description=f"{title}. {said}",
        source=words("computed", module=module),
    )


def days_by_chips(curve: pd.DataFrame, words: Words, *, title: str, subtitle: str, module: str) -> alt.LayerChart:
    """Return the days of a run by its chips, with the interval; `curve` has `chips`, `days`, `low_days`, `high_days`."""
    frame = curve[["chips", "days", "low_days", "high_days"]]
    scale = alt.Scale(type="log", nice=False)
    x = alt.X("chips:Q", title=words("accelerators"), scale=scale, axis=alt.Axis(labelExpr=_COUNTS[words.language]))
    base = alt.Chart(frame).encode(x=x)
    tooltip = [
        alt.Tooltip("chips:Q", title=words("accelerators"), format=","),
        alt.Tooltip("days:Q", title=words("days_axis"), format=".3~r"),
    ]
    return figure(
        alt.layer(
            base.mark_area(opacity=0.25).encode(y=alt.Y("low_days:Q", scale=scale, title=words("days_axis")), y2="high_days:Q"),
            base.mark_line(point=False).encode(y=alt.Y("days:Q", scale=scale, title=words("days_axis")), tooltip=tooltip),
        ),
        title=title,
        subtitle=subtitle,
        description=f"{title}. {subtitle}",
        source=words("computed", module=module),
    )
