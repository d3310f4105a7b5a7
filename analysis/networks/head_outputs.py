"""What each head adds to the output of its attention, and a layer in which one adds nothing."""

from dataclasses import replace

import numpy as np

from analysis.networks.attention import MultiHeadAttention
from analysis.networks.linear import Linear
from analysis.networks.transformer import Layer


def rows(layer: MultiHeadAttention) -> np.ndarray:
    """Return the output projection, cut into the rows of each head: (n_heads, d_k, d_model)."""
    return layer.output.weight.reshape(layer.n_heads, -1, layer.output.weight.shape[1])


def silenced(layer: Layer, head: int, name: str = "attention") -> Layer:
    """Return the `layer` in whose attention `name` one head, counted from 0, adds nothing."""
    attention: MultiHeadAttention = getattr(layer, name)
    kept = rows(attention).copy()
    kept[head] = 0
    without_it = replace(attention, output=Linear(kept.reshape(attention.output.weight.shape), attention.output.bias))
    return replace(layer, **{name: without_it})
