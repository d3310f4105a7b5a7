"""InstructGPT: the prompts behind each step of its training, and how often people preferred it."""

import altair as alt

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.history import instructgpt

_SOURCE = "data/instructgpt.csv (Ouyang et al. 2022)"


def prompts() -> alt.LayerChart:
    """Return the prompts of each step by who wrote them."""
    frame = instructgpt.prompts()
    totals = frame.groupby("step")["prompts"].sum()
    frame["label"] = [f"{step}: {numerals.whole(totals[step])}" for step in frame["step"]]
    writers = ["Labelers", "Customers"]
    return figure(
        rows(
            frame.assign(rank=frame["writer"].map(writers.index)),
            label="label",
            mark="bar",
            x=alt.X("prompts:Q", title="Prompts to train on", axis=alt.Axis(format=",.0f")),
            colour=alt.Color("writer:N", title="Written by", sort=writers),
            order=alt.Order("rank:Q"),
            tooltip=tips("step:N | Step", "writer:N | Written by", "prompts:Q | Prompts | ,"),
        ),
        title="How many prompts each step of InstructGPT learns from",
        subtitle=f"{numerals.whole(totals.sum())} prompts in all.",
        description="Stacked bars of prompts by step: "
        + "; ".join(f"{row.step}, {row.writer.lower()}, {numerals.whole(row.prompts)}" for row in frame.itertuples())
        + ".",
        source=_SOURCE,
    )


def wins() -> alt.LayerChart:
    """Return the share of comparisons that InstructGPT 175B wins against each other model, with the paper's intervals."""
    frame = instructgpt.wins()
    frame["label"] = [f"{row.title.split('against ', 1)[1]}" for row in frame.itertuples()]
    frame["label"] = frame["label"].str[:1].str.upper() + frame["label"].str[1:]
    scale, axis = alt.Scale(domain=[0.5, 1]), alt.Axis(format=".0%")
    chart = rows(
        frame[["label", "value", "low", "high"]],
        label="label",
        mark="point",
        x=alt.X("value:Q", title="InstructGPT 175B is preferred; at 50%, evenly", scale=scale, axis=axis),
        value="format(datum.value, '.1%')",
        tooltip=tips("label:N | Against", "value:Q | Preferred | .1%", "low:Q | At least | .1%", "high:Q | At most | .1%"),
    )
    chart.layer[-1].encoding.x = alt.X("high:Q", scale=scale)  # beside the interval, which is wider than the point
    ends = (
        alt.Chart(frame[["label", "low", "high"]])
        .mark_rule(strokeWidth=2)
        .encode(y=chart.layer[0].encoding.y, x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    best, least = frame.iloc[-1], frame.iloc[0]
    return figure(
        chart + ends,
        title="People prefer InstructGPT to GPT-3 of the same size",
        subtitle=(
            f"InstructGPT 175B is preferred in {numerals.percent(best['value'])} of comparisons with GPT-3 of the same size, in "
            f"{numerals.percent(least['value'])} if that one is given examples."
        ),
        description="Points with intervals of the share of comparisons that InstructGPT 175B wins: "
        + "; ".join(
            f"{row.label} {numerals.percent(row.value, 3)}, {numerals.percent(row.low, 3)} to {numerals.percent(row.high, 3)}"
            for row in frame.itertuples()
        )
        + ".",
        source=_SOURCE,
    )
