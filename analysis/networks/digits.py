"""The handwritten digits that the small networks learn from: 8 × 8 pixels each, from scikit-learn's bundled data set.

They are the test part of the UCI set of Alpaydin and Kaynak (1998), written by 13 people. A random split, as here, puts
digits of one writer on both sides, so accuracies are higher than they would be for a new writer.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from sklearn.datasets import load_digits

SIDE = 8
CLASSES = 10
UNSEEN = 500


@dataclass(frozen=True)
class Digits:
    """Images x (n, 64), pixels from 0 to 1, and their labels (n,), of so many classes."""

    x: np.ndarray
    labels: np.ndarray
    classes: int = CLASSES

    @property
    def images(self) -> "Digits":
        """The same digits as images (n, 8, 8)."""
        return replace(self, x=self.x.reshape(-1, SIDE, SIDE))

    @property
    def odd(self) -> "Digits":
        """The same digits, labelled 1 if odd and 0 if even: a question that no straight boundary answers well."""
        return replace(self, labels=self.labels % 2, classes=2)

    @property
    def wanted(self) -> np.ndarray:
        """The labels as vectors with one 1 (n, classes)."""
        return one_hot(self.labels, self.classes)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen) -> "Digits":
        return replace(self, x=self.x[chosen], labels=self.labels[chosen])


@cache
def _all() -> Digits:
    loaded = load_digits()
    return Digits((loaded.data / 16).astype(np.float32), loaded.target)


def split(seed: int = 0) -> tuple[Digits, Digits]:
    """Return the digits to learn from, in random order, and `UNSEEN` others to judge by."""
    digits = _all()
    order = np.random.default_rng(seed).permutation(len(digits))
    return digits[order[UNSEEN:]], digits[order[:UNSEEN]]


def one_hot(labels: np.ndarray, classes: int = CLASSES) -> np.ndarray:
    """Return `labels` (...) as vectors with one 1 (..., classes)."""
    return np.eye(classes, dtype=np.float32)[labels]
