"""How far back a network reaches: its answers in the recall task by distance, and what the way there costs."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.networks import recall
from analysis.settings import Settings

#: Tokens that stand before the marked one at least, so that all networks have a state to begin with.
LEAD = 12


class Reach(Settings):
    """The sequences that the trained networks are asked about."""

    length: int = Field(128, ge=32, le=512, description="tokens of a sequence")
    sequences: int = Field(200, ge=20, le=2000, description="sequences for each distance")

    @property
    def distances(self) -> tuple[int, ...]:
        """Distances from the marked token to the end: none, powers of two and between, as far as `LEAD` tokens remain."""
        farthest = self.length - 1 - LEAD
        every = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
        return (*(distance for distance in every if distance < farthest), farthest)


def right(network: recall.Reader, distance: int, reach: Reach) -> float:
    """Return the share of sequences that a network answers right; every network is asked about the same ones."""
    x, wanted = recall.sequences(reach.sequences, distance, np.random.default_rng(distance), reach.length)
    return float((network(x).argmax(axis=-1) == wanted).mean())


def by_distance(reach: Reach) -> pd.DataFrame:
    """Return the `accuracy` of each trained network by `kind`, `seed` and `distance`."""
    return pd.DataFrame(
        [
            {"kind": name, "seed": seed, "distance": distance, "accuracy": right(network, distance, reach)}
            for kind, name in recall.KINDS.items()
            for seed in recall.SEEDS
            for network in [recall.load(kind, seed)]
            for distance in reach.distances
        ]
    )


def at_first_token(reach: Reach) -> dict[str, float]:
    """Return the mean accuracy by kind when the marked token is the very first, before which there is no state yet."""
    return {
        name: float(np.mean([right(recall.load(kind, seed), reach.length - 1, reach) for seed in recall.SEEDS]))
        for kind, name in recall.KINDS.items()
    }


def learnt_at(log: pd.DataFrame, accuracy: float) -> dict[str, float]:
    """Return after how many steps of training the mean accuracy of each kind first reaches `accuracy`, by its name;
    infinity where it never does. `log` is data/weights/recall_log.csv."""
    means = log.groupby(["kind", "step"])["accuracy"].mean()
    steps = {}
    for kind, name in recall.KINDS.items():
        reached = means[kind][means[kind] >= accuracy]
        steps[name] = float(reached.index[0]) if len(reached) else float("inf")
    return steps


def products_in_a_row(kind: str, length: int) -> int:
    """Return how many matrix products of a layer over `length` tokens have to wait for each other.

    A state waits for the one before it. Attention has three: to keys, to scores, to the sum of values.
    """
    return 3 if kind == "attention" else length


def flop(kind: str, length: int, inputs: int, width: int) -> int:
    """Return the FLOP of the matrix products of a layer over `length` tokens of `inputs` numbers, in which each token gets
    an answer of `width` numbers; in attention, each token asks all."""
    if kind == "attention":
        return 2 * length * 3 * inputs * width + 2 * 2 * length**2 * width
    gates = 3 if kind == "gated" else 1
    return 2 * length * gates * (inputs + width) * width
