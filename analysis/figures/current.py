"""How current the files of facts are: their newest rows on a line of time."""

import altair as alt
import pandas as pd

from analysis import ageing, numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips

_TICKS = {"interval": "month", "step": 6}
_GROUPS = {True: "Within a year", False: "Older"}


def newest_rows() -> alt.LayerChart:
    """Return the newest row of each file that ages and whose rows are dated, the oldest first."""
    clock = ageing.today()
    files = [age for age in map(ageing.age_of, ageing.names()) if age.newest]
    frame = pd.DataFrame(
        {
            "file": [age.name for age in files],
            "day": [ageing.period(age.newest or "")[0].isoformat() for age in files],
            "newest": [age.newest for age in files],
            "looked": [age.as_of.isoformat() for age in files],
            "group": [_GROUPS[age.is_fresh(clock)] for age in files],
        }
    ).sort_values("day", kind="stable")
    old = frame[frame["group"] == _GROUPS[False]]
    return figure(
        rows(
            frame,
            label="file",
            mark="point",
            x=alt.X("day:T", title="Date of the newest row", axis=alt.Axis(format="%b %Y", tickCount=_TICKS)),
            colour=alt.Color("group:N", title=f"By {clock:%B %Y}", sort=list(_GROUPS.values())),
            tooltip=tips("file:N | File", "newest:N | Newest row", "looked:N | Looked after until"),
        ),
        title="How old the last row of each file is",
        subtitle=(
            f"Of {numerals.whole(len(frame))} files with dated rows, {numerals.whole(len(old))} have none of the year before "
            f"{clock:%B %Y}."
        ),
        description="Points of the date of each file's newest row: "
        + "; ".join(f"{row.file} {row.newest}" for row in frame.itertuples())
        + ".",
        source="the files of facts, and the records beside them",
    )
