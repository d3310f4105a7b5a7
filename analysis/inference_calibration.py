"""The fit of the constants of inference, by the method of analysis/calibration.py.

Least squares on the logarithm of predicted over published time, with an offset a source, large residuals counted
linearly, and each constant held near what was expected of it. What is held out together, and has an offset, is one
engine and model of a collection of benchmarks, and else a source.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts, inference_runs, runs
from analysis.calibration import least_squares
from analysis.inference_constants import EXPECTED, FITTED, SPREAD, InferenceConstants
from analysis.inference_runs import Question

#: Standard deviation of a row's residual within its unit, and of a unit's offset, as logarithms; beyond twice that they
#: count linearly. All rows of a unit and metric together count as `_ROWS` rows, since they share more than an offset.
_RESIDUAL, _OFFSET, _LINEAR, _ROWS = 0.10, 0.15, 1.0, 8.0
ROUNDS = 8
_STEP, _STILL = 1e-4, 2e-3
#: Sources that are collections of benchmarks of many engines and models.
COLLECTIONS = ("aiconfigurator silicon sample",)


@dataclass(frozen=True)
class Observations:
    """Published rows of inference, and what each asks."""

    rows: pd.DataFrame
    questions: tuple[Question, ...]

    def take(self, chosen: Any) -> "Observations":
        """Return the observations that the mask `chosen` selects."""
        kept = tuple(one for one, keep in zip(self.questions, chosen, strict=True) if keep)
        return Observations(self.rows[chosen].reset_index(drop=True), kept)


def observations() -> Observations:
    """Return the published rows of inference that can be predicted, usable ones and others, with their `unit`."""
    table = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
    kept, questions = [], []
    for index, row in table[table["kind"].isin(inference_runs.KINDS)].iterrows():
        try:
            questions.append(inference_runs.question(runs.parsed(row)))
        except runs.RunsError:
            continue
        kept.append(index)
    rows = table.loc[kept].reset_index(drop=True)
    return Observations(rows.assign(unit=units(rows)), tuple(questions))


def units(rows: pd.DataFrame) -> list[str]:
    """Return what each row is held out with: its source, or in a collection its engine and model."""
    return [
        f"{str(engine).split()[0]}, {model}" if source in COLLECTIONS else source
        for source, engine, model in zip(rows["source"], rows["engine"], rows["model"], strict=True)
    ]


def usable(observed: Observations) -> Observations:
    """Return the observations that say enough to be fitted to."""
    return observed.take((observed.rows["usable"] == "yes").to_numpy())


def fit(observed: Observations, start: InferenceConstants = EXPECTED, rounds: int = ROUNDS) -> InferenceConstants:
    """Return the constants fitted to `observed`, from `start`.

    A prediction takes longer than the fit, so each round takes the slopes of all errors once and minimizes with them.
    """
    errors = _errors(observed)
    rows = observed.rows
    codes, _ = pd.factorize(rows["unit"] + rows["metric"])
    counts = np.bincount(codes)
    weight = np.sqrt(np.minimum(_ROWS / counts, 1.0))[codes]
    expected, spread = _coordinates(EXPECTED), np.array([SPREAD[name] for name in FITTED])

    def residuals(error: Any, position: Any) -> Any:
        offset = np.bincount(codes, error) / counts
        within = weight * _bent((error - offset[codes]) / _RESIDUAL)
        return np.concatenate([within, _bent(offset / _OFFSET), (position - expected) / spread])

    position = _coordinates(start)
    for _ in range(rounds):
        now = errors(position)
        slopes = np.stack([(errors(position + step) - now) / _STEP for step in _STEP * np.eye(len(position))], axis=1)

        def linear(other: Any, at: Any = position, error: Any = now, slopes: Any = slopes) -> Any:
            return residuals(error + slopes @ (other - at), other)

        change = least_squares(linear, position) - position
        least = np.sum(residuals(now, position) ** 2)
        while np.sum(residuals(errors(position + change), position + change) ** 2) > least:
            change = change / 2
            if np.max(np.abs(change)) < _STEP:
                break
        position = position + change
        if np.max(np.abs(change)) < _STILL:
            break
    return _constants(position, start)


def _errors(observed: Observations) -> Callable[[Any], Any]:
    """Return what gives the logarithm of predicted over published time of each row, by the constants' coordinates."""
    cases, load = inference_runs.stacked(observed.questions)
    metrics = observed.rows["metric"].to_numpy()

    def errors(position: Any) -> Any:
        settled = inference_runs.equilibrium(cases, load, _constants(position, EXPECTED))
        predicted = inference_runs.in_metric(cases, load, settled, metrics)
        return inference_runs.log_error(predicted, observed.rows["value"], metrics)

    return errors


def _bent(error: Any) -> Any:
    """Return residuals in units of their deviation, with the square of large ones growing linearly (Huber 1964)."""
    return np.sign(error) * _LINEAR * np.sqrt(2 * (np.sqrt(1 + (error / _LINEAR) ** 2) - 1))


def _coordinates(constants: InferenceConstants) -> Any:
    return np.log([getattr(constants, name) for name in FITTED])


def _constants(position: Any, base: InferenceConstants) -> InferenceConstants:
    return replace(base, **{name: float(np.exp(at)) for name, at in zip(FITTED, position, strict=True)})
