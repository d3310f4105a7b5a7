"""Published rows of inference as they were predicted while their own unit was held out, kept in a file.

`python -m analysis.validation.inference_validation --write` writes data/generated/held_out_inference.csv, and a test computes it
anew and compares.
"""

import numpy as np
import pandas as pd

from analysis import paths
from analysis.evidence.errors import log_error
from analysis.inference import inference_calibration
from analysis.validation import held_out

NAME = f"{paths.GENERATED.name}/held_out_inference"
#: Columns of the file.
COLUMNS = ("run_id", "group", "predicted", "low", "high", "strict", "known", "forward", "beyond")
#: Predictions, and the columns of their errors.
ERRORS = {"predicted": "log_error", "strict": "strict_error", "known": "known_error", "forward": "forward_error"}


def write(rows: pd.DataFrame) -> None:
    """Keep the rows of `inference_validation.held_out`, six digits a number."""
    factor = np.exp(rows["width"])
    rows = rows.assign(
        low=rows["predicted"] / factor, high=rows["predicted"] * factor, beyond=np.where(rows["beyond"], "yes", "no")
    )
    paths.write(paths.DATA / f"{NAME}.csv", rows[list(COLUMNS)].to_csv(index=False, float_format="%.6g"))


def read() -> pd.DataFrame:
    """Return the rows of inference that are predicted, with the columns that `inference_validation.held_out` adds.

    Raises HeldOutError for rows that do not belong to the runs in `data/`.
    """
    rows = held_out.of_runs(NAME, "python -m analysis.validation.inference_validation --write")
    rows["unit"] = inference_calibration.units(rows)
    for column, error in ERRORS.items():
        rows[error] = log_error(rows[column], rows["value"], rows["metric"])
    rows["width"] = np.log(rows["high"] / rows["low"]) / 2
    return rows.assign(beyond=rows["beyond"] == "yes", held=(rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"]))
