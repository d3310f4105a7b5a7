"""Dense networks (全连接网络): linear layers, with an activation between them; forward, and backward for training.

Several networks of one shape may be stacked and run at once: a leading axis of the weights then counts them, and x has
the same axis, or none if all read the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.networks.attention import softmax
from analysis.networks.linear import Linear


@dataclass(frozen=True)
class Dense:
    """Linear layers, first to last. With `activation`, the rectified linear unit max(0, x) stands after all but the last."""

    layers: tuple[Linear, ...]
    activation: bool = True

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (..., n, classes) of the rows of `x` (..., n, k)."""
        return self.outputs(x)[-1]

    def outputs(self, x: np.ndarray) -> list[np.ndarray]:
        """Return `x` and the output of each layer, the last of them the scores."""
        outputs = [x]
        for number, layer in enumerate(self.layers, start=1):
            output = layer(outputs[-1])
            outputs.append(np.maximum(output, 0) if self.activation and number < len(self.layers) else output)
        return outputs

    @property
    def arrays(self) -> list[np.ndarray]:
        """The weights and biases, which an optimizer changes in place."""
        return [array for layer in self.layers for array in layer]

    @property
    def parameters(self) -> int:
        """The number of weights and biases; of all, where networks are stacked."""
        return sum(array.size for array in self.arrays)

    def gradients(self, x: np.ndarray, wanted: np.ndarray, squared: bool = False) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the loss, and its derivative by each of `arrays`, over the rows of `x` (..., n, k).

        `wanted` (..., n, classes) has a 1 at the right class. The loss is the cross-entropy (交叉熵), or the squared error
        of the scores if `squared`; both are means over rows.
        """
        outputs = self.outputs(x)
        loss, flowing = (squared_error if squared else cross_entropy)(outputs[-1], wanted)
        return loss, self.backward(outputs, flowing)

    def backward(self, outputs: Sequence[np.ndarray], flowing: np.ndarray) -> list[np.ndarray]:
        """Return the derivative of a loss by each of `arrays`, given that by the scores, `flowing` (..., n, classes).

        `outputs` is what `outputs(x)` returned.
        """
        gradients: list[np.ndarray] = []
        for number in reversed(range(len(self.layers))):
            weight = np.swapaxes(outputs[number], -1, -2) @ flowing
            gradients[:0] = [weight, flowing.sum(axis=-2, keepdims=True).reshape(self.layers[number].bias.shape)]
            if number:
                flowing = flowing @ np.swapaxes(self.layers[number].weight, -1, -2)
                flowing *= outputs[number] > 0 if self.activation else 1
        return gradients

    def collapsed(self) -> Linear:
        """Return the one linear layer that does the same. Raises ValueError if there is an activation in between."""
        if self.activation and len(self.layers) > 1:
            raise ValueError("an activation stands between the layers: no single linear layer does the same")
        product = self.layers[0]
        for layer in self.layers[1:]:
            product = Linear(product.weight @ layer.weight, product.bias @ layer.weight + layer.bias)
        return product


def parameters(widths: Sequence[int]) -> int:
    """Return how many weights and biases a dense network of these `widths` has, from input to output."""
    return sum(fan_in * fan_out + fan_out for fan_in, fan_out in pairwise(widths))


def initial(widths: Sequence[int], random: np.random.Generator, stack: int = 0, activation: bool = True) -> Dense:
    """Return a network of random weights (He et al. 2015), from input to output of these `widths`; `stack` of them, if given."""
    lead = (stack,) if stack else ()
    layers = []
    for fan_in, fan_out in pairwise(widths):
        scale = ((2 if activation else 1) / fan_in) ** 0.5
        weight = random.normal(0, scale, (*lead, fan_in, fan_out)).astype(np.float32)
        layers.append(Linear(weight, np.zeros((*lead, 1, fan_out) if stack else (fan_out,), np.float32)))
    return Dense(tuple(layers), activation)


def cross_entropy(scores: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over rows of -log p of the right class (...), and its derivative by the `scores` (..., n, classes)."""
    shares = softmax(scores)
    loss = -np.log(np.maximum((shares * wanted).sum(axis=-1), 1e-12)).mean(axis=-1)
    return loss, (shares - wanted) / scores.shape[-2]


def squared_error(scores: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over rows of the squared distance from `wanted` (...), and its derivative by the `scores`."""
    off = scores - wanted
    return (off**2).sum(axis=-1).mean(axis=-1), 2 * off / scores.shape[-2]
