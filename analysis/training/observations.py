"""Published rows of runs that can be predicted, each with what it asks of the prediction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from analysis import facts
from analysis.training import runs
from analysis.training.runs import Run

Question = TypeVar("Question")

#: Rows that can be predicted since redundant experts can be; they wait for the next fit.
WAITING = frozenset({"deepseek-day6-decode"})


@dataclass(frozen=True)
class Observations(Generic[Question]):
    """Rows in the format of data/runs.csv, and the question of each."""

    rows: pd.DataFrame
    questions: tuple[Question, ...]

    def take(self, chosen: Any) -> "Observations[Question]":
        """Return the observations that the mask `chosen` selects."""
        kept = tuple(one for one, keep in zip(self.questions, chosen, strict=True) if keep)
        return Observations(self.rows[chosen].reset_index(drop=True), kept)


def read(kinds: Collection[str], question: Callable[[Run], Question]) -> Observations[Question]:
    """Return the published rows of `kinds` of which `question` raises no RunsError, usable ones and others.

    Those that are `WAITING` are left out.
    """
    table = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
    kept, questions = [], []
    for index, row in table[table["kind"].isin(kinds) & ~table["run_id"].isin(WAITING)].iterrows():
        try:
            questions.append(question(runs.parsed(row)))
        except runs.RunsError:
            continue
        kept.append(index)
    return Observations(table.loc[kept].reset_index(drop=True), tuple(questions))
