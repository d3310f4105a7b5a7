"""Rows that were measured on one's own stack, as plans take them."""

from pathlib import Path
from typing import TypeAlias

import pandas as pd

from analysis.evidence.offsets import Evidence
from analysis.inference.inference_calibration import Known
from analysis.plan.interval import PlanError

#: A table in the format of data/runs.csv, each row with its `value`, or the path of such a file.
Measured: TypeAlias = pd.DataFrame | str | Path


def of_training(measured: Measured) -> Evidence:
    """Return what the rows say of training. Raises PlanError for rows that can't be used, or none of training."""
    training, _ = _evidence(measured)
    if training is None:
        raise PlanError("measured: no row is of training; valid: rows of kind train or whole_run, each with its value")
    return training


def of_serving(measured: Measured) -> dict[str, Known]:
    """Return what the rows say of inference, with all that is known of it. Raises PlanError as `of_training`."""
    _, inference = _evidence(measured)
    if inference is None:
        raise PlanError("measured: no row is of inference; valid: rows of kind prefill, decode or serve, each with its value")
    return inference


def _evidence(measured: Measured) -> tuple[Evidence | None, dict[str, Known] | None]:
    # Few plans have such rows, and the others would wait for it.
    from analysis.evidence import runs
    from analysis.validation import predict

    try:
        return predict.measured_evidence(measured if isinstance(measured, pd.DataFrame) else runs.read(Path(measured)))
    except runs.RunsError as exc:
        raise PlanError(f"measured: {exc}") from exc
