"""Predictions for rows of runs: every row comes back, with its prediction and interval or the reason why there is none.

A row's `value` is never read. Rows of training go to analysis/training/assumptions.py, those of inference (prefill, decode,
serve) to analysis/inference/inference_runs.py; each model answers all of its rows at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.evidence import runs
from analysis.evidence.errors import log_error, shifted
from analysis.evidence.offsets import Evidence
from analysis.evidence.runs import Run
from analysis.inference import inference_calibration, inference_offsets, inference_runs
from analysis.inference.inference_calibration import Known
from analysis.inference.inference_constants import InferenceConstants
from analysis.inference.inference_fitted import CONSTANTS as INFERENCE_CONSTANTS
from analysis.inference.inference_fitted import HALF_WIDTHS as INFERENCE_WIDTHS
from analysis.models.shape import ArchitectureError
from analysis.steps.shape import is_measured
from analysis.training import assumptions, prediction
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.uncertainty import intervals

PREDICTED = "predicted"
#: What is said of layers of which no published row is known.
UNMEASURED = "widest interval, since no published run has such layers"
#: What is added to the columns of a table of runs.
ADDED = ("predicted", "low", "high", "status", "assumed")
METRICS = {
    "train": (
        "step_seconds",
        "tokens_per_second_per_chip",
        "tokens_per_second",
        "achieved_flops_per_chip",
        "mfu",
        "hfu",
    ),
    "whole_run": ("chip_hours",),
}


@dataclass(frozen=True)
class _Asked:
    """A row that can be predicted: its position, the run, and what it leaves open."""

    position: int
    run: Run
    question: Any  # that of assumptions, or of inference_runs


def predict(
    frame: pd.DataFrame,
    constants: Constants = CONSTANTS,
    inference_constants: InferenceConstants = INFERENCE_CONSTANTS,
    measured: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return `frame`, rows in the format of data/runs.csv, with predictions in each row's own metric and unit.

    `predicted`, `low` and `high` (an 80% interval) are numbers or NaN; `status` is 'predicted', or the reason why not;
    `assumed` says what was assumed for what the row does not say. Rows `measured` on the same stack, each with its `value`,
    shift and narrow the intervals of rows of the same kind, training or inference. Raises RunsError if no row can be read
    at all, and for a measured row that can't be used.
    """
    runs.check(frame)
    trained, served = (None, None) if measured is None else measured_evidence(measured, constants, inference_constants)
    result = frame.drop(columns=[name for name in (*ADDED, runs.FAULT) if name in frame]).copy()
    columns: dict[str, list[Any]] = {
        "predicted": [np.nan] * len(frame), "low": [np.nan] * len(frame), "high": [np.nan] * len(frame),
        "status": [""] * len(frame), "assumed": [""] * len(frame),
    }  # fmt: skip
    asked, asked_of_inference = [], []
    for position, cells in enumerate(frame.to_dict("records")):
        try:
            run = runs.parsed(cells)
            if run.kind in METRICS:
                _check_metric(run)
                asked.append(_Asked(position, run, assumptions.question(run)))
            else:
                asked_of_inference.append(_Asked(position, run, inference_runs.question(run)))
        except (runs.RunsError, ArchitectureError) as exc:
            columns["status"][position] = f"{runs.named(cells, position + 1)}: {exc}"
    if asked:
        _answer(asked, constants, frame, columns, trained)
    if asked_of_inference:
        _answer_inference(asked_of_inference, inference_constants, frame, columns, served)
    return result.assign(**columns)


def _answer_inference(
    asked: list[_Asked],
    constants: InferenceConstants,
    frame: pd.DataFrame,
    columns: dict[str, list[Any]],
    evidence: Mapping[str, Known] | None,
) -> None:
    """Put the predictions of all rows of inference into `columns`; those of a known source or stack hold its offset, and
    all that of `evidence`, where rows of one's own stack were measured."""
    rows, predicted = _served(asked, constants, frame)
    metric = rows["metric"].tolist()
    if evidence is None:
        error, deviation = inference_calibration.expected(inference_offsets.read(), rows)
    else:
        error, deviation = inference_calibration.expected(evidence, rows.assign(source=inference_calibration.OWN))
    predicted = shifted(predicted, metric, error)
    measured = [is_measured(row.question.deployment.architecture) for row in asked]
    widths = intervals.of_deviation(deviation)
    widths = np.where(measured, widths, np.maximum(widths, max(INFERENCE_WIDTHS.values())))
    low, high = intervals.around(predicted, widths)
    for index, row in enumerate(asked):
        at = row.position
        columns["predicted"][at], columns["low"][at], columns["high"][at] = predicted[index], low[index], high[index]
        columns["status"][at] = PREDICTED
        columns["assumed"][at] = ", ".join(filter(None, (row.question.assumed, "" if measured[index] else UNMEASURED)))


def _answer(
    asked: list[_Asked], constants: Constants, frame: pd.DataFrame, columns: dict[str, list[Any]], evidence: Evidence | None
) -> None:
    """Put the predictions of all rows of training into `columns`."""
    steps, assumed = assumptions.decide([row.question for row in asked], constants)
    asked_runs, unmeasured = [row.run for row in asked], steps.shape.unmeasured > 0
    answered = prediction.predicted(asked_runs, steps, evidence, constants)
    values = prediction.in_metrics(answered.seconds, asked_runs, steps)
    low, high = intervals.around(values, answered.half_width)
    too_large = assumptions.check_memory(steps)
    cells = frame.to_dict("records")
    for index, row in enumerate(asked):
        at = row.position
        columns["assumed"][at] = ", ".join(filter(None, (assumed[index], UNMEASURED if unmeasured[index] else "")))
        if too_large[index]:
            columns["status"][at] = f"{runs.named(cells[at], at + 1)}: {too_large[index]}"
            continue
        columns["predicted"][at], columns["low"][at], columns["high"][at] = values[index], low[index], high[index]
        columns["status"][at] = PREDICTED


def _served(asked: list[_Asked], constants: InferenceConstants, frame: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the asked rows of inference with their `group`, and what constants alone predict of each."""
    questions, metric = [row.question for row in asked], [row.run.metric for row in asked]
    groups = [inference_runs.group(*row) for row in zip(questions, metric, strict=True)]
    rows = frame.iloc[[row.position for row in asked]].assign(group=groups, metric=metric)
    return rows, inference_runs.predicted(questions, metric, constants)


def measured_evidence(
    frame: pd.DataFrame, constants: Constants = CONSTANTS, inference_constants: InferenceConstants = INFERENCE_CONSTANTS
) -> tuple[Evidence | None, dict[str, Known] | None]:
    """Return what rows that were measured on one's own stack say of its training and of its inference. Raises RunsError."""
    runs.check(frame)
    asked, values, served, served_values = [], [], [], []
    for position, cells in enumerate(frame.to_dict("records")):
        try:
            run = runs.parsed(cells)
            value = runs.measured_value(cells)
            if run.kind not in METRICS:
                served.append(_Asked(position, run, inference_runs.question(run)))
                served_values.append(value)
                continue
            _check_metric(run)
            values.append(value)
            asked.append(_Asked(position, run, assumptions.question(run)))
        except runs.RunsError as exc:
            raise runs.RunsError(f"measured {runs.named(cells, position + 1)}: {exc}") from exc
    training = inference = None
    if asked:
        steps, _ = assumptions.decide([row.question for row in asked], constants)
        training = prediction.evidence([row.run for row in asked], steps, values, constants)
    if served:
        rows, predicted = _served(served, inference_constants, frame)
        error = log_error(predicted, served_values, rows["metric"])
        inference = inference_calibration.with_own(inference_offsets.read(), error, rows)
    return training, inference


def _check_metric(run: Run) -> None:
    valid = METRICS[run.kind]
    if run.metric not in valid:
        raise runs.RunsError(f"metric = {run.metric!r} does not fit kind = {run.kind!r}; valid: {', '.join(valid)}")
    if run.metric == "chip_hours" and not run.tokens:
        raise runs.RunsError("tokens is empty, and chip_hours need it; valid: the tokens of the whole run")
