"""Drawing a next token: the probabilities at a temperature, cut to the k likeliest and to the fewest that hold p together."""

import numpy as np

from analysis.networks import poem_models, poems
from analysis.networks.decoding import at_temperature

#: A beginning after which many characters can follow, and one is likeliest by far.
BEFORE = "一片孤"


def next_logits(before: str = BEFORE) -> tuple[np.ndarray, list[str]]:
    """Return the small GPT's logits of the character after `before`, (vocabulary,), and the characters."""
    vocabulary = poems.vocabulary()
    read = np.array([vocabulary.start, *vocabulary.numbers(before)])
    return poem_models.load("GPT")(read).logits[-1].astype(float), list(vocabulary.tokens)


def probabilities(logits: np.ndarray, temperature: float, k: int, p: float) -> np.ndarray:
    """Return with which probability each token is drawn, (vocabulary,): temperature first, then top-k, then top-p.

    Top-p keeps the likeliest tokens until those kept hold `p` or more of all; the token that reaches it stays.
    """
    shares = at_temperature(logits, temperature)
    order = np.argsort(-shares, kind="stable")
    before = np.cumsum(shares[order]) - shares[order]
    left = np.zeros(len(shares), bool)
    left[order] = (np.arange(len(shares)) < k) & (before < p)
    return np.where(left, shares, 0) / shares[left].sum()


def kept(logits: np.ndarray, temperature: float, k: int, p: float) -> int:
    """Return how many tokens can still be drawn."""
    return int((probabilities(logits, temperature, k, p) > 0).sum())
