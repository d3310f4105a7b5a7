"""What an encoder knows of the order of words when the vectors of their positions are left out: nothing."""

import numpy as np

from analysis.networks.transformer import Stacked, Transformer


def encode_without_positions(model: Transformer, tokens: np.ndarray) -> Stacked:
    """Return the encoder's pass over `tokens` (..., n) to whose vectors no position is added."""
    placed = model.encode(tokens)
    state, passes = placed.embedded, []
    for layer in model.encoder:
        passes.append(layer(state, placed.mask))
        state = passes[-1].output
    return Stacked(placed.tokens, placed.mask, placed.embedded, 0 * placed.positions, placed.embedded, tuple(passes))


def farthest_apart(model: Transformer, tokens: np.ndarray, order: np.ndarray, *, with_positions: bool) -> float:
    """Return how far what the encoder makes of a word moves, at most, when words stand in another `order`.

    It is the largest difference of any number, between the outputs for `tokens` (n,) and for `tokens[order]`, each word
    compared with itself.
    """
    outputs = [
        (model.encode(sequence) if with_positions else encode_without_positions(model, sequence)).output
        for sequence in (tokens, tokens[order])
    ]
    return float(np.abs(outputs[0][order] - outputs[1]).max())
