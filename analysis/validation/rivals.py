"""What other estimators say of published training steps (data/rivals.csv), in the metric of each run."""

import numpy as np
import pandas as pd

from analysis import facts
from analysis.training import assumptions, calibration
from analysis.training.fitted import CONSTANTS
from analysis.validation import held_out


def read() -> pd.DataFrame:
    """Return the held-out rows that `program` has an answer for, which is in the column `rival`."""
    said = facts.read("rivals").set_index("run_id")
    observed = calibration.observations("train")
    observed = observed.take(observed.rows["run_id"].isin(said.index).to_numpy())
    steps, _ = assumptions.decide(observed.questions, CONSTANTS)
    seconds = said.loc[observed.rows["run_id"], "step_seconds"].to_numpy()
    answers = calibration.in_metric(seconds, steps, observed.rows)
    rows = held_out.read().set_index("run_id").loc[observed.rows["run_id"]]
    return rows.assign(rival=np.asarray(answers), program=said.loc[rows.index, "program"]).reset_index()
