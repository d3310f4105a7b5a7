"""How far the rows of each file of facts were verified."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.facts import VERIFIED
from analysis.figures.render import figure
from analysis.figures.tooltips import tips

_ROW = 18
_TITLES = {
    "yes": "Read in the named text",
    "partly": "A field not read, or a weak source",
    "no": "Rumour, or not found",
}


def by_file(marks: pd.DataFrame) -> alt.Chart:
    """Return the shares of each file's rows by mark, the best verified file first.

    `marks` is what `analysis.report.data_files.by_mark` returns.
    """
    wide = marks.pivot(index="file", columns="mark", values="share").fillna(0).sort_values(list(VERIFIED), ascending=False)
    frame = marks[marks["rows"] > 0].assign(meaning=marks["mark"].map(_TITLES), order=marks["mark"].map(list(VERIFIED).index))
    whole, none = (wide["yes"] == 1).sum(), (wide["yes"] == 0).sum()
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=alt.Y("file:N", sort=list(wide.index), title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=150)),
            x=alt.X(
                "share:Q",
                title="Share of the file's rows",
                axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], labelFlush=True),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color("meaning:N", title=None, sort=list(_TITLES.values()), legend=alt.Legend(columns=1)),
            order=alt.Order("order:Q"),
            tooltip=tips("title:N | File", "meaning:N | Verified", "rows:Q | Rows | ,", "share:Q | Share | .0%"),
        )
        .properties(height=_ROW * len(wide))
    )
    return figure(
        chart,
        title="How much of each file was read at its source",
        subtitle=(
            f"In {numerals.whole(whole)} of {numerals.whole(len(wide))} files every row was read in the named text; "
            f"in {numerals.whole(none)} no row was."
        ),
        description="Share of the rows read in the named text, by file: "
        + ", ".join(f"{name} {numerals.percent(share)}" for name, share in wide["yes"].items())
        + ".",
        source="the marks on the rows of each file",
    )
