"""Trials with the trained translator: what sampling, a missing mask and a wrong token do to its translations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.networks import decoding, number_words, translator
from analysis.networks.transformer import Transformer

_PADDING = translator.VOCABULARY.padding
_DIGITS = translator.VOCABULARY.numbers(number_words.DIGITS[1:])


def right_by_temperature(model: Transformer, numbers: np.ndarray, temperatures: Sequence[float]) -> pd.DataFrame:
    """Return the share that is `right` of sampled tokens and of whole sampled translations, by `temperature`.

    Nothing is drawn: a translation is right with the product of the probabilities of its tokens, each given the right
    ones before it. A token counts with its mean probability over all of these.
    """
    target = translator.targets(numbers)
    logits = model.decode(target[:, :-1], model.encode(translator.sources(numbers))).logits.astype(float)
    wanted = target[:, 1:]
    real = wanted != _PADDING
    rows = []
    for temperature in temperatures:
        probabilities = decoding.at_temperature(logits, temperature)
        right = np.take_along_axis(probabilities, wanted[..., None], axis=-1)[..., 0]
        whole = np.where(real, right, 1).prod(axis=1)
        for kind, share in (("One token", right[real].mean()), ("The whole translation", whole.mean())):
            rows.append({"temperature": float(temperature), "kind": kind, "right": float(share)})
    return pd.DataFrame(rows)


def without_masks(model: Transformer, numbers: np.ndarray) -> dict[str, float]:
    """Return the share of `numbers` that are right at each token, in one padded batch: with both masks, without the
    one that hides padding ("padding"), and without the one that hides later tokens ("sequence")."""
    longest = translator.VOCABULARY.batch([*translator.sources(numbers)], translator.CONTEXT)
    target = translator.targets(numbers)
    wanted = target[:, 1:]

    def right(network: Transformer, **options: bool) -> float:
        logits = network.decode(target[:, :-1], network.encode(longest), **options).logits
        return float(((logits.argmax(axis=-1) == wanted) | (wanted == _PADDING)).all(axis=1).mean())

    no_token = -1  # so that no token counts as padding
    return {
        "both": right(model),
        "padding": right(replace(model, padding=no_token)),
        "sequence": right(model, sees_later=True),
    }


def after_a_wrong_digit(model: Transformer, numbers: np.ndarray, generator: np.random.Generator) -> dict[str, float]:
    """Return what becomes of the rest when the first numeral of each of `numbers` is replaced by another digit.

    "token" is the share of the later tokens that are still right, "whole" that of numbers whose rest is right
    throughout; "next" is the share of right tokens just after the wrong one. Numbers that begin with no digit are left out.
    """
    target = translator.targets(numbers)
    begins = np.isin(target[:, 1], _DIGITS)
    target, source = target[begins], translator.sources(numbers[begins])
    shifts = generator.integers(1, len(_DIGITS), size=len(target))
    fed = target[:, :-1].copy()
    fed[:, 1] = np.array(_DIGITS)[(np.searchsorted(_DIGITS, fed[:, 1]) + shifts) % len(_DIGITS)]
    answers = model.decode(fed, model.encode(source)).logits.argmax(axis=-1)[:, 1:]
    wanted = target[:, 2:]
    real = wanted != _PADDING
    right = answers == wanted
    return {
        "next": float(right[:, 0].mean()),
        "token": float(right[real].mean()),
        "whole": float((right | ~real).all(axis=1).mean()),
    }
