"""Sinusoidal positions: how a Transformer is told where a token stands (Vaswani et al. 2017, section 3.5).

Pair i of the components of a position's vector is (sin, cos) of one angle, a hand that turns with the position; the
first pair turns fastest. To go on by k positions turns each hand by an angle of its own, wherever it stood: a linear
map that depends on k alone.
"""

import numpy as np
import sympy

BASE = 10_000


def angle(position, pair, width):
    """Angle of pair `pair` (0 to width/2 - 1) at `position`, in radians, in a vector of `width` components."""
    return position / BASE ** (2 * pair / width)


def even_component(position, pair, width):
    """Component 2·pair of the position's vector, as a SymPy expression."""
    return sympy.sin(angle(position, pair, width))


def odd_component(position, pair, width):
    """Component 2·pair + 1 of the position's vector, as a SymPy expression."""
    return sympy.cos(angle(position, pair, width))


def encoding(length: int, width: int) -> np.ndarray:
    """Return the vectors of positions 0 to length - 1, of shape (length, width). Raises ValueError."""
    angles = angle(np.arange(length)[:, None], np.arange(_pairs(width)), width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)


def shift(offset: float, width: int) -> np.ndarray:
    """Return the matrix, of shape (width, width), that turns the vector of any position p into that of p + offset.

    It is `encoding(...)[p + offset] == shift(offset, width) @ encoding(...)[p]`: a rotation in each pair, by the angle
    that the pair turns in `offset` positions. Raises ValueError.
    """
    matrix = np.zeros((width, width))
    for pair in range(_pairs(width)):
        turn = angle(offset, pair, width)
        block = slice(2 * pair, 2 * pair + 2)
        matrix[block, block] = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    return matrix


def wavelengths(width: int) -> np.ndarray:
    """Return after how many positions each pair has turned once around, of shape (width / 2,). Raises ValueError."""
    return 2 * np.pi / angle(1, np.arange(_pairs(width)), width)


def _pairs(width: int) -> int:
    if width < 2 or width % 2:
        raise ValueError(f"the width is {width}; positions take an even width of 2 or more, a sine and a cosine a pair")
    return width // 2
