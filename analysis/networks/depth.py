"""Depth (深度): what more hidden layers do to a network, with an activation between them and without."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.networks import dense, digits, learning
from analysis.networks.dense import Dense
from analysis.networks.digits import Digits
from analysis.networks.linear import Linear
from analysis.networks.optimizer import Adam
from analysis.settings import Settings

_RATE, _BATCH = 0.003, 64


class Depths(Settings):
    """The networks that are compared, and how long each learns."""

    width: int = Field(32, ge=1, le=128, description="units of each hidden layer")
    deepest: int = Field(8, ge=2, le=12, description="hidden layers of the deepest network")
    epochs: int = Field(20, ge=1, le=60, description="passes over the digits")
    seeds: int = Field(3, ge=1, le=8, description="networks of each kind")

    @property
    def depths(self) -> tuple[int, ...]:
        """How many hidden layers the networks have: none, and powers of two up to the deepest."""
        return (0, *(2**power for power in range(4) if 2**power < self.deepest), self.deepest)

    def widths(self, depth: int, classes: int = digits.CLASSES) -> tuple[int, ...]:
        """Return the widths of the layers of a network with `depth` hidden ones, from input to output."""
        return (digits.SIDE**2, *[self.width] * depth, classes)

    def trained(self, depth: int, learn: Digits, seed: int, *, activation: bool) -> Dense:
        """Return a network of `depth` hidden layers that has learnt from `learn`."""
        widths = self.widths(depth, learn.classes)
        network = dense.initial(widths, np.random.default_rng(seed), activation=activation)
        for _ in learning.train(network, learn, Adam(_RATE), self.epochs, _BATCH, seed):
            pass
        return network


def odd_by_depth(depths: Depths) -> pd.DataFrame:
    """Return the `accuracy` on unseen digits of networks that tell odd digits from even ones, by `depth`, whether there
    is an `activation`, and `seed`, which draws the digits too.

    Without a hidden layer nothing stands between layers, so that there the two kinds are one network.
    """
    rows = []
    for seed in range(depths.seeds):
        learn, unseen = (part.odd for part in digits.split(seed))
        for depth in depths.depths:
            for activation in (True, False) if depth else (False,):
                network = depths.trained(depth, learn, seed, activation=activation)
                row = {"depth": depth, "seed": seed, "accuracy": learning.accuracy(network, unseen)}
                rows += [row | {"activation": shown} for shown in ((activation,) if depth else (True, False))]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Collapse:
    """A deep network without activation, and the single linear layer that it is.

    `apart` is the largest difference between their scores of unseen digits, `largest` the largest score, and `agreed` the
    share of digits that get the same label of both.
    """

    network: Dense
    linear: Linear
    accuracy: float
    apart: float
    largest: float
    agreed: float


def collapse(depths: Depths) -> Collapse:
    """Return the deepest network without activation, trained to name digits, beside its single layer."""
    learn, unseen = digits.split()
    network = depths.trained(depths.deepest, learn, 0, activation=False)
    linear = network.collapsed()
    deep, single = network(unseen.x), linear(unseen.x)
    return Collapse(
        network=network,
        linear=linear,
        accuracy=learning.accuracy(network, unseen),
        apart=float(np.abs(deep - single).max()),
        largest=float(np.abs(deep).max()),
        agreed=float((deep.argmax(axis=-1) == single.argmax(axis=-1)).mean()),
    )
