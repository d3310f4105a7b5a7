"""Learning in two dimensions, where it can be seen: a network with one hidden layer tells two arcs of points apart."""

from dataclasses import dataclass

import numpy as np

from analysis.networks import dense
from analysis.networks.attention import softmax
from analysis.networks.dense import Dense
from analysis.networks.optimizer import Adam

HIDDEN, POINTS, RATE = 8, 120, 0.02
#: After so many updates the network is looked at.
UPDATES = (0, 5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800)
#: The region that is drawn: left, right, bottom, top.
FRAME = (-1.6, 2.6, -1.2, 1.7)
_NOISE, _SEED = 0.18, 3


@dataclass(frozen=True)
class Seen:
    """The network after `updates`: the `loss` over all points in nats, how many lie on their own side (`right`), the
    probability of the first kind over the frame, from its top left (rows, columns), and its hidden units' `folds`."""

    updates: int
    loss: float
    right: int
    probability: np.ndarray
    folds: list[tuple[float, float, float, float]]


def points() -> tuple[np.ndarray, np.ndarray]:
    """Return two interleaved half circles of points with noise, (POINTS, 2), and which kind each is of, 0 or 1, (POINTS,)."""
    random = np.random.default_rng(_SEED)
    kinds = np.arange(POINTS) % 2
    angles = random.uniform(0, np.pi, POINTS)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    lower = np.stack([1 - np.cos(angles), 0.4 - np.sin(angles)], axis=1)
    return np.where(kinds[:, None] == 0, upper, lower) + random.normal(0, _NOISE, (POINTS, 2)), kinds


def learned(rows: int, columns: int) -> list[Seen]:
    """Train the network on all points at once, and return it as it is after each of `UPDATES`, over a grid of the frame."""
    x, kinds = points()
    x, wanted = x.astype(np.float32), np.eye(2, dtype=np.float32)[kinds]
    network = dense.initial((2, HIDDEN, 2), np.random.default_rng(_SEED))
    optimizer, seen = Adam(RATE), []
    for update in range(UPDATES[-1] + 1):
        if update in UPDATES:
            seen.append(_seen(network, x, wanted, update, centres(rows, columns)))
        optimizer.step(network.arrays, network.gradients(x, wanted)[1])
    return seen


def centres(rows: int, columns: int) -> np.ndarray:
    """Return the middles of a grid's cells over the frame, row by row from the top left, (rows, columns, 2)."""
    left, right, bottom, top = FRAME
    across = left + (np.arange(columns) + 0.5) * (right - left) / columns
    down = top - (np.arange(rows) + 0.5) * (top - bottom) / rows
    return np.stack(np.broadcast_arrays(across[None, :], down[:, None]), axis=-1).astype(np.float32)


def _seen(network: Dense, x: np.ndarray, wanted: np.ndarray, updates: int, grid: np.ndarray) -> Seen:
    scores = network(x)
    return Seen(
        updates,
        float(dense.cross_entropy(scores, wanted)[0]),
        int((scores.argmax(axis=-1) == wanted.argmax(axis=-1)).sum()),
        softmax(network(grid.reshape(-1, 2)))[:, 0].reshape(grid.shape[:2]),
        folds(network),
    )


def folds(network: Dense) -> list[tuple[float, float, float, float]]:
    """Return for each hidden unit the line on which it is zero, x1, y1, x2, y2, as far as it lies in the frame."""
    left, right, bottom, top = FRAME
    lines = []
    for a, b, c in zip(*network.layers[0].weight.astype(float), network.layers[0].bias.astype(float), strict=True):
        at_sides = [(x, -(a * x + c) / b) for x in (left, right)] if b else []
        at_ends = [(-(b * y + c) / a, y) for y in (bottom, top)] if a else []
        ends = [(x, y) for x, y in at_sides if bottom <= y <= top] + [(x, y) for x, y in at_ends if left < x < right]
        if len(ends) >= 2:
            lines.append((*ends[0], *ends[1]))
    return lines
