"""Word vectors trained on running text, and what their differences say: man is to woman as king is to what?

The vectors are GloVe's (Pennington et al. 2014), for the most frequent words; `training/word_vectors.py` extracts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd
from pydantic import field_validator

from analysis import facts
from analysis.networks import weights
from analysis.settings import Settings
from analysis.suggest import nearest

#: Questions that the chapter shows, some with an answer that people would give.
EXAMPLES = (
    ("man", "woman", "king"),
    ("france", "paris", "japan"),
    ("go", "went", "see"),
    ("big", "bigger", "small"),
    ("hot", "cold", "high"),
    ("japan", "yen", "russia"),
    ("dog", "puppy", "cat"),
)

#: Questions scored at a time: with all of GloVe's words, more would take too much memory.
_BLOCK = 200


class UnknownWordError(LookupError):
    """A word that has no vector; the message names it and the nearest that has one."""


@dataclass(frozen=True, eq=False)
class WordVectors:
    """`words`, most frequent first, and the vector of each, (words, width), of length 1."""

    words: tuple[str, ...]
    vectors: np.ndarray

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    def row(self, word: str) -> int:
        """Return the row of `word`. Raises UnknownWordError."""
        if word not in self._rows:
            raise UnknownWordError(f"{word!r} is not among the {len(self.words):,} words{nearest(word, self.words)}")
        return self._rows[word]

    def vector(self, word: str) -> np.ndarray:
        """Return the vector of `word`, (width,). Raises UnknownWordError."""
        return self.vectors[self.row(word)]

    def nearest(self, target: np.ndarray, count: int, without: tuple[str, ...] = ()) -> list[tuple[str, float]]:
        """Return the `count` words whose vectors have the largest cosine to `target`, with it, the words `without`
        left out."""
        cosines = self.vectors @ target / np.linalg.norm(target)
        order = np.argsort(-cosines, kind="stable")
        kept = (row for row in order if self.words[row] not in without)
        return [(self.words[row], float(cosines[row])) for row, _ in zip(kept, range(count), strict=False)]

    def analogy(self, first: str, second: str, third: str, count: int = 5, *, exclude: bool = True) -> list[tuple[str, float]]:
        """Return the words nearest to second − first + third: what `third` is to as `first` is to `second`.

        By custom the three words are left out; `exclude=False` leaves them in.
        """
        target = self.vector(second) - self.vector(first) + self.vector(third)
        return self.nearest(target, count, (first, second, third) if exclude else ())


class Analogy(Settings):
    """`first` is to `second` as `third` is to what?"""

    first: str = "man"
    second: str = "woman"
    third: str = "king"

    @field_validator("*")
    @classmethod
    def _has_a_vector(cls, word: str) -> str:
        try:
            load().row(word)
        except UnknownWordError as exc:
            raise ValueError(exc.args[0]) from exc
        return word


@cache
def load() -> WordVectors:
    """Return the extracted vectors. Raises weights.WeightsError."""
    arrays = weights.load("word_vectors")
    return unit(tuple(map(str, arrays["words"])), arrays["vectors"])


def unit(words: tuple[str, ...], vectors: np.ndarray) -> WordVectors:
    """Return the `words` with their `vectors` (words, width) brought to length 1."""
    vectors = vectors.astype(np.float32)
    return WordVectors(words, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def pairs() -> dict[str, list[tuple[str, str]]]:
    """Return the pairs of words of each relation, from `data/word_pairs.csv`."""
    frame = facts.read("word_pairs")
    return {
        relation: list(zip(group["first"], group["second"], strict=True))
        for relation, group in frame.groupby("relation", sort=False)
    }


def relation_of(first: str, second: str) -> list[tuple[str, str]]:
    """Return the pairs of the relation that has `first` and `second` as a pair; those two alone where none has."""
    return next((relation for relation in pairs().values() if (first, second) in relation), [(first, second)])


def questions(relation: list[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    """Return every question that two different pairs of a relation make: three words, and the one wanted."""
    analogies = [(*pair, *other) for pair in relation for other in relation if pair != other]
    return [question for question in analogies if question[3] not in question[:3]]


def scores(vectors: WordVectors, relations: dict[str, list[tuple[str, str]]]) -> pd.DataFrame:
    """Return how far the answers to the questions of each relation are right.

    `right` is the share with the three words excluded, as is the custom, and `right_of_all` with no word excluded; then
    `repeats_third` and `repeats_second` are the shares in which a given word comes back. `right_without_offset` takes
    the third word's nearest neighbour, the other two excluded, and so asks what the offset adds (Linzen 2016).
    `parallel` is the mean cosine between the differences of two pairs.
    """
    return pd.DataFrame([{"relation": name} | _scored(vectors, relation) for name, relation in relations.items()])


def _scored(vectors: WordVectors, relation: list[tuple[str, str]]) -> dict[str, float]:
    rows = np.array([[vectors.row(word) for word in question] for question in questions(relation)])
    answers = np.vstack([_answers(vectors, block) for block in _blocks(rows)])
    excluded, of_all, without_offset = answers.T
    return {
        "questions": len(rows),
        "right": np.mean(excluded == rows[:, 3]),
        "right_of_all": np.mean(of_all == rows[:, 3]),
        "repeats_third": np.mean(of_all == rows[:, 2]),
        "repeats_second": np.mean(of_all == rows[:, 1]),
        "right_without_offset": np.mean(without_offset == rows[:, 3]),
        "parallel": parallel(vectors, relation),
    }


def _blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _answers(vectors: WordVectors, rows: np.ndarray) -> np.ndarray:
    """Return the answers to the questions `rows` (n, 4): excluding the given, of all words, without the offset; (n,
    3)."""
    first, second, third = (vectors.vectors[rows[:, place]] for place in range(3))
    given = np.arange(len(rows))[:, None], rows[:, :3]
    cosines = (second - first + third) @ vectors.vectors.T
    of_all = cosines.argmax(axis=1)
    cosines[given] = -np.inf
    excluded = cosines.argmax(axis=1)
    neighbours = third @ vectors.vectors.T
    neighbours[given] = -np.inf
    return np.column_stack([excluded, of_all, neighbours.argmax(axis=1)])


def parallel(vectors: WordVectors, relation: list[tuple[str, str]]) -> float:
    """Return the mean cosine between the differences of two pairs of a relation, in all dimensions."""
    differences = np.array([vectors.vector(second) - vectors.vector(first) for first, second in relation])
    differences /= np.linalg.norm(differences, axis=1, keepdims=True)
    cosines = differences @ differences.T
    return float(cosines[np.triu_indices(len(relation), 1)].mean())
