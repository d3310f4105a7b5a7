"""Learning curves (学习曲线): the accuracy of models of several sizes by the number of examples that they learn from."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
from pydantic import Field, model_validator
from sklearn.svm import SVC

from analysis.comparing import Measured, mean
from analysis.networks import dense, digits, learning
from analysis.networks.learning import Recipe
from analysis.settings import Settings

#: How many digits are learnt from: each time twice as many, up to nearly all that there are.
EXAMPLES = (20, 40, 80, 160, 320, 640, 1280)
#: The classical model (传统机器学习模型), as scikit-learn has it by default, with a radial kernel.
CLASSICAL = "Support vector machine"


class Curves(Settings):
    """The networks that are compared, and how much each is shown."""

    small: int = Field(16, ge=1, le=512, description="hidden units of the small network")
    medium: int = Field(64, ge=1, le=512, description="hidden units of the medium network")
    large: int = Field(256, ge=1, le=512, description="hidden units of the large network")
    shown: int = Field(15_000, ge=2000, le=60_000, description="digits shown in all, each example many times")
    seeds: int = Field(4, ge=1, le=10, description="draws of the digits, and networks of each size")

    @model_validator(mode="after")
    def _sizes_rise(self) -> "Curves":
        if not self.small < self.medium < self.large:
            raise ValueError(
                f"small, medium, large: {self.small}, {self.medium}, {self.large} do not rise; each has to be larger than "
                "the one before"
            )
        return self

    @property
    def networks(self) -> dict[str, Recipe]:
        """The recipe of each network, by its name."""
        sizes = {"Small network": self.small, "Medium network": self.medium, "Large network": self.large}
        return {name: Recipe(hidden=hidden, shown=self.shown) for name, hidden in sizes.items()}


def by_examples(curves: Curves) -> pd.DataFrame:
    """Return the `accuracy` on unseen digits, and that on those learnt from, `learnt`, by `model`, `examples` and
    `seed`, which draws the digits too. `weights` is how many a network has, and missing for the classical model."""
    rows = []
    for seed in range(curves.seeds):
        for examples in EXAMPLES:
            learn, unseen = digits.split(seed)
            learn = learn[:examples]
            machine = SVC().fit(learn.x, learn.labels)
            right = [float((machine.predict(part.x) == part.labels).mean()) for part in (unseen, learn)]
            rows.append([CLASSICAL, np.nan, examples, seed, *right])
            for name, recipe in curves.networks.items():
                network, learn, unseen = recipe.model_copy(update={"examples": examples}).trained(seed)
                right = [learning.accuracy(network, part) for part in (unseen, learn)]
                rows.append([name, dense.parameters(recipe.widths), examples, seed, *right])
    return pd.DataFrame(rows, columns=["model", "weights", "examples", "seed", "accuracy", "learnt"])


def examples_needed(curve: pd.Series, accuracy: float) -> float:
    """Return how many examples bring a `curve`, accuracies by number of examples, to `accuracy`; infinity if none do.

    Between two numbers the curve is taken to be straight over their logarithm.
    """
    reached = np.flatnonzero(curve.to_numpy() >= accuracy)
    if not len(reached):
        return math.inf
    last = int(reached[0])
    if not last:
        return float(curve.index[0])
    (few, many), (low, high) = curve.index[last - 1 : last + 1], curve.iloc[last - 1 : last + 1]
    return float(few * (many / few) ** ((accuracy - low) / (high - low)))


def left_by_doubling(curve: pd.Series) -> float:
    """Return the factor by which the error changes when the examples double: that of the power law fitted to `curve`,
    accuracies by number of examples, by least squares over the logarithms."""
    errors = np.maximum(1 - curve.to_numpy(), 1e-4)
    slope = np.polyfit(np.log2(curve.index.to_numpy(dtype=float)), np.log2(errors), 1)[0]
    return float(2**slope)


def as_sketched(frame: pd.DataFrame) -> Measured:
    """Return the least step of the sketch that the deck cites: from the most examples, by how much each network is right more
    often than the next smaller one, and the smallest than the classical model, draw by draw. Above 0, the sketch comes out."""
    draws = frame[frame["examples"] == frame["examples"].max()].pivot(index="seed", columns="model", values="accuracy")
    order = [CLASSICAL, "Small network", "Medium network", "Large network"]
    return min((mean(draws[more] - draws[less]) for less, more in pairwise(order)), key=lambda step: step.value)
