"""The linear layer: rows times a matrix, plus a vector."""

from typing import NamedTuple

import numpy as np


class Linear(NamedTuple):
    """A layer that maps rows of k numbers to rows of n. `weight` is (k, n), `bias` (n,)."""

    weight: np.ndarray
    bias: np.ndarray | float = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return `x` (..., k) times the weight, plus the bias: (..., n)."""
        return x @ self.weight + self.bias

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.weight.size + np.size(self.bias) * isinstance(self.bias, np.ndarray)
