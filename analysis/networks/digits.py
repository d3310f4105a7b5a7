"""The handwritten digits that the small networks learn from: 8 × 8 pixels each, from scikit-learn's bundled data set.

They are the test part of the UCI set of Alpaydin and Kaynak (1998), written by 13 people. A random split, as here, puts
digits of one writer on both sides, so accuracies are higher than they would be for a new writer.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_digits

SIDE = 8
CLASSES = 10
UNSEEN = 500


@dataclass(frozen=True)
class Digits:
    """Images x (n, 64), pixels from 0 to 1, and their labels (n,)."""

    x: np.ndarray
    labels: np.ndarray

    @property
    def images(self) -> "Digits":
        """The same digits as images (n, 8, 8)."""
        return Digits(self.x.reshape(-1, SIDE, SIDE), self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen) -> "Digits":
        return Digits(self.x[chosen], self.labels[chosen])


@cache
def _all() -> Digits:
    loaded = load_digits()
    return Digits((loaded.data / 16).astype(np.float32), loaded.target)


def split(seed: int = 0) -> tuple[Digits, Digits]:
    """Return the digits to learn from, in random order, and `UNSEEN` others to judge by."""
    digits = _all()
    order = np.random.default_rng(seed).permutation(len(digits))
    return digits[order[UNSEEN:]], digits[order[:UNSEEN]]


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Return `labels` (...) as vectors with one 1 (..., 10)."""
    return np.eye(CLASSES, dtype=np.float32)[labels]
