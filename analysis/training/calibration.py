"""The fit of the constants.

`python -m analysis.validation.training_validation --write` does it anew and writes analysis/training/fitted.py.

Least squares on the logarithm of predicted over published time, by Levenberg and Marquardt's method, with three
departures that keep few sources from deciding everything: each source has an offset of its own, of about 10%, so that
the constants are fitted to what differs within sources and, through the offsets' mean, to their middle; large residuals
count linearly (Huber 1964); and each constant is held near what was expected of it (a Gaussian prior). Nothing is
random. Unknown fields of runs are decided with the constants, and the constants fitted again, twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.training import assumptions, metrics, step_time
from analysis.training import observations as observations_module
from analysis.training.assumptions import Question
from analysis.training.constants import EXPECTED, FITTED, SHARES, SPREAD, Constants
from analysis.training.observations import Observations
from analysis.training.steps import Steps

#: Standard deviation of a run's residual, and of a source's offset, as logarithms; a residual beyond `_LINEAR` counts
#: linearly. Runs of a source with n of them count n^-0.3 each, since they share more than an offset.
_RESIDUAL, _OFFSET, _LINEAR, _SHARED = 0.08, 0.10, 0.10, 0.3
_ROUNDS, _ITERATIONS, _STEP = 2, 25, 1e-4


def observations(kind: str = "train") -> Observations[Question]:
    """Return the published rows of one kind that can be predicted, usable ones and others."""
    return observations_module.read((kind,), assumptions.question)


def in_metric(seconds: Any, steps: Steps, rows: pd.DataFrame, loss_exponent: float = 0.0) -> Any:
    """Return `seconds` of each step in the metric of its row."""
    return metrics.from_seconds(seconds, steps, rows["metric"], conventions(rows), rows["tokens"], loss_exponent)


def residuals(steps: Steps, rows: pd.DataFrame, constants: Constants) -> Any:
    """Return the logarithm of predicted over published time of each row."""
    predicted = in_metric(step_time.step_seconds(steps, constants), steps, rows, constants.loss_exponent)
    return metrics.log_error(predicted, rows["value"], rows["metric"])


def fit(observed: Observations[Question], start: Constants = EXPECTED, fitted: Sequence[str] = FITTED) -> Constants:
    """Return the constants `fitted` to `observed`; the others are those of `start`."""
    constants = start
    if not fitted:
        return constants
    for _ in range(_ROUNDS):
        steps, _ = assumptions.decide(observed.questions, constants)
        constants = _fit_steps(steps, observed.rows, constants, fitted)
    return constants


def _fit_steps(steps: Steps, rows: pd.DataFrame, start: Constants, fitted: Sequence[str]) -> Constants:
    codes, _ = pd.factorize(rows["source"])
    counts = np.bincount(codes)
    kept = 1 - np.sqrt(_RESIDUAL**2 / (_RESIDUAL**2 + counts * _OFFSET**2))
    weight = counts[codes] ** -_SHARED / _RESIDUAL
    expected, spread = _coordinates(EXPECTED, fitted), np.array([SPREAD[name] for name in fitted])

    def objective(position: Any) -> Any:
        error = residuals(steps, rows, _constants(position, start, fitted))
        error = error - (kept * np.bincount(codes, error) / counts)[codes]
        bent = np.sign(error) * _LINEAR * np.sqrt(2 * (np.sqrt(1 + (error / _LINEAR) ** 2) - 1))
        return np.concatenate([weight * bent, (position - expected) / spread])

    return _constants(least_squares(objective, _coordinates(start, fitted)), start, fitted)


def least_squares(objective: Any, position: Any) -> Any:
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


def _coordinates(constants: Constants, fitted: Sequence[str]) -> Any:
    """Return the constants `fitted` as logarithms, shares as log-odds."""
    values = {name: getattr(constants, name) for name in fitted}
    return np.array([np.log(v / (1 - v)) if name in SHARES else np.log(v) for name, v in values.items()])


def _constants(position: Any, base: Constants, fitted: Sequence[str]) -> Constants:
    values = {
        name: float(1 / (1 + np.exp(-at)) if name in SHARES else np.exp(at)) for name, at in zip(fitted, position, strict=True)
    }
    return replace(base, **values)


def conventions(rows: pd.DataFrame) -> Sequence[Any]:
    """Return the FLOP convention of each row, None where it is not said."""
    return [None if pd.isna(name) else name for name in rows["flops_convention"]]


def fit_loss(observed: Observations[Question], constants: Constants) -> Constants:
    """Return `constants` with the loss of whole runs fitted to `observed`, every source counting the same.

    The exponent has the least sum of absolute errors, which is a weighted median, so that no single run decides it.
    """
    steps, _ = assumptions.decide(observed.questions, constants)
    steady = replace(constants, loss_exponent=0.0)
    error, size = residuals(steps, observed.rows, steady), np.log(steps.chips)
    counts = observed.rows["source"].map(observed.rows["source"].value_counts()).to_numpy(dtype=float)
    many = size > 0
    ratio, weight = -error[many] / size[many], size[many] / counts[many]
    order = np.argsort(ratio)
    middle = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return replace(constants, loss_exponent=max(0.0, float(ratio[order][middle])))


def fit_all(
    steps: Observations[Question], whole_runs: Observations[Question], start: Constants = EXPECTED, fitted: Sequence[str] = FITTED
) -> Constants:
    """Return all constants, `fitted` to training steps and, the loss exponent, to whole runs."""
    return fit_loss(whole_runs.usable(), fit(steps.usable(), start, fitted))
