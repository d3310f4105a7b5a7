"""Published rows of runs that can be predicted, each with what it asks of the prediction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pandas as pd

from analysis import facts
from analysis.training import runs
from analysis.training.runs import Run

Question = TypeVar("Question")

#: Rows that can be predicted since redundant experts can be, and models whose layers can be told apart since the last
#: fit; they wait for the next one. `FITTED_AS` is what a model was fitted as.
WAITING = frozenset({"deepseek-day6-decode"})
WAITING_MODELS = frozenset({"Qwen3.5-397B-A17B"})
FITTED_AS = {"GLM-5": "GLM-5 as full attention"}


@dataclass(frozen=True)
class Observations(Generic[Question]):
    """Rows in the format of data/runs.csv, and the question of each."""

    rows: pd.DataFrame
    questions: tuple[Question, ...]

    def take(self, chosen: Any) -> "Observations[Question]":
        """Return the observations that the mask `chosen` selects."""
        kept = tuple(one for one, keep in zip(self.questions, chosen, strict=True) if keep)
        return Observations(self.rows[chosen].reset_index(drop=True), kept)

    def usable(self) -> "Observations[Question]":
        """Return the observations that say enough to be fitted to."""
        return self.take((self.rows["usable"] == "yes").to_numpy())


def read(kinds: Collection[str], question: Callable[[Run], Question]) -> Observations[Question]:
    """Return the published rows of `kinds` of which `question` raises no RunsError, usable ones and others.

    Those that are `WAITING` are left out.
    """
    table = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
    kept, questions = [], []
    waiting = table["run_id"].isin(WAITING) | table["model"].isin(WAITING_MODELS)
    for index, row in table[table["kind"].isin(kinds) & ~waiting].iterrows():
        try:
            questions.append(question(runs.parsed({**row, "model": FITTED_AS.get(row["model"], row["model"])})))
        except runs.RunsError:
            continue
        kept.append(index)
    return Observations(table.loc[kept].reset_index(drop=True), tuple(questions))
