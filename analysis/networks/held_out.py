"""Numbers that the translator never saw, and how many of them it translates."""

from collections.abc import Iterable

import numpy as np

from analysis.networks import number_words, translator
from analysis.networks.transformer import Stacked, Transformer


def sample(count: int, seed: int = 0) -> np.ndarray:
    """Return `count` different held-out numbers, drawn evenly, (count,)."""
    every = np.arange(number_words.LARGEST + 1)
    return np.random.default_rng(seed).choice(every[translator.is_held_out(every)], count, replace=False)


def accuracy(model: Transformer, numbers: Iterable[int], encoded: Stacked | None = None) -> float:
    """Return the share of `numbers` that the model translates without a fault.

    `encoded` stands in for the model's own pass over their English.
    """
    numbers = np.asarray(numbers)
    return float(translator.right_at_each_token(model, numbers, encoded).all(axis=1).mean())
