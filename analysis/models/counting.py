"""A network that counts its own multiplications: the factors 2 and 6 as a measurement.

Dense layers with ReLU run forward and backward in NumPy, and every matrix product adds its multiplications and
additions to a counter. The gradients are checked against finite differences, so that what is counted is a real
backward pass.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Count:
    """FLOP of one pass of `tokens` through a network of `parameters` weights."""

    parameters: int
    tokens: int
    forward: int
    backward: int
    first_layer: int  # FLOP that the backward pass saves because nothing lies before the first layer
    gradient_error: float  # largest relative difference between a gradient and its finite difference

    @property
    def forward_per_parameter_and_token(self) -> float:
        """Forward FLOP for each parameter and token."""
        return self.forward / (self.parameters * self.tokens)

    @property
    def backward_per_parameter_and_token(self) -> float:
        """Backward FLOP for each parameter and token."""
        return self.backward / (self.parameters * self.tokens)

    @property
    def first_layer_share(self) -> float:
        """What the first layer's missing input gradient saves, as a share of a full backward pass."""
        return self.first_layer / (self.backward + self.first_layer)


def count(widths: tuple[int, ...], tokens: int, seed: int) -> Count:
    """Return the counted FLOP of one forward and backward pass through dense layers of the given `widths`."""
    random = np.random.default_rng(seed)
    weights = [random.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out)) for fan_in, fan_out in pairwise(widths)]
    inputs = random.normal(size=(tokens, widths[0]))
    targets = random.normal(size=(tokens, widths[-1]))

    counter = _Counter()
    activations = _forward(inputs, weights, counter)
    forward = counter.flop
    gradients = _backward(activations, targets, weights, counter)
    return Count(
        parameters=sum(weight.size for weight in weights),
        tokens=tokens,
        forward=forward,
        backward=counter.flop - forward,
        first_layer=2 * tokens * weights[0].size,
        gradient_error=_gradient_error(inputs, targets, weights, gradients, random),
    )


class _Counter:
    """Matrix products that are counted: an m×k by k×n product takes m·k·n multiplications and as many additions."""

    def __init__(self) -> None:
        self.flop = 0

    def matmul(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        self.flop += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        product: np.ndarray = a @ b
        return product


def _forward(inputs: np.ndarray, weights: list[np.ndarray], counter: _Counter) -> list[np.ndarray]:
    """Return the input of every layer, and the output of the last."""
    activations = [inputs]
    for index, weight in enumerate(weights):
        output = counter.matmul(activations[-1], weight)
        activations.append(output if index == len(weights) - 1 else np.maximum(output, 0))
    return activations


def _backward(
    activations: list[np.ndarray], targets: np.ndarray, weights: list[np.ndarray], counter: _Counter
) -> list[np.ndarray]:
    """Return the gradient of the mean squared error for each weight matrix, the first layer's first."""
    gradients: list[np.ndarray] = []
    flowing = 2 * (activations[-1] - targets) / targets.size
    for index in reversed(range(len(weights))):
        gradients.insert(0, counter.matmul(activations[index].T, flowing))
        if index:
            flowing = counter.matmul(flowing, weights[index].T) * (activations[index] > 0)
    return gradients


def _gradient_error(
    inputs: np.ndarray,
    targets: np.ndarray,
    weights: list[np.ndarray],
    gradients: list[np.ndarray],
    random: np.random.Generator,
    probes: int = 12,
    step: float = 1e-5,
) -> float:
    """Return the largest relative difference between some gradients and their central finite differences."""

    def loss() -> float:
        return float(np.mean((_forward(inputs, weights, _Counter())[-1] - targets) ** 2))

    worst = 0.0
    for _ in range(probes):
        layer = int(random.integers(len(weights)))
        place = tuple(random.integers(weights[layer].shape))
        kept = weights[layer][place]
        weights[layer][place] = kept + step
        above = loss()
        weights[layer][place] = kept - step
        below = loss()
        weights[layer][place] = kept
        exact = gradients[layer][place]
        worst = max(worst, abs((above - below) / (2 * step) - exact) / (abs(exact) + 1e-9))
    return worst
