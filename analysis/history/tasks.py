"""Tasks of GPT-3 by its size and the number of examples in the prompt: table H.1 of its paper, from data/gpt3_tasks.csv."""

import pandas as pd
from pydantic import field_validator

from analysis import facts
from analysis.settings import Settings
from analysis.suggest import nearest

SETTINGS = ("zero-shot", "one-shot", "few-shot")


class TaskError(ValueError):
    """A task or a size that is not in the table; the message names the nearest."""


class Chosen(Settings):
    """The settings of the notebook on tasks: the one that its text is about."""

    task: str

    @field_validator("task")
    @classmethod
    def _known(cls, name: str) -> str:
        rows(name)
        return name


def table() -> pd.DataFrame:
    """Return scores by task, setting and size."""
    return facts.read("gpt3_tasks")


def names() -> list[str]:
    """Return the tasks in the order of the alphabet."""
    return sorted(table()["task"].unique(), key=str.casefold)


def rows(task: str) -> pd.DataFrame:
    """Return the rows of one task. Raises TaskError."""
    frame = table()
    if task not in set(frame["task"]):
        raise TaskError(f"task {task!r} is not in data/gpt3_tasks.csv{nearest(task, names())}")
    return frame[frame["task"] == task].reset_index(drop=True)


def score(task: str, setting: str, model: str) -> float:
    """Return the score of one size of GPT-3, such as "175B". Raises TaskError."""
    frame = rows(task).set_index(["setting", "model"])["score"]
    for what, name, known in (("setting", setting, SETTINGS), ("size", model, list(table()["model"].unique()))):
        if name not in known:
            raise TaskError(f"{what} {name!r} is not in data/gpt3_tasks.csv{nearest(name, known)}; there are: {', '.join(known)}")
    return float(frame[setting, model])


def gains() -> pd.DataFrame:
    """Return what examples add to the score without any, by task, size and setting (one-shot and few-shot), in points."""
    wide = table().pivot(index=["task", "metric", "model", "parameters"], columns="setting", values="score")
    frames = [
        (wide[setting] - wide["zero-shot"]).rename("gain").reset_index().assign(setting=setting) for setting in SETTINGS[1:]
    ]
    return pd.concat(frames, ignore_index=True)


def median_gains() -> pd.DataFrame:
    """Return the median and the quartiles of `gains` over the tasks, by size and setting."""
    grouped = gains().groupby(["setting", "model", "parameters"])["gain"]
    return grouped.quantile([0.25, 0.5, 0.75]).unstack().set_axis(["low", "median", "high"], axis=1).reset_index()
