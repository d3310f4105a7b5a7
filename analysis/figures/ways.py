"""Ways to serve: tokens a second and chip against the time for each token and to the first one."""

import altair as alt

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.serving import ways_case
from analysis.serving.ways_case import WaysCase

_TIMES = {
    "output_token": ("Target for each further token, ms", "milliseconds", 1000.0, [10, 20, 50, 100, 200]),
    "first_token": ("Target for the first token, s", "seconds", 1.0, [0.2, 0.5, 1, 2, 5]),
}
_TITLES = {
    "output_token": ("Faster tokens for each user cost tokens for each chip", "Tokens for each chip, by the time of a token"),
    "first_token": ("A sooner first token costs tokens for each chip", "Tokens for each chip, by the time to the first"),
}


def compromises(case: WaysCase, which: str = "output_token") -> alt.LayerChart:
    """Return tokens of answers a second and chip by the target for each further token, or the "first_token", way by way.

    Filled points are best compromises: no other way is as fast a token, as soon a first one and as many tokens a chip.
    """
    table = ways_case.by_target(case, which)
    title, name, factor, ticks = _TIMES[which]
    table = table.assign(time=factor * table["target"], least=factor * table[which])
    table["format"] = [row.weights.upper() + (", drafts" if row.drafts else "") for row in table.itertuples()]
    table["how"] = table["kind"].str.capitalize()
    order = list(table.groupby("format")["speed"].max().sort_values(ascending=False).index)
    x = alt.X("time:Q", title=title, scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=ticks, format="~r"))
    y = alt.Y("speed:Q", title="Tokens of answers a second and chip", scale=alt.Scale(zero=True))
    chart = alt.Chart(table).encode(
        x=x, y=y,
        color=alt.Color("format:N", title=None, sort=order, legend=alt.Legend(columns=2, symbolOpacity=1)),
        strokeDash=alt.StrokeDash("how:N", title=None, sort=["Together", "Apart"],
                                  legend=alt.Legend(columns=2, symbolType="stroke")),
        tooltip=tips("label:N | Way", f"time:Q | Target, {'ms' if factor > 1 else 's'} | .3~r",
                     "first_token:Q | First token, s | .3~r", "output_token:Q | Further token, s | .3~r",
                     "speed:Q | Tokens a second and chip | .3~r"),
    )  # fmt: skip
    points = chart.mark_point(size=50, opacity=1, filled=True, strokeDash=[1, 0]).transform_filter("datum.best")
    fastest = table.sort_values("speed").drop_duplicates("target", keep="last").sort_values("target")
    ends = [(numerals.significant(row.time, 2), numerals.significant(row.speed)) for row in fastest.iloc[[0, -1]].itertuples()]
    return figure(
        alt.layer(chart.mark_line(strokeWidth=2), points).properties(height=340),
        title=_TITLES[which][bool(fastest["speed"].iloc[-1] <= fastest["speed"].iloc[0])],
        subtitle=f"Tokens a second and chip of the best way: {ends[0][1]} at {ends[0][0]} {name}, {ends[1][1]} at {ends[1][0]}.",
        description="Tokens of answers a second and chip by target: "
        + "; ".join(
            f"{way}, {numerals.significant(rows['speed'].min())} to {numerals.significant(rows['speed'].max())}"
            for way, rows in table.groupby("label", sort=False)
        )
        + ".",
        source="computed by analysis/serving/ways.py; rates of drafts: data/draft_acceptance.csv",
    )
