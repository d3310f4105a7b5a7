"""Attention: each position asks all others, and mixes what they hold (Vaswani et al. 2017, section 3.2).

Everything on the way is returned, since the chapters show it. A mask is True where a query may look at a key.
Leading axes, such as sequences of a batch, are carried along.
"""

import math
from dataclasses import dataclass

import numpy as np

from analysis.networks.linear import Linear


@dataclass(frozen=True)
class Attended:
    """What attention computes for q queries over k keys: `scores` before the mask and the softmax (..., q, k),
    `weights` after both, each row with the sum 1 (..., q, k), and `output`, the mixed values (..., q, d_v)."""

    scores: np.ndarray
    weights: np.ndarray
    output: np.ndarray


@dataclass(frozen=True)
class MultiHeadAttended:
    """What multi-head attention computes. A head's width is d_k = d_model / n_heads.

    `queries` (..., n_heads, q, d_k), `keys` and `values` (..., n_heads, k, d_k), `scores` and `weights`
    (..., n_heads, q, k), `heads`, the output of each head (..., n_heads, q, d_k), `concatenated` (..., q, d_model),
    and `output`, after the output projection (..., q, d_model).
    """

    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray
    scores: np.ndarray
    weights: np.ndarray
    heads: np.ndarray
    concatenated: np.ndarray
    output: np.ndarray


@dataclass(frozen=True)
class MultiHeadAttention:
    """The four projections of multi-head attention, each (d_model, d_model), and the number of heads that share them."""

    query: Linear
    key: Linear
    value: Linear
    output: Linear
    n_heads: int

    def __call__(self, x: np.ndarray, source: np.ndarray | None = None, mask: np.ndarray | None = None) -> MultiHeadAttended:
        """Return what the positions of `x` (..., q, d_model) find in `source` (..., k, d_model), which is `x` itself
        in self-attention. `mask` is (..., q, k), the same for all heads."""
        source = x if source is None else source
        queries = split_heads(self.query(x), self.n_heads)
        keys = split_heads(self.key(source), self.n_heads)
        values = split_heads(self.value(source), self.n_heads)
        attended = scaled_dot_product(queries, keys, values, None if mask is None else np.expand_dims(mask, -3))
        concatenated = merge_heads(attended.output)
        return MultiHeadAttended(
            queries=queries,
            keys=keys,
            values=values,
            scores=attended.scores,
            weights=attended.weights,
            heads=attended.output,
            concatenated=concatenated,
            output=self.output(concatenated),
        )


def scaled_dot_product(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    mask: np.ndarray | None = None,
    *,
    divisor: float | None = None,
) -> Attended:
    """Return softmax(Q Kᵀ / √d_k) V for `queries` (..., q, d_k), `keys` (..., k, d_k) and `values` (..., k, d_v).

    `mask`, (..., q, k), is True where a query may look at a key. `divisor` stands in for √d_k, 1 for no division.
    Raises ValueError if the mask leaves a query nothing to look at.
    """
    divisor = math.sqrt(queries.shape[-1]) if divisor is None else divisor
    scores = queries @ np.swapaxes(keys, -1, -2) / divisor
    if mask is not None and not np.any(mask, axis=-1).all():
        raise ValueError("mask: a query may look at no key at all; leave it at least one, such as itself")
    weights = softmax(scores if mask is None else np.where(mask, scores, -np.inf))
    return Attended(scores, weights, weights @ values)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return e^s over its sum, along the last axis; the largest score is subtracted first, so that nothing overflows."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def padding_mask(tokens: np.ndarray, padding: int) -> np.ndarray:
    """Return the mask (..., 1, k) of `tokens` (..., k) that hides the padding from every query."""
    return np.expand_dims(np.asarray(tokens) != padding, -2)


def sequence_mask(length: int) -> np.ndarray:
    """Return the mask (length, length) under which a position looks at itself and at what is before it."""
    return np.tril(np.ones((length, length), dtype=bool))


def split_heads(x: np.ndarray, n_heads: int) -> np.ndarray:
    """Return `x` (..., n, d_model), cut into the slices of the heads: (..., n_heads, n, d_model / n_heads)."""
    width = x.shape[-1]
    check_heads(width, n_heads)
    return np.swapaxes(x.reshape(*x.shape[:-1], n_heads, width // n_heads), -2, -3)


def check_heads(width: int, n_heads: int) -> None:
    """Raise ValueError unless `n_heads` heads can share the `width` evenly."""
    if n_heads < 1 or width % n_heads:
        allowed = ", ".join(str(heads) for heads in range(1, width + 1) if width % heads == 0)
        raise ValueError(f"n_heads = {n_heads} does not divide the width of {width}; allowed: {allowed}")


def merge_heads(heads: np.ndarray) -> np.ndarray:
    """Return the outputs of the `heads` (..., n_heads, n, d_v) side by side: (..., n, n_heads · d_v)."""
    side_by_side = np.swapaxes(heads, -2, -3)
    return side_by_side.reshape(*side_by_side.shape[:-2], -1)
