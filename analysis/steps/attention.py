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
    reach: PerCase = np.where(shape.top_k > 0, shape.top_k, shape.sliding_window)
    window = np.minimum(np.where(reach > 0, reach, np.inf), sequence)
    windowed = window - window**2 / (2 * np.maximum(sequence, 1.0))
    share = np.where(shape.top_k > 0, 1.0, shape.n_windowed_layers / np.maximum(shape.n_layers, 1.0))
    return share * windowed + (1 - share) * sequence / 2
