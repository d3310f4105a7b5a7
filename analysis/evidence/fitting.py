"""Fits of few constants, each a positive number: as logarithms, by the method of Levenberg and Marquardt."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Constants = TypeVar("_Constants", bound="DataclassInstance")
_ITERATIONS, _STEP = 25, 1e-4


def least_squares(objective: Callable[[np.ndarray], np.ndarray], position: np.ndarray) -> np.ndarray:
    """Return where the sum of squares of `objective` is least, from `position` (Levenberg 1944, Marquardt 1963)."""
    damping, now = 1e-2, objective(position)
    for _ in range(_ITERATIONS):
        slopes = np.stack([(objective(position + step) - now) / _STEP for step in _STEP * np.eye(len(position))], axis=1)
        normal, gradient = slopes.T @ slopes, slopes.T @ now
        while damping < 1e6:
            change = np.linalg.solve(normal + damping * np.diag(np.diag(normal)), -gradient)
            then = objective(position + change)
            if then @ then < now @ now:
                break
            damping *= 4
        else:
            break
        gained = 1 - (then @ then) / (now @ now)
        position, now, damping = position + change, then, damping / 4
        if gained < 1e-6:
            break
    return position


def coordinates(constants: object, fitted: Sequence[str], shares: Collection[str] = ()) -> np.ndarray:
    """Return the constants `fitted` as logarithms, those that are `shares` as log-odds."""
    values = {name: getattr(constants, name) for name in fitted}
    return np.array([np.log(v / (1 - v)) if name in shares else np.log(v) for name, v in values.items()])


def constants_at(position: np.ndarray, base: _Constants, fitted: Sequence[str], shares: Collection[str] = ()) -> _Constants:
    """Return `base` with the constants `fitted` at the coordinates `position`."""
    values = {
        name: float(1 / (1 + np.exp(-at)) if name in shares else np.exp(at)) for name, at in zip(fitted, position, strict=True)
    }
    return replace(base, **values)
