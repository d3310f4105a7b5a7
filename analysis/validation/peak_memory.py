"""Peak memory of training steps of published rows, beside what analysis/training/footprint.py predicts."""

import numpy as np
import pandas as pd

from analysis.training import assumptions, calibration, footprint
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.uncertainty import intervals


def against_measured(constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return the rows that have a peak, with `measured` and `predicted` bytes of one accelerator and `log_error`."""
    observed = calibration.observations("train")
    observed = observed.take(observed.rows["peak_memory_bytes"].notna().to_numpy())
    steps, _ = assumptions.decide(observed.questions, constants)
    rows = observed.rows.assign(measured=observed.rows["peak_memory_bytes"], predicted=footprint.memory_bytes(steps))
    return rows.assign(log_error=np.log(rows["predicted"] / rows["measured"]))


def half_width(rows: pd.DataFrame) -> float:
    """Return the half width of the 80% interval of memory, from the errors of `rows`, every source counting the same."""
    return intervals.half_width(rows["log_error"], rows["source"])
