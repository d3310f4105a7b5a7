"""Four tasks on poems, each in one of GPT-1's four formats (Radford et al. 2018, figure 1 and section 3.3).

Every example is one or more sequences of tokens between start and end. What the model holds at the end token is read off
by a linear head: one for the classes, summed over the sequences; or, in a choice, one score a sequence.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import Field

from analysis import facts
from analysis.networks import poems
from analysis.settings import Settings
from analysis.suggest import nearest

CHOICES = 4
PRE_TRAINED, SCRATCH = "pre-trained", "from scratch"


@dataclass(frozen=True)
class Examples:
    """Examples of a task: `texts`, lists of tokens, by example and sequence, and the right answer of each, (examples,)."""

    texts: list[list[list[str]]]
    labels: np.ndarray

    @property
    def tokens(self) -> np.ndarray:
        """The sequences as token numbers, padded: (examples, sequences, n)."""
        flat = poems.tokens(text for texts in self.texts for text in texts)
        return flat.reshape(len(self.texts), -1, flat.shape[-1])


@dataclass(frozen=True)
class Task:
    """A task: its `format` in GPT-1's terms, the question, the answers, and what makes examples of poems."""

    name: str
    format: str
    question: str
    answers: tuple[str, ...]
    make: Callable[[pd.DataFrame, np.random.Generator], Examples]

    @property
    def chance(self) -> float:
        """The share that guessing gets right."""
        return 1 / len(self.answers)

    def examples(self, use: str, count: int | None = None, seed: int = 0) -> Examples:
        """Return `count` examples of the poems of a use, drawn by `seed`; as many as there are, if not given.

        Raises ValueError for a count below 1, or above what the poems give.
        """
        generator = np.random.default_rng(seed)
        made = self.make(poems.of_use(use), generator)
        most = len(made.labels)
        count = most if count is None else count
        if not 1 <= count <= most:
            raise ValueError(f"count: {count} is not 1 to {most}, the examples that the {use} poems give for {self.name!r}")
        rows = generator.permutation(most)[:count]
        return Examples([made.texts[row] for row in rows], made.labels[rows])


class Shown(Settings):
    """Which example of each task is shown: the `seed` that draws it."""

    seed: int = Field(0, ge=0)


def task(name: str) -> Task:
    """Return the task of that name. Raises ValueError for an unknown one."""
    if name not in TASKS:
        raise ValueError(f"task: {name!r} is not known{nearest(name, TASKS)}; there are: {', '.join(TASKS)}")
    return TASKS[name]


def results() -> pd.DataFrame:
    """Return what was measured after fine-tuning on each task: by task, start, number of labels and seed, with the learning
    rate that is better on average over the seeds, `accuracy` on the test poems."""
    frame = facts.read("generated/poem_tasks")
    cell = ["task", "start", "labels"]
    mean = frame.groupby([*cell, "learning_rate"], sort=False)["accuracy"].mean().reset_index()
    better = mean.loc[mean.groupby(cell, sort=False)["accuracy"].idxmax(), [*cell, "learning_rate"]]
    return frame.merge(better, on=[*cell, "learning_rate"])


def joined(first: str, second: str) -> list[str]:
    """Return the tokens of two texts with the delimiter between them."""
    return [*first, poems.DELIMITER, *second]


def _dynasty(table: pd.DataFrame, generator: np.random.Generator) -> Examples:
    labels = table["dynasty"].map(poems.DYNASTIES.index).to_numpy()
    return Examples([[list(text)] for text in table["text"]], labels)


def _order(table: pd.DataFrame, generator: np.random.Generator) -> Examples:
    couplets = [lines[start : start + 2] for lines in table["lines"] for start in (0, 2)]
    labels = generator.integers(2, size=len(couplets))
    texts = [[joined(*(pair[::-1] if swapped else pair))] for pair, swapped in zip(couplets, labels, strict=True)]
    return Examples(texts, labels)


def _couplets(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the two couplets of each poem."""
    return [(poems.written(lines[:2]), poems.written(lines[2:])) for lines in table["lines"]]


def _others(table: pd.DataFrame, generator: np.random.Generator, count: int) -> np.ndarray:
    """Return for each poem the rows of `count` different other poems with lines of the same length."""
    lengths = table["text"].str.len().to_numpy()
    others = np.empty((len(table), count), dtype=int)
    for row, length in enumerate(lengths):
        alike = np.flatnonzero(lengths == length)
        others[row] = generator.choice(alike[alike != row], count, replace=False)
    return others


def _same_poem(table: pd.DataFrame, generator: np.random.Generator) -> Examples:
    couplets, others = _couplets(table), _others(table, generator, 1)[:, 0]
    labels = generator.integers(2, size=len(couplets))
    seconds = [couplets[other if label else row][1] for row, (other, label) in enumerate(zip(others, labels, strict=True))]
    pairs = [(first, second) for (first, _), second in zip(couplets, seconds, strict=True)]
    return Examples([[joined(first, second), joined(second, first)] for first, second in pairs], labels)


def _continuation(table: pd.DataFrame, generator: np.random.Generator) -> Examples:
    couplets, others = _couplets(table), _others(table, generator, CHOICES - 1)
    labels = generator.integers(CHOICES, size=len(couplets))
    texts = []
    for row, (first, _) in enumerate(couplets):
        rows = [*others[row]]
        rows.insert(labels[row], row)
        texts.append([joined(first, couplets[other][1]) for other in rows])
    return Examples(texts, labels)


TASKS = {
    task.name: task
    for task in (
        Task("Dynasty", "Classification", "Is the poem of the Tang or of the Song?", poems.DYNASTIES, _dynasty),
        Task("Order", "Entailment", "Does the second line follow, or are the two swapped?", ("Follows", "Swapped"), _order),
        Task("Same poem", "Similarity", "Are the couplets of one poem, or of two?", ("One poem", "Two poems"), _same_poem),
        Task("Continuation", "Choice", "Which couplet goes on with the poem?", tuple("ABCD"), _continuation),
    )
}  # fmt: skip
