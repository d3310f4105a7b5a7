"""Fine-tuning: memory by part for each method, and the hours that more chips take."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.plan import scenario_tuning
from analysis.plan.tuning_plan import TuningPlan
from analysis.scenarios.scenario import Scenario

#: Methods as charts name them.
METHODS = {"full": "Full", "lora": "LoRA", "qlora": "QLoRA"}
_PARTS = {
    "weights": "Weights",
    "adapters": "Adapters",
    "gradients": "Gradients",
    "optimizer": "Optimizer states",
    "activations": "Activations",
    "logits": "Logits, working space",
    "working": "Logits, working space",
}
#: Values of a logarithmic axis, three in ten.
_TICKS = [digit * 10.0**power for power in range(-4, 6) for digit in (1, 3)]
_SOURCE = "computed by plan_tuning; chip from its data sheet"


def memory(plans: dict[str, TuningPlan]) -> alt.LayerChart:
    """Return the memory of all chips together by what fills it, a bar for each method on the fewest chips that hold it."""
    table = pd.DataFrame([
        {"method": f"{METHODS[method]}, {numerals.counted(plan.chips, 'chip')}", "part": _PARTS[part], "rank": rank,
         "gigabytes": plan.chips * size / 1e9, "total": plan.chips * sum(plan.memory.values()) / 1e9}
        for method, plan in plans.items()
        for rank, (part, size) in enumerate(plan.memory.items())
        if size
    ])  # fmt: skip
    table = table.groupby(["method", "part", "total"], sort=False, as_index=False).agg(
        rank=("rank", "min"), gigabytes=("gigabytes", "sum")
    )
    totals = table.drop_duplicates("method").set_index("method")["total"]
    model = next(iter(plans.values())).model.name
    said = "; ".join(f"{method} {numerals.significant(total, 2)} GB" for method, total in totals.items())
    return figure(
        rows(
            table,
            label="method",
            mark="bar",
            x=alt.X(
                "gigabytes:Q", title="Memory of all chips, GB", axis=alt.Axis(tickCount=5, labelExpr="format(datum.value, ',')")
            ),
            colour=alt.Color("part:N", title=None, sort=list(dict.fromkeys(_PARTS.values())), legend=alt.Legend(columns=2)),
            order=alt.Order("rank:Q"),
            value="datum.rank == 0 ? format(datum.total, ',.0f') + ' GB' : ''",
            tooltip=tips("method:N | Method", "part:N | Part", "gigabytes:Q | Memory, GB | ,.1f"),
        ),
        title="What is not trained needs no gradients and no optimizer states",
        subtitle=f"{model}, the fullest chip times the chips: {said}.",
        description=f"Stacked bars of the memory that tuning {model} fills, by method and part: {said}.",
        source=_SOURCE,
    )


def hours(scenario: Scenario) -> alt.LayerChart:
    """Return hours by chips, a line for each method from the fewest chips that hold the model on, with the 80% interval."""
    table = scenario_tuning.by_chips(scenario)
    table["how"] = table["method"].map(METHODS)
    x = alt.X("chips:Q", title="Chips", scale=alt.Scale(type="log", base=2, nice=False),
              axis=alt.Axis(values=[2**power for power in range(13)], format=",d"))  # fmt: skip
    y = alt.Y("hours:Q", title="Hours", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=_TICKS, format="~r"))
    colour = alt.Color("how:N", title=None, sort=list(METHODS.values()), legend=alt.Legend(columns=3, symbolOpacity=1))
    tooltip = tips("how:N | Method", "chips:Q | Chips | ,d", "hours:Q | Hours | .3~r", "low:Q | Low | .3~r",
                   "high:Q | High | .3~r", "plan:N | Plan")  # fmt: skip
    base = alt.Chart(table)
    ends = [f"{how} from {numerals.counted(lines['chips'].min(), 'chip')} on" for how, lines in table.groupby("how", sort=False)]
    tokens = numerals.words(scenario.tuning_tokens or 0)
    return figure(
        alt.layer(
            base.mark_rule(strokeWidth=2, opacity=0.4).encode(x=x, y=alt.Y("low:Q", scale=y["scale"]), y2="high:Q", color=colour),
            base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
            base.mark_point(size=60, filled=True, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
        ).properties(height=320),
        title="Each method begins where its memory fits",
        subtitle=f"{tokens} tokens: {', '.join(ends)}. Bars are 80% intervals.",
        description="Hours of tuning by chips: "
        + "; ".join(
            f"{how} {numerals.significant(lines['hours'].iloc[0])} hours on {lines['chips'].iloc[0]:,}, "
            f"{numerals.significant(lines['hours'].iloc[-1])} on {lines['chips'].iloc[-1]:,}"
            for how, lines in table.groupby("how", sort=False)
        )
        + ".",
        source=_SOURCE,
    )
