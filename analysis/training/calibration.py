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

from analysis.arrays import PerCase
from analysis.evidence import fitting
from analysis.evidence import observations as observations_module
from analysis.evidence.errors import log_error
from analysis.evidence.observations import Observations
from analysis.steps.step import Steps
from analysis.training import assumptions, metrics, step_time
from analysis.training.assumptions import Question
from analysis.training.constants import EXPECTED, FITTED, SHARES, SPREAD, Constants

#: Standard deviation of a run's residual, and of a source's offset, as logarithms; a residual beyond `_LINEAR` counts
#: linearly. Runs of a source with n of them count n^-0.3 each, since they share more than an offset.
_RESIDUAL, _OFFSET, _LINEAR, _SHARED = 0.08, 0.10, 0.10, 0.3
_ROUNDS = 2


def observations(kind: str = "train") -> Observations[Question]:
    """Return the published rows of one kind that can be predicted, usable ones and others."""
    return observations_module.read((kind,), assumptions.question)


def in_metric(seconds: PerCase, steps: Steps, rows: pd.DataFrame, loss_exponent: float = 0.0) -> PerCase:
    """Return `seconds` of each step in the metric of its row."""
    return metrics.from_seconds(seconds, steps, rows["metric"], conventions(rows), rows["tokens"], loss_exponent)


def residuals(steps: Steps, rows: pd.DataFrame, constants: Constants) -> PerCase:
    """Return the logarithm of predicted over published time of each row."""
    predicted = in_metric(step_time.step_seconds(steps, constants), steps, rows, constants.loss_exponent)
    return log_error(predicted, rows["value"], rows["metric"])


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
    expected, spread = fitting.coordinates(EXPECTED, fitted, SHARES), np.array([SPREAD[name] for name in fitted])

    def objective(position: np.ndarray) -> np.ndarray:
        error = residuals(steps, rows, fitting.constants_at(position, start, fitted, SHARES))
        error = error - (kept * np.bincount(codes, error) / counts)[codes]
        bent = np.sign(error) * _LINEAR * np.sqrt(2 * (np.sqrt(1 + (error / _LINEAR) ** 2) - 1))
        return np.concatenate([weight * bent, (position - expected) / spread])

    position = fitting.least_squares(objective, fitting.coordinates(start, fitted, SHARES))
    return fitting.constants_at(position, start, fitted, SHARES)


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
