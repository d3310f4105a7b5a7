"""Over how many keys the weights of attention are spread, and what the division by √d_k has to do with it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.networks.attention import scaled_dot_product


def entropy(weights: np.ndarray) -> np.ndarray:
    """Return the entropy, in nats, of weights (..., k) that add up to 1: (...)."""
    logarithms = np.log(weights, out=np.zeros_like(weights, dtype=float), where=weights > 0)
    return -np.sum(weights * logarithms, axis=-1)


def effective_keys(weights: np.ndarray) -> np.ndarray:
    """Return e to the entropy of weights (..., k): k for even weights, 1 for a single key, (...)."""
    return np.exp(entropy(weights))


def sensitivity(weights: np.ndarray) -> np.ndarray:
    """Return how much of a gradient the softmax lets through: the trace of its Jacobian, Σ w(1 − w), from 0 to below 1.

    The derivative of weight i by score j is w_i (1 if i = j, else 0) − w_i w_j. Near a single key, all of these vanish,
    and the scores stop learning (Vaswani et al. 2017, section 3.2.1).
    """
    return np.sum(weights * (1 - weights), axis=-1)


def by_width(widths: Sequence[int], n_keys: int, n_queries: int = 2000, seed: int = 0) -> pd.DataFrame:
    """Return what attention does with random queries and keys of each width, divided by √d_k and not divided.

    Components are independent, of mean 0 and variance 1, so that a product has mean 0 and variance d_k. Columns: `d_k`,
    `divided`, `deviation` of the scores, and the means of `keys` (`effective_keys`) and `sensitivity` over the queries.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for width in widths:
        queries = generator.standard_normal((n_queries, 1, width))
        keys = generator.standard_normal((n_queries, n_keys, width))
        for divided in (True, False):
            attended = scaled_dot_product(queries, keys, keys, divisor=None if divided else 1.0)
            rows.append(
                {
                    "d_k": width,
                    "divided": divided,
                    "deviation": attended.scores.std(),
                    "keys": effective_keys(attended.weights).mean(),
                    "sensitivity": sensitivity(attended.weights).mean(),
                }
            )
    return pd.DataFrame(rows)
