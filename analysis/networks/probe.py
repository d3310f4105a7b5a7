"""Probes: can a single linear map read a property off a network's vectors? (Alain and Bengio 2016)

What such a map reads off, the layer holds openly; what it can't, may still be there, in a form that it does not see.
"""

import numpy as np

_RIDGE = 1e-3


def accuracy(vectors: np.ndarray, labels: np.ndarray, test_vectors: np.ndarray, test_labels: np.ndarray) -> float:
    """Return the share of `test_labels` that a linear map, fitted to the `labels` of `vectors` (n, width), gets right.

    The map is fitted by least squares to one column a label, with a little ridge; the largest column is its answer.
    """
    kinds = np.unique(labels)
    weights = _fit(vectors, labels[:, None] == kinds)
    answers = kinds[(_with_one(test_vectors) @ weights).argmax(axis=1)]
    return float((answers == test_labels).mean())


def guessing(labels: np.ndarray, test_labels: np.ndarray) -> float:
    """Return the share that is right if the most frequent of `labels` is always the answer."""
    kinds, counts = np.unique(labels, return_counts=True)
    return float((test_labels == kinds[counts.argmax()]).mean())


def _fit(vectors: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    x = _with_one(vectors)
    return np.linalg.solve(x.T @ x + _RIDGE * len(x) * np.eye(x.shape[1]), x.T @ wanted.astype(float))


def _with_one(vectors: np.ndarray) -> np.ndarray:
    return np.hstack([np.asarray(vectors, dtype=float), np.ones((len(vectors), 1))])
