"""GPT-1's recipe on poems: the four formats of its tasks, and what pre-training is worth by number of labels."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.networks import poem_tasks, poems
from analysis.networks.poem_tasks import PRE_TRAINED, SCRATCH, Task

_NAMES = {PRE_TRAINED: "Pre-trained, then fine-tuned", SCRATCH: "Trained from scratch"}
_SHOWN = {"<start>": "⟨start⟩", "<end>": "⟨extract⟩", poems.DELIMITER: "⟨delim⟩"}


def formats(seed: int = 0) -> pd.DataFrame:
    """Return an example of each task as the network reads it, with its answer, as a table."""
    rows = []
    for task in poem_tasks.TASKS.values():
        examples = task.examples(poems.TEST, 1, seed)
        rows.append(
            {
                "Task": f"{task.format}\n{task.question}\n{task.answers[examples.labels[0]]}",
                "Sequences of tokens": "\n".join(_sequence(text) for text in examples.texts[0]),
            }
        )
    return pd.DataFrame(rows)


def by_labels(frame: pd.DataFrame, task: Task) -> alt.LayerChart:
    """Return the accuracy on a task by number of labelled examples, pre-trained and from scratch; a point for each seed."""
    rows = frame[frame["task"] == task.name]
    rows = rows.assign(network=rows["start"].map(_NAMES), share=rows["accuracy"])
    mean = rows.groupby(["network", "start", "labels"], sort=False)["share"].mean().reset_index()
    at = mean.set_index(["start", "labels"])["share"]
    fewest, most = int(rows["labels"].min()), int(rows["labels"].max())
    x = alt.X("labels:Q", title="Labelled examples", scale=alt.Scale(type="log", nice=False, padding=12),
              axis=alt.Axis(values=sorted(rows["labels"].unique().tolist()), format=","))  # fmt: skip
    y = alt.Y("share:Q", title="Right on unseen poems", axis=alt.Axis(format="%"), scale=alt.Scale(zero=False))
    colour = alt.Color("network:N", title=None, sort=list(_NAMES.values()), legend=alt.Legend(columns=1))
    tooltip = tips("network:N | Network", "labels:Q | Labelled examples | ,", "share:Q | Right | .1%")
    guess = alt.Chart(pd.DataFrame([{"share": task.chance}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=y)
    columns = ["network", "labels", "share"]
    return figure(
        alt.layer(
            guess,
            alt.Chart(mean[columns]).mark_line().encode(x=x, y=y, color=colour, tooltip=tooltip),
            alt.Chart(rows[columns])
            .mark_point(filled=True, size=50, opacity=0.6)
            .encode(x=x, y=y, color=colour, tooltip=tooltip),
        ).properties(height=280),
        title="Pre-trained beside started from scratch, by number of labels",
        subtitle=(
            f"{task.question} With {most} labels the pre-trained network is right in "
            f"{numerals.percent(at[PRE_TRAINED, most])}, the one from scratch in {numerals.percent(at[SCRATCH, most])}; with "
            f"{fewest}, in {numerals.percent(at[PRE_TRAINED, fewest])} and {numerals.percent(at[SCRATCH, fewest])}."
        ),
        description="Lines of the mean accuracy by number of labelled examples, points for seeds; the dashed line is guessing. "
        + "; ".join(f"{row.network}, {row.labels:.0f} labels: {numerals.percent(row.share)}" for row in mean.itertuples())
        + ".",
        source=_source(rows),
    )


def four_tasks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy on each task with the most labels that were tried, as a table."""
    most = int(frame["labels"].max())
    mean = frame[frame["labels"] == most].groupby(["task", "start"])["accuracy"].mean()
    return pd.DataFrame(
        [
            {
                "Task": f"{task.format}\n{task.name}",
                "Guessing": numerals.percent(task.chance),
                SCRATCH.capitalize(): numerals.percent(mean[task.name, SCRATCH]),
                PRE_TRAINED.capitalize(): numerals.percent(mean[task.name, PRE_TRAINED]),
            }
            for task in poem_tasks.TASKS.values()
        ]
    )


def _sequence(text: list[str]) -> str:
    return " ".join([_SHOWN["<start>"], *_runs(text), _SHOWN["<end>"]])


def _runs(text: list[str]) -> list[str]:
    """Return the characters between delimiters as one run each."""
    joined = "".join(_SHOWN.get(token, token) for token in text)
    return joined.replace(_SHOWN[poems.DELIMITER], f" {_SHOWN[poems.DELIMITER]} ").split()


def _source(frame: pd.DataFrame) -> str:
    return (
        f"data/generated/poem_tasks.csv, measured by training/poem_tasks.py on {frame['tested'].iloc[0]:.0f} examples; of two "
        "learning rates, the better in each case"
    )
