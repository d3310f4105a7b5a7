"""GPT-3's tasks by size and number of examples, and what the examples are worth over all tasks."""

import altair as alt
import numpy as np

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.history import tasks

_SIZES = alt.Axis(
    values=[1e8, 1e9, 1e10, 1e11],
    labelExpr="datum.value >= 1e9 ? datum.value / 1e9 + ' billion' : datum.value / 1e6 + ' million'",
)
_X = alt.X("parameters:Q", title="Parameters", scale=alt.Scale(type="log", domain=[1e8, 2.2e11], nice=False), axis=_SIZES)
_SOURCE = "data/gpt3_tasks.csv (Brown et al. 2020, table H.1)"


def by_size(task: str) -> alt.LayerChart:
    """Return scores by size with no, one and a few examples in the prompt, of `task` or another that the reader chooses."""
    frame, rows = tasks.table(), tasks.rows(task)
    frame = frame.assign(
        asked=frame["setting"] + np.where(frame["examples"] > 1, frame["examples"].map(" (K = {:.0f})".format), ""),
    )
    choice = alt.param(name="task_shown", value=task, bind=alt.binding_select(options=tasks.names(), name="Task "))
    base = (
        alt.Chart(frame[["task", "metric", "setting", "asked", "model", "parameters", "score"]])
        .transform_filter(alt.datum.task == choice)
        .encode(
            x=_X,
            y=alt.Y("score:Q", title="Score, %, as the task counts it"),
            color=alt.Color("setting:N", title=None, sort=list(tasks.SETTINGS), legend=alt.Legend(columns=3)),
            tooltip=tips("task:N | Task", "metric:N | Scored by", "asked:N | Asked", "model:N | Size", "score:Q | Score"),
        )
    )
    last = rows[rows["model"] == rows["model"].iloc[-1]].set_index("setting")
    few = last.loc["few-shot"]
    return figure(
        alt.layer(
            base.mark_line(strokeWidth=2),
            base.mark_point(size=70, opacity=1),
        )
        .add_params(choice)
        .properties(height=320),
        title=f"{task}: GPT-3's scores by size and examples",
        subtitle=(
            f"The largest GPT-3 scores {numerals.plain(last.loc['zero-shot', 'score'])} without examples, "
            f"{numerals.plain(last.loc['one-shot', 'score'])} with one and {numerals.plain(few['score'])} with "
            f"{numerals.whole(few['examples'])}."
        ),
        description=f"Lines of the score by size, logarithmic, for {task}: "
        + "; ".join(
            f"{setting}, "
            + ", ".join(f"{row.model} {numerals.plain(row.score)}" for row in rows[rows["setting"] == setting].itertuples())
            for setting in tasks.SETTINGS
        )
        + ".",
        source=_SOURCE,
    )


def gains() -> alt.LayerChart:
    """Return what one and a few examples add to the score, by size: the median over the tasks, with quartiles."""
    frame = tasks.median_gains()
    order = list(tasks.SETTINGS[1:])
    colour = alt.Color("setting:N", title=None, sort=order, legend=alt.Legend(symbolOpacity=1))
    y = alt.Y("median:Q", title="Points above zero-shot")
    base = alt.Chart(frame).encode(x=_X, color=colour)
    by_model = frame.set_index(["setting", "model"])["median"]
    count = len(tasks.names())
    return figure(
        alt.layer(
            base.mark_area(opacity=0.18, aria=False).encode(y=alt.Y("low:Q"), y2="high:Q"),
            base.mark_line().encode(y=y),
            base.mark_point(size=70, opacity=1).encode(
                y=y,
                tooltip=tips(
                    "setting:N | Asked",
                    "model:N | Size",
                    "median:Q | Median gain, points | .1f",
                    "low:Q | Lower quartile | .1f",
                    "high:Q | Upper quartile | .1f",
                ),
            ),
        ).properties(height=300),
        title="Only large models gain much from examples",
        subtitle=(
            f"A few examples add {numerals.significant(by_model['few-shot', '175B'], 2)} points to the largest model in the "
            f"median of {numerals.whole(count)} tasks, and {numerals.plain(by_model['few-shot', '125M'], 2)} to the smallest."
        ),
        description="Lines of the median gain over zero-shot by size, with bands from quartile to quartile: "
        + "; ".join(
            f"{row.setting} {row.model} {numerals.significant(row.median, 2)} ({numerals.significant(row.low, 2)} to "
            f"{numerals.significant(row.high, 2)})"
            for row in frame.sort_values(["setting", "parameters"]).itertuples()
        )
        + ".",
        source=f"{_SOURCE}; scores of accuracy, F1 and BLEU alike in points",
    )
