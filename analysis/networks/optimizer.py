"""Optimizers (优化算法): how a gradient becomes a change of the weights. Each changes arrays in place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np


class Optimizer(Protocol):
    """Anything that steps."""

    def step(self, arrays: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Change `arrays`, given the derivative of the loss by each."""


@dataclass
class GradientDescent:
    """Down the slope by `rate` times the gradient; with `momentum`, the way so far goes on."""

    rate: float
    momentum: float = 0.0
    _going: list[np.ndarray] = field(default_factory=list, repr=False)

    def step(self, arrays: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Change `arrays`, given the derivative of the loss by each."""
        self._going = self._going or [np.zeros_like(array) for array in arrays]
        for array, gradient, going in zip(arrays, gradients, self._going, strict=True):
            going *= self.momentum
            going += gradient
            array -= self.rate * going


@dataclass
class Adam:
    """Steps of about `rate` for every weight: the gradient's mean over the root of its mean square (Kingma and Ba 2015)."""

    rate: float
    first: float = 0.9
    second: float = 0.999
    _steps: int = 0
    _mean: list[np.ndarray] = field(default_factory=list, repr=False)
    _square: list[np.ndarray] = field(default_factory=list, repr=False)

    def step(self, arrays: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Change `arrays`, given the derivative of the loss by each."""
        self._mean = self._mean or [np.zeros_like(array) for array in arrays]
        self._square = self._square or [np.zeros_like(array) for array in arrays]
        self._steps += 1
        # Both means begin at 0; the divisors undo that.
        first, second = 1 - self.first**self._steps, 1 - self.second**self._steps
        for array, gradient, mean, square in zip(arrays, gradients, self._mean, self._square, strict=True):
            mean += (1 - self.first) * (gradient - mean)
            square += (1 - self.second) * (gradient**2 - square)
            array -= self.rate * (mean / first) / (np.sqrt(square / second) + 1e-8)
