"""Published demand as chips, by date and organisation."""

import altair as alt

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.plan import demand_in_chips
from analysis.plan.demand_in_chips import PublishedCase
from analysis.serving.serving_words import count

#: Organisations that have a colour of their own; the others share one.
_NAMED = 5


def over_time(case: PublishedCase) -> alt.LayerChart:
    """Return the chips of published demand by date, with their 80% intervals; organisations by colour."""
    table = demand_in_chips.table(case)
    table = table.assign(
        what=[f"{numerals.words(row.per_day)} {row.kind} a day" for row in table.itertuples()],
        day=table["date"].dt.strftime("%Y-%m-%d"),
        chips_text=[count(chips) for chips in table["chips"]],
        between=[f"{count(row.low)} to {count(row.high)}" for row in table.itertuples()],
    )
    order = list(table["organisation"].value_counts().index[:_NAMED])
    table["who"] = table["organisation"].where(table["organisation"].isin(order), "Others")
    x = alt.X("day:T", title="Date of the statement", axis=alt.Axis(format="%Y", tickCount="year"))
    scale = alt.Scale(type="log", nice=False)
    axis = alt.Axis(values=[10.0**power for power in range(9)], labelExpr=axes.SHORT)
    colour = alt.Color("who:N", title=None, sort=[*order, "Others"], legend=alt.Legend(columns=3, symbolOpacity=1))
    base = alt.Chart(table.drop(columns="date")).encode(
        x=x,
        color=colour,
        tooltip=tips(
            "organisation:N | Organisation",
            "product:N | Product",
            "day:N | Date",
            "what:N | Published",
            f"chips_text:N | {case.chip}",
            "between:N | 80% interval",
            "verified:N | Verified",
        ),
    )
    points = base.mark_point(size=60, opacity=1).encode(
        y=alt.Y("chips:Q", title=f"{case.chip}, logarithmic", scale=scale, axis=axis),
        shape=alt.Shape("kind:N", sort=list(demand_in_chips.KINDS), legend=None),
    )
    rules = base.mark_rule(opacity=0.45, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=f"{case.chip}, logarithmic", scale=scale, axis=axis), y2="high:Q"
    )
    last = table.loc[table[table["kind"] == "tokens"]["chips"].idxmax()]
    return figure(
        alt.layer(rules, points).properties(height=360),
        title="What published demand would take in chips",
        subtitle=(
            f"If all of it were {case.model}, {last['organisation']}'s {last['what']} of {last['date'].year} would take "
            f"{last['between']} × {case.chip}."
        ),
        description=f"Chips by date on a logarithmic axis, if published demand were served by {case.model} on {case.chip}: "
        + "; ".join(f"{row.organisation} {row.product} {row.day}, {row.what}, {row.chips_text}" for row in table.itertuples())
        + ".",
        source=f"demand: data/demand.csv, to {table['day'].max()[:7]}; computed by analysis/plan/demand_in_chips.py",
    )
