"""The fit of the constants.

`python -m analysis.validation.training_validation --write` does it anew and writes analysis/training/fitted.py.

Least squares on the logarithm of predicted over published time, by Levenberg and Marquardt's method, with three
departures that keep few sources from deciding everything: each source has an offset of its own, of about 10%, so that
the constants are fitted to what differs within sources and, through the offsets' mean, to their middle; large residuals
count linearly (Huber 1964); and each constant is held near what was expected of it (a Gaussian prior). Nothing is
random. Unknown fields of runs are decided with the constants, and the constants fitted again, twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.evidence import fitting, offsets, runs
from analysis.evidence import observations as observations_module
from analysis.evidence.errors import log_error
from analysis.evidence.observations import Observations
from analysis.evidence.offsets import Evidence, Scales
from analysis.steps.step import Steps
from analysis.training import assumptions, metrics, step_time, traits
from analysis.training.assumptions import Question
from analysis.training.constants import EXPECTED, FITTED, SHARES, SPREAD, Constants

#: Standard deviation of a run's residual, and of a source's offset, as logarithms; a residual beyond `_LINEAR` counts
#: linearly. Runs of a source with n of them count n^-0.3 each, since they share more than an offset. The offset of
#: other vendors' software is as good as free: it says nothing of constants, which NVIDIA's set.
_RESIDUAL, _OFFSET, _LINEAR, _SHARED = 0.08, 0.10, 0.10, 0.3
_OFFSET_OF_OTHERS = 0.4
_ROUNDS, _STEP = 2, 1e-4


def observations(*kinds: str) -> Observations[Question]:
    """Return the published rows of `kinds` (default: steps and whole runs) that can be predicted, usable ones and others."""
    return observations_module.read(kinds or ("train", "whole_run"), assumptions.question)


def in_metric(seconds: PerCase, steps: Steps, rows: pd.DataFrame) -> PerCase:
    """Return `seconds` of each step (of whole runs: by the clock) in the metric of its row."""
    return metrics.from_seconds(seconds, steps, rows["metric"], conventions(rows), rows["tokens"])


def residuals(steps: Steps, rows: pd.DataFrame, constants: Constants) -> PerCase:
    """Return the logarithm of predicted over published time of each row."""
    trains = metrics.trains(steps, rows["kind"], rows["tokens"])
    seconds = metrics.by_the_clock(step_time.step_seconds(steps, constants), steps, trains, constants.loss_exponent)
    return log_error(in_metric(seconds, steps, rows), rows["value"], rows["metric"])


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
    objective = _objective(rows, fitted)

    def at(position: np.ndarray) -> np.ndarray:
        return objective(residuals(steps, rows, fitting.constants_at(position, start, fitted, SHARES)), position)

    position = fitting.least_squares(at, fitting.coordinates(start, fitted, SHARES))
    return fitting.constants_at(position, start, fitted, SHARES)


def _objective(rows: pd.DataFrame, fitted: Sequence[str]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return what gives the residuals that a fit makes small, from the rows' errors and the constants' coordinates."""
    codes, _ = pd.factorize(rows["source"])
    counts = np.bincount(codes)
    others = np.array([traits.chip_family(chip)[0] != traits.NVIDIA for chip in rows["chip"]])
    offset = np.where(np.bincount(codes, others) > counts / 2, _OFFSET_OF_OTHERS, _OFFSET)
    kept = 1 - np.sqrt(_RESIDUAL**2 / (_RESIDUAL**2 + counts * offset**2))
    weight = counts[codes] ** -_SHARED / _RESIDUAL
    expected, spread = fitting.coordinates(EXPECTED, fitted, SHARES), np.array([SPREAD[name] for name in fitted])

    def objective(error: np.ndarray, position: np.ndarray) -> np.ndarray:
        error = error - (kept * np.bincount(codes, error) / counts)[codes]
        bent = np.sign(error) * _LINEAR * np.sqrt(2 * (np.sqrt(1 + (error / _LINEAR) ** 2) - 1))
        return np.concatenate([weight * bent, (position - expected) / spread])

    return objective


def conventions(rows: pd.DataFrame) -> Sequence[Any]:
    """Return the FLOP convention of each row, None where it is not said."""
    return [None if pd.isna(name) else name for name in rows["flops_convention"]]


def loss_exponent(error: np.ndarray, rows: pd.DataFrame, steps: Steps) -> float:
    """Return the exponent of the loss of whole runs, from their errors without any; every source counts the same.

    It has the least sum of absolute errors, which is a weighted median, so that no single run decides it. Steps and
    benchmarks, which lose nothing, say nothing of it.
    """
    size = np.log(steps.chips)
    counts = rows["source"].map(rows["source"].value_counts()).to_numpy(dtype=float)
    many = metrics.trains(steps, rows["kind"], rows["tokens"]) & (size > 0)
    if not many.any():
        return EXPECTED.loss_exponent
    ratio, weight = -error[many] / size[many], size[many] / counts[many]
    order = np.argsort(ratio)
    middle = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return max(0.0, float(ratio[order][middle]))


@dataclass(frozen=True)
class Learnt:
    """What a set of runs teaches: the constants, and the offsets of what they ran on."""

    constants: Constants
    scales: Scales
    evidence: Evidence


@dataclass(frozen=True)
class Slopes:
    """Errors of observations at some constants, without loss of whole runs, and how they change with each constant's
    coordinate: fits without some of the rows share them, as all constants stay near."""

    observed: Observations[Question]
    steps: Steps
    base: Constants
    fitted: tuple[str, ...]
    errors: np.ndarray
    slopes: np.ndarray
    traits: pd.DataFrame

    def learn(self, kept: np.ndarray, scales: Scales | None = None, refined: bool = True, without: Sequence[str] = ()) -> Learnt:
        """Return what usable rows that the mask `kept` selects teach.

        Deviations of offsets are sought from `scales`, or are these unless `refined`; no offset is that of a trait of
        `without`.
        """
        rows = self.observed.rows
        kept = kept & (rows["usable"] == "yes").to_numpy()
        train = kept & (rows["kind"] == "train").to_numpy()
        start = fitting.coordinates(self.base, self.fitted, SHARES)
        objective = _objective(rows[train], self.fitted)

        def at(position: np.ndarray) -> np.ndarray:
            return objective(self.errors[train] + self.slopes[train] @ (position - start), position)

        position = fitting.least_squares(at, start) if self.fitted else start
        constants = fitting.constants_at(position, self.base, self.fitted, SHARES)
        error = self.errors + self.slopes @ (position - start)
        exponent = loss_exponent(error[kept], rows[kept], self.steps.take(kept))
        constants = replace(constants, loss_exponent=exponent)
        error = self.at(constants)
        shared = self.traits.drop(columns=list(without))[kept].reset_index(drop=True)
        scales, weight = offsets.fit(shared, error[kept], scales, refined)
        return Learnt(constants, scales, offsets.evidence(shared, error[kept], weight))

    def at(self, constants: Constants) -> np.ndarray:
        """Return the errors of all rows at constants near those of the slopes."""
        moved = fitting.coordinates(constants, self.fitted, SHARES) - fitting.coordinates(self.base, self.fitted, SHARES)
        rows = self.observed.rows
        whole = metrics.trains(self.steps, rows["kind"], rows["tokens"])
        errors: np.ndarray = self.errors + self.slopes @ moved + whole * constants.loss_exponent * np.log(self.steps.chips)
        return errors


def slopes(observed: Observations[Question], start: Constants = EXPECTED, fitted: Sequence[str] = FITTED) -> Slopes:
    """Return the slopes of `observed` where the constants `fitted` to its usable steps are; the others are of `start`."""
    usable = observed.usable()
    base = replace(fit(usable.take((usable.rows["kind"] == "train").to_numpy()), start, fitted), loss_exponent=0.0)
    steps, _ = assumptions.decide(observed.questions, base)
    errors, position = residuals(steps, observed.rows, base), fitting.coordinates(base, fitted, SHARES)
    moved = [
        (residuals(steps, observed.rows, fitting.constants_at(position + step, base, fitted, SHARES)) - errors) / _STEP
        for step in _STEP * np.eye(len(position))
    ]
    table = np.reshape(moved, (len(moved), len(errors))).T
    shared = traits_of(observed, steps, observed.rows["source"].map(family))
    return Slopes(observed, steps, base, tuple(fitted), errors, table, shared)


def traits_of(observed: Observations[Question], steps: Steps, sources: Sequence[str]) -> pd.DataFrame:
    """Return the traits of observed runs, as `sources` name their stacks."""
    rows = observed.rows
    experts = steps.shape.whole(lambda kind: kind.n_expert_layers) > 0
    asked = [runs.parsed(row) for row in rows.to_dict("records")]
    return traits.traits_of_runs(asked, sources, experts, metrics.trains(steps, rows["kind"], rows["tokens"]))


def family(source: str) -> str:
    """Return what is held out together with a source: releases of one suite ('Megatron-Bridge 25.09') are one."""
    name, _, release = source.rpartition(" ")
    return name if release.replace(".", "").isdigit() and "." in release else source
