"""Published runs as they were predicted while their own source was held out: what validation computes, kept in a file.

Fitting once a source takes half a minute, too long for each build.
`python -m analysis.validation.training_validation --write` writes data/generated/held_out.csv, and a test computes it
anew and compares.
"""

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.evidence.errors import log_error
from analysis.suggest import nearest

NAME = f"{paths.GENERATED.name}/held_out"
#: Columns of the file, beside those of the runs themselves.
COLUMNS = ("run_id", "group", "predicted", "low", "high", "constant_utilization")


class HeldOutError(ValueError):
    """A stored prediction that does not belong to the runs in `data/`; the message says how to compute it anew."""


def write(rows: pd.DataFrame) -> None:
    """Keep the rows of `validation.held_out`, six digits a number."""
    factor = np.exp(rows["width"])
    rows = rows.assign(low=rows["predicted"] / factor, high=rows["predicted"] * factor)
    paths.write(paths.DATA / f"{NAME}.csv", rows[list(COLUMNS)].to_csv(index=False, float_format="%.6g"))


def read() -> pd.DataFrame:
    """Return the rows of runs that are predicted, with `predicted`, `low`, `high`, `group`, `log_error` and `held`.

    Also `constant_utilization`, the prediction of that baseline. Raises HeldOutError.
    """
    rows = of_runs(NAME, "python -m analysis.validation.training_validation --write")
    error = log_error(rows["predicted"], rows["value"], rows["metric"])
    held = (rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])
    return rows.assign(log_error=error, held=held)


def of_runs(name: str, command: str) -> pd.DataFrame:
    """Return the predictions kept in `data/NAME.csv`, each with the columns of its run; `command` computes them anew.

    Raises HeldOutError for a prediction of a run that there is not.
    """
    runs = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
    stored = facts.read(name)
    unknown = set(stored["run_id"]) - set(runs["run_id"])
    if unknown:
        first = min(unknown)
        raise HeldOutError(
            f"data/{name}.csv has {first!r}, which data/runs.csv has not{nearest(first, runs['run_id'])}; "
            f"compute it anew: {command}"
        )
    return stored.merge(runs, on="run_id", how="left", validate="one_to_one")
