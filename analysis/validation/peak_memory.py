"""Peak memory of training steps as published rows note it, beside what analysis/training/footprint.py predicts."""

import numpy as np
import pandas as pd

from analysis.training import assumptions, calibration, footprint, intervals
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS

_PEAK = r"\bpeak (?:memory )?([\d.]+) (GiB|GB)\b"
_BYTES = {"GiB": 2.0**30, "GB": 1e9}


def against_measured(constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return the rows whose note has a peak, with `measured` and `predicted` bytes of one accelerator and `log_error`."""
    observed = calibration.observations("train")
    peaks = observed.rows["note"].str.extract(_PEAK)
    noted = peaks[0].notna().to_numpy()
    observed = observed.take(noted)
    steps, _ = assumptions.decide(observed.questions, constants)
    rows = observed.rows.assign(
        measured=(peaks[0].astype(float) * peaks[1].map(_BYTES))[noted].to_numpy(),
        predicted=footprint.memory_bytes(steps),
    )
    return rows.assign(log_error=np.log(rows["predicted"] / rows["measured"]))


def half_width(rows: pd.DataFrame) -> float:
    """Return the half width of the 80% interval of memory, from the errors of `rows`, every source counting the same."""
    return intervals.half_width(rows["log_error"], rows["source"])
