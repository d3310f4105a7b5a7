"""Attention, as training and inference both compute it: what a token sees, and what narrow heads cost."""

import numpy as np

from analysis.arrays import PerCase
from analysis.steps.shape import Shape

#: Rates of attention are stated at heads of this width; narrower ones are slower by this power (Dao 2023, figure 5).
HEAD_WIDTH = 128.0
HEAD_WIDTH_EXPONENT = 0.2


def head_share(shape: Shape) -> PerCase:
    """Share of the rate of wide heads that attention with the shape's reaches."""
    return (np.minimum(shape.query_key_dim, HEAD_WIDTH) / HEAD_WIDTH) ** HEAD_WIDTH_EXPONENT


def attended(shape: Shape, sequence: PerCase) -> PerCase:
    """Positions that a token of `sequence` attends to under a causal mask, as the mean over tokens and layers of a kind."""
    reach: PerCase = np.where((shape.top_k > 0) & (shape.compressed == 0), shape.top_k, shape.sliding_window)
    within = _mean(np.where(reach > 0, reach, np.inf), sequence)
    bounded = np.where(shape.top_k > 0, 1.0, shape.n_windowed_layers / np.maximum(shape.n_layers, 1.0))
    seen: PerCase = bounded * within + (1 - bounded) * sequence / 2
    if not np.any(shape.compressed):
        return seen
    # So many entries are seen as a window of as many times the positions of one would hold.
    entry = np.maximum(shape.compressed, 1.0)
    entries = _mean(np.where(shape.top_k > 0, shape.top_k * entry, np.inf), sequence) / entry
    return np.where(shape.compressed > 0, within + entries, seen)


def _mean(window: PerCase, sequence: PerCase) -> PerCase:
    """Positions within a window, up to a token's own, as the mean over a sequence."""
    window = np.minimum(window, sequence)
    return window - window**2 / (2 * np.maximum(sequence, 1.0))


def index_keys(shape: Shape, context: PerCase) -> PerCase:
    """Index keys that `context` positions have."""
    return context / np.maximum(shape.index_pool, 1.0)
