"""Lines of means with a band from the lowest to the highest of several trials."""

from collections.abc import Callable

import altair as alt
import pandas as pd


def bands(
    data: pd.DataFrame,
    *,
    over: str,
    value: str,
    by: str,
    x: alt.X,
    y: alt.Y,
    tooltip: list[alt.Tooltip],
) -> alt.LayerChart:
    """Return a line for each kind in the column `by`: the mean of the column `value` at each of `over`, in a band from the
    lowest trial to the highest. Wrap it in `figure`.

    `x` and `y` say how the two columns are drawn; `tooltip` may name the columns `value`, `low` and `high` too. A kind
    with one point has no line: a rule stands for its band.
    """
    kinds = list(dict.fromkeys(data[by]))
    shown = data.groupby([by, over], sort=False)[value].agg(["mean", "min", "max"]).reset_index()
    shown = shown.rename(columns={"mean": value, "min": "low", "max": "high"})
    colour = alt.Color(f"{by}:N", title=None, sort=kinds, legend=alt.Legend(columns=1, symbolOpacity=1))
    low = y.copy()
    low.shorthand = "low:Q"
    count = shown.groupby(by)[over].transform("size")
    lines, single = alt.Chart(shown[count > 1]), alt.Chart(shown[count == 1])
    layers = [
        lines.mark_area(opacity=0.18, aria=False).encode(x=x, y=low, y2="high:Q", color=colour),
        lines.mark_line(aria=False).encode(x=x, y=y, color=colour),
        alt.Chart(shown).mark_point(size=50, opacity=1, aria=False).encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    if (count == 1).any():
        layers.insert(0, single.mark_rule(strokeWidth=3, opacity=0.5).encode(x=x, y=low, y2="high:Q", color=colour))
    return alt.layer(*layers).properties(height=300)


def listed(data: pd.DataFrame, *, over: str, value: str, by: str, text: Callable[[float], str]) -> str:
    """Return the means as text, for a description: "A: 1 at 20, 2 at 40; B: ..."; `text` writes a value."""
    means = data.groupby([by, over], sort=False)[value].mean()
    return "; ".join(
        f"{kind}: " + ", ".join(f"{text(means[kind][place])} at {place:,}" for place in means[kind].index)
        for kind in dict.fromkeys(data[by])
    )
