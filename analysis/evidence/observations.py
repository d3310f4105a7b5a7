"""Published rows of runs that can be predicted, each with what it asks of the prediction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from analysis import facts
from analysis.evidence import runs
from analysis.evidence.runs import Run

Question = TypeVar("Question")


@dataclass(frozen=True)
class Observations(Generic[Question]):
    """Rows in the format of data/runs.csv, and the question of each."""

    rows: pd.DataFrame
    questions: tuple[Question, ...]

    def take(self, chosen: Any) -> "Observations[Question]":
        """Return the observations that the mask `chosen` selects."""
        kept = tuple(question for question, keep in zip(self.questions, chosen, strict=True) if keep)
        return Observations(self.rows[chosen].reset_index(drop=True), kept)

    def usable(self) -> "Observations[Question]":
        """Return the observations that say enough to be fitted to."""
        return self.take((self.rows["usable"] == "yes").to_numpy())


def read(kinds: Collection[str], question: Callable[[Run], Question]) -> Observations[Question]:
    """Return the published rows of `kinds` of which `question` raises no RunsError, usable ones and others."""
    table = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
    kept, questions = [], []
    for index, row in table[table["kind"].isin(kinds)].iterrows():
        try:
            questions.append(question(runs.parsed(row)))
        except runs.RunsError:
            continue
        kept.append(index)
    return Observations(table.loc[kept].reset_index(drop=True), tuple(questions))
