"""Learning: batches of examples, the gradient of the loss, and an optimizer that follows it; and what comes of it."""

from typing import Protocol

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from analysis.networks import dense, digits
from analysis.networks.dense import Dense
from analysis.networks.digits import Digits
from analysis.networks.optimizer import Adam, GradientDescent, Optimizer
from analysis.settings import Settings
from analysis.suggest import nearest


class Network(Protocol):
    """What can be trained: its `arrays` are changed in place."""

    arrays: list[np.ndarray]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the scores (n, classes) of the rows of `x`."""

    def gradients(self, x: np.ndarray, wanted: np.ndarray, squared: bool) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the loss, cross-entropy or `squared` error, and its derivative by each of `arrays`."""


def train(network: Network, learn: Digits, optimizer: Optimizer, epochs: int, batch: int, seed: int, squared: bool = False):
    """Train `network` in place and yield after each epoch, a pass over `learn` in new order in batches of `batch`."""
    random = np.random.default_rng(seed)
    wanted = learn.wanted
    for _ in range(epochs):
        order = random.permutation(len(learn))
        for start in range(0, len(learn), batch):
            chosen = order[start : start + batch]
            _, gradients = network.gradients(learn.x[chosen], wanted[chosen], squared)
            optimizer.step(network.arrays, gradients)
        yield network


def history(network: Network, learn: Digits, unseen: Digits, recipe: "Recipe", seed: int = 0) -> pd.DataFrame:
    """Train by `recipe`, and return the mean loss and the accuracy before and after each epoch, on the digits learnt from
    and on the unseen."""
    rows = [_measured(network, learn, unseen, 0)]
    for epoch, _ in enumerate(recipe.follow(network, learn, seed), start=1):
        rows.append(_measured(network, learn, unseen, epoch))
    return pd.DataFrame(rows)


def _measured(network: Network, learn: Digits, unseen: Digits, epoch: int) -> dict[str, float]:
    row: dict[str, float] = {"epoch": epoch}
    for name, part in (("learn", learn), ("unseen", unseen)):
        row[f"{name}_loss"] = float(dense.cross_entropy(network(part.x), part.wanted)[0])
        row[f"{name}_accuracy"] = accuracy(network, part)
    return row


def accuracy(network: Network, part: Digits) -> float:
    """Return the share of digits that `network` labels right."""
    return float((network(part.x).argmax(axis=-1) == part.labels).mean())


class Recipe(Settings):
    """What is learnt from, with what, and how: the elements of machine learning, each to be varied alone."""

    examples: int = Field(1000, ge=10, le=1297, description="digits to learn from")
    hidden: int = Field(32, ge=0, le=512, description="units of the hidden layer; 0: none")
    squared: bool = Field(False, description="squared error as the loss, in place of cross-entropy")
    optimizer: str = Field("Adam", description="how the weights follow the gradient")
    shown: int = Field(15_000, ge=1000, le=100_000, description="digits shown in all, each example many times")
    batch: int = Field(32, ge=1, le=1297, description="digits from which one gradient is taken")

    @field_validator("optimizer")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in OPTIMIZERS:
            raise ValueError(f"no optimizer {value!r}{nearest(value, OPTIMIZERS)}; there are: {', '.join(OPTIMIZERS)}")
        return value

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the layers, from input to output."""
        return (digits.SIDE**2, *([self.hidden] if self.hidden else []), digits.CLASSES)

    @property
    def epochs(self) -> int:
        """How often each digit is shown."""
        return max(1, round(self.shown / self.examples))

    def follow(self, network: Network, learn: Digits, seed: int):
        """Train `network` on `learn` in place; yield after each epoch."""
        batch = len(learn) if self.optimizer == FULL_BATCH else self.batch
        return train(network, learn, OPTIMIZERS[self.optimizer](), self.epochs, batch, seed, self.squared)

    def trained(self, seed: int) -> tuple[Dense, Digits, Digits]:
        """Return a network trained from `seed`, which draws the digits too, those learnt from, and the unseen."""
        learn, unseen = digits.split(seed)
        learn = learn[: self.examples]
        network = dense.initial(self.widths, np.random.default_rng(seed))
        for _ in self.follow(network, learn, seed):
            pass
        return network, learn, unseen

    def accuracy(self, seed: int) -> float:
        """Return the accuracy on unseen digits of a network trained from `seed`."""
        network, _, unseen = self.trained(seed)
        return accuracy(network, unseen)


FULL_BATCH = "Full-batch descent"
#: Optimizers at a rate that suits each on these digits.
OPTIMIZERS = {
    FULL_BATCH: lambda: GradientDescent(0.1),
    "Stochastic descent": lambda: GradientDescent(0.1),
    "Descent with momentum": lambda: GradientDescent(0.1, momentum=0.9),
    "Adam": lambda: Adam(0.003),
}

#: One recipe, and others that differ from it in a single element; the deck's three, and the textbook's strategy.
ELEMENTS = {
    "Recipe": {"Recipe": {}},
    "Data": {"100 digits": {"examples": 100}, "300 digits": {"examples": 300}},
    "Model": {"No hidden layer": {"hidden": 0}, "4 hidden units": {"hidden": 4}, "128 hidden units": {"hidden": 128}},
    "Strategy": {"Squared error": {"squared": True}},
    "Algorithm": {name: {"optimizer": name} for name in OPTIMIZERS if name != "Adam"},
}


def by_element(recipe: Recipe, seeds: int) -> pd.DataFrame:
    """Return `accuracy` of `recipe` and of each that differs from it in one `element`, by `variant` and `seed`."""
    rows = []
    for element, variants in ELEMENTS.items():
        for variant, changed in variants.items():
            other = recipe.model_copy(update=changed)
            rows += [
                {"element": element, "variant": variant, "seed": seed, "accuracy": other.accuracy(seed)} for seed in range(seeds)
            ]
    return pd.DataFrame(rows)
