"""Reinforcement learning: how long chips that write and chips that learn take by how they are split, and an iteration's parts."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.plan import scenario_rl
from analysis.plan.rl_plan import RlPlan
from analysis.scenarios.scenario import Scenario

_PARTS = {"rollout": "Rollout", "scoring": "Scoring", "update": "Update", "handover": "Handover of weights"}
_SIDES = {"write": "Writing answers", "learn": "Scoring and update"}
#: Values of a logarithmic axis.
_TICKS = [digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5)]
_SOURCE = "computed by plan_rl; chip from its data sheet"


def split(scenario: Scenario) -> alt.LayerChart:
    """Return the seconds of an iteration that writing and learning take by the share of the chips that write."""
    chips, table = scenario_rl.by_split(scenario)
    long = table.melt(["generating", "share", "seconds"], list(_SIDES), "side", "takes")
    long["what"] = long["side"].map(_SIDES)
    best = table.loc[[table["seconds"].idxmin()]]
    x = alt.X(
        "share:Q", title="Share of the chips that write", axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(domain=[0, 1])
    )
    y = alt.Y(
        "takes:Q",
        title="Seconds an iteration",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=_TICKS, format="~r"),
    )
    colour = alt.Color("what:N", title=None, sort=list(_SIDES.values()), legend=alt.Legend(columns=2))
    base = alt.Chart(long).encode(
        x=x, y=y, color=colour,
        tooltip=tips("what:N | Work", "generating:Q | Chips that write | ,d", "share:Q | Share | .0%", "takes:Q | Seconds | .3~r",
                     "seconds:Q | Seconds of the iteration | .3~r"),
    )  # fmt: skip
    row = best.iloc[0]
    return figure(
        alt.layer(
            base.mark_line(strokeWidth=2),
            base.mark_point(size=60, filled=True, opacity=1),
            alt.Chart(best).mark_rule(strokeDash=[4, 4], aria=False).encode(x=x),
        ).properties(height=320),
        title="The split decides which side waits for the other",
        subtitle=(
            f"Of {numerals.whole(chips)} chips, {numerals.whole(row['generating'])} write: an iteration then takes "
            f"{numerals.significant(row['seconds'])} seconds."
        ),
        description="Seconds of an iteration by the share of the chips that write: "
        + "; ".join(
            f"{numerals.percent(way.share)} write: {numerals.significant(way.write)} to write, "
            f"{numerals.significant(way.learn)} to learn"
            for way in table.itertuples()
        )
        + ".",
        source=_SOURCE,
    )


def parts(plans: dict[str, RlPlan]) -> alt.LayerChart:
    """Return chip-seconds an answer by what is done, a bar for each placement; waiting for the other side counts, too."""
    lines = []
    for placement, plan in plans.items():
        if placement == "together":
            chips = dict.fromkeys(_PARTS, plan.chips)
        else:
            learning = plan.chips - plan.generating_chips
            chips = {"rollout": plan.generating_chips, "scoring": learning, "update": learning, "handover": plan.chips}
        spent = {_PARTS[name]: chips[name] * seconds / plan.batch.answers for name, seconds in plan.parts.items()}
        whole = plan.chips * plan.iteration_seconds.expected / plan.batch.answers
        spent["Waiting"] = max(whole - sum(spent.values()), 0.0)
        lines += [
            {"placement": placement.capitalize(), "part": name, "rank": rank, "seconds": seconds, "total": whole}
            for rank, (name, seconds) in enumerate(spent.items())
        ]
    table = pd.DataFrame(lines)
    totals = table.drop_duplicates("placement").set_index("placement")["total"]
    said = "; ".join(f"{placement.lower()} {numerals.significant(total, 2)}" for placement, total in totals.items())
    return figure(
        rows(
            table,
            label="placement",
            mark="bar",
            x=alt.X("seconds:Q", title="Chip-seconds an answer", axis=alt.Axis(tickCount=5)),
            colour=alt.Color("part:N", title=None, sort=[*_PARTS.values(), "Waiting"], legend=alt.Legend(columns=3)),
            order=alt.Order("rank:Q"),
            value="datum.rank == 0 ? format(datum.total, ',.3~r') : ''",
            tooltip=tips("placement:N | Chips", "part:N | Part", "seconds:Q | Chip-seconds an answer | .3~r"),
        ),
        title="Where the chips' time for an answer goes",
        subtitle=f"Chip-seconds an answer: {said}.",
        description="Stacked bars of chip-seconds an answer: "
        + "; ".join(
            f"{placement}: "
            + ", ".join(f"{row.part.lower()} {numerals.significant(row.seconds, 2)}" for row in group.itertuples())
            for placement, group in table.groupby("placement", sort=False)
        )
        + ".",
        source=_SOURCE,
    )
