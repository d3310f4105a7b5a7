"""The recall task: one symbol of a sequence is marked, and after the last the network has to say which it was.

How far back a network can remember is then a number: its accuracy by the distance between the marked symbol and the
end. A token is `SYMBOLS` numbers, one of them 1, and one more that is 1 at the marked symbol.
"""

from dataclasses import dataclass

import numpy as np

from analysis.networks import weights
from analysis.networks.attention import scaled_dot_product
from analysis.networks.linear import Linear
from analysis.networks.recurrent import GRU, PlainRNN

SYMBOLS = 8
LENGTH = 32
WIDTH = 24
SEEDS = (0, 1, 2)
#: The networks, by the name under which their weights are stored.
KINDS = {"plain": "Plain RNN", "gated": "Gated RNN (GRU)", "attention": "Attention"}


@dataclass(frozen=True)
class Reader:
    """A network for the task: what carries the tokens to the end, and `readout` from there to a score for each symbol."""

    carrier: "PlainRNN | GRU | LastToken"
    readout: Linear

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (..., SYMBOLS) after the sequence `x` (..., n, SYMBOLS + 1)."""
        return self.readout(self.carrier(x)[..., -1, :])

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.carrier.parameters + self.readout.parameters


@dataclass(frozen=True)
class LastToken:
    """One head of attention whose last token asks all tokens at once; it has no position, and needs none here."""

    query: Linear
    key: Linear
    value: Linear

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return what the last token of `x` (..., n, k) finds: (..., 1, d)."""
        return scaled_dot_product(self.query(x[..., -1:, :]), self.key(x), self.value(x)).output

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return self.query.parameters + self.key.parameters + self.value.parameters


def sequences(count: int, distance: int | np.ndarray, random: np.random.Generator, length: int = LENGTH):
    """Return `count` sequences (count, length, SYMBOLS + 1) and the symbol marked in each (count,).

    `distance` is how many tokens after the marked one the sequence ends: 0 to length - 1.
    """
    symbols = random.integers(SYMBOLS, size=(count, length))
    x = np.concatenate([np.eye(SYMBOLS)[symbols], np.zeros((count, length, 1))], axis=-1)
    marked = length - 1 - np.broadcast_to(distance, count)
    every = np.arange(count)
    x[every, marked, SYMBOLS] = 1
    return x, symbols[every, marked]


def load(kind: str, seed: int) -> Reader:
    """Return the trained network of a kind and a seed. Raises WeightsError."""
    stored = weights.load("recall")
    arrays = {name.split(".", 2)[2]: value for name, value in stored.items() if name.startswith(f"{kind}.{seed}.")}
    return assemble(kind, arrays)


def assemble(kind: str, arrays: dict[str, np.ndarray]) -> Reader:
    """Return the network of a kind from its arrays, by name."""
    readout = Linear(arrays["readout.weight"], arrays["readout.bias"])
    if kind == "attention":
        parts = {name: Linear(arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in ("query", "key", "value")}
        return Reader(LastToken(**parts), readout)
    input_bias, recurrent_bias = arrays["input_bias"], arrays["recurrent_bias"]
    if kind == "plain":
        return Reader(PlainRNN(arrays["input"], arrays["recurrent"], input_bias + recurrent_bias), readout)
    return Reader(GRU(arrays["input"], arrays["recurrent"], input_bias, recurrent_bias), readout)
