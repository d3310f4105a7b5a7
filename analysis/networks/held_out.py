"""Numbers that the translator never saw, and how many of them it translates."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from analysis.networks import number_words, translator
from analysis.networks.transformer import Stacked, Transformer


def sample(count: int, seed: int = 0) -> np.ndarray:
    """Return `count` different held-out numbers, drawn evenly, (count,)."""
    every = np.arange(number_words.LARGEST + 1)
    return np.random.default_rng(seed).choice(every[translator.is_held_out(every)], count, replace=False)


def sample_by_digits(most: int, seed: int = 0) -> np.ndarray:
    """Return different held-out numbers in random order, at most `most` of each count of digits.

    Such a sample has short numbers as often as training had; of all numbers, nine in ten have six digits.
    """
    generator = np.random.default_rng(seed)
    return generator.permutation(
        np.concatenate(
            [
                generator.choice(numbers, min(most, len(numbers)), replace=False)
                for numbers in _by_digits(translator.is_held_out).values()
            ]
        )
    )


def by_digits(model: Transformer, most: int, seed: int = 0) -> pd.DataFrame:
    """Return for each `kind` of unseen numbers and count of `digits` how many are `unseen`, how many of them were
    `tested`, at most `most`, how many came out `right` in every numeral, and one that came out `wrong`, or none."""
    generator = np.random.default_rng(seed)
    rows = []
    for kind, of_kind in (("Held out", translator.is_held_out), ("In the gap", translator.is_in_gap)):
        for digits, numbers in _by_digits(of_kind).items():
            tested = np.sort(generator.choice(numbers, min(most, len(numbers)), replace=False))
            right = translator.right_at_each_token(model, tested).all(axis=1)
            wrong = tested[~right]
            rows.append(
                {
                    "kind": kind,
                    "digits": digits,
                    "unseen": len(numbers),
                    "tested": len(tested),
                    "right": int(right.sum()),
                    "wrong": int(wrong[len(wrong) // 2]) if len(wrong) else None,
                }
            )
    return pd.DataFrame(rows)


def _by_digits(of_kind: Callable[[np.ndarray], np.ndarray]) -> dict[int, np.ndarray]:
    every = np.arange(number_words.LARGEST + 1)
    numbers = every[of_kind(every)]
    digits = np.char.str_len(numbers.astype(str))
    return {int(count): numbers[digits == count] for count in np.unique(digits)}


def accuracy(model: Transformer, numbers: Iterable[int], encoded: Stacked | None = None) -> float:
    """Return the share of `numbers` that the model translates without a fault.

    `encoded` stands in for the model's own pass over their English.
    """
    numbers = np.asarray(numbers)
    return float(translator.right_at_each_token(model, numbers, encoded).all(axis=1).mean())
