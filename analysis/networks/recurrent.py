"""Recurrent networks: a state that is carried from token to token, and changed by each.

A sequence is x (..., n, k): n tokens of k numbers each. Whatever a later token learns of an earlier one passes through
the states between them, one after the other. The equations are PyTorch's, so that its weights can be used.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PlainRNN:
    """The recurrence h' = tanh(x W + h U + b) (Elman 1990). `input` is W (k, d), `recurrent` U (d, d), `bias` b (d,)."""

    input: np.ndarray
    recurrent: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the state after each token of `x` (..., n, k), from a state of zeros: (..., n, d)."""
        state = np.zeros((*x.shape[:-2], self.recurrent.shape[0]))
        states = []
        for t in range(x.shape[-2]):  # no step can begin before the one before it has ended
            state = np.tanh(x[..., t, :] @ self.input + state @ self.recurrent + self.bias)
            states.append(state)
        return np.stack(states, axis=-2)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.input.size + self.recurrent.size + self.bias.size


@dataclass(frozen=True)
class GRU:
    """The gated recurrent unit (Cho et al. 2014): gates decide, number by number, what of the state is kept.

    `input` (k, 3 d) and `recurrent` (d, 3 d) hold the reset gate, the update gate and the candidate side by side, as do
    the biases (3 d,).
    """

    input: np.ndarray
    recurrent: np.ndarray
    input_bias: np.ndarray
    recurrent_bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the state after each token of `x` (..., n, k), from a state of zeros: (..., n, d)."""
        state = np.zeros((*x.shape[:-2], self.recurrent.shape[0]))
        states = []
        for t in range(x.shape[-2]):
            from_input = np.split(x[..., t, :] @ self.input + self.input_bias, 3, axis=-1)
            from_state = np.split(state @ self.recurrent + self.recurrent_bias, 3, axis=-1)
            reset = _sigmoid(from_input[0] + from_state[0])
            update = _sigmoid(from_input[1] + from_state[1])
            candidate = np.tanh(from_input[2] + reset * from_state[2])
            state = (1 - update) * candidate + update * state  # where the gate is 1, the state passes unchanged
            states.append(state)
        return np.stack(states, axis=-2)

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.input.size + self.recurrent.size + self.input_bias.size + self.recurrent_bias.size


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))  # the same as 1 / (1 + e^-x), and never overflows
