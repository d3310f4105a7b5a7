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
COLUMNS = ("run_id", "group", "predicted", "low", "high", "physics", "constant_utilization", "forward", "forward_low",
           "forward_high")  # fmt: skip


class HeldOutError(ValueError):
    """A stored prediction that does not belong to the runs in `data/`; the message says how to compute it anew."""


def write(rows: pd.DataFrame, later: pd.DataFrame) -> None:
    """Keep the rows of `training_validation.held_out`, and those of `forward` beside them, six digits a number."""
    factor = np.exp(rows["width"])
    rows = rows.assign(low=rows["predicted"] / factor, high=rows["predicted"] * factor)
    after = later.set_index("run_id")
    rows["forward"] = rows["run_id"].map(after["predicted"])
    rows["forward_low"] = rows["run_id"].map(after["predicted"] / np.exp(after["width"]))
    rows["forward_high"] = rows["run_id"].map(after["predicted"] * np.exp(after["width"]))
    paths.write(paths.DATA / f"{NAME}.csv", rows[list(COLUMNS)].to_csv(index=False, float_format="%.6g"))


def read() -> pd.DataFrame:
    """Return the rows of runs that are predicted, with `predicted`, `low`, `high`, `group`, `log_error`,
    `width` and `held`.

    Also `physics`, what constants alone predict, and `constant_utilization`, the prediction of that baseline. Of runs
    published since `training_validation.FORWARD`, what came before them predicts `forward`, from `forward_low` to
    `forward_high`. Raises HeldOutError.
    """
    rows = of_runs(NAME, "python -m analysis.validation.training_validation --write")
    return _judged(rows).assign(physics_error=log_error(rows["physics"], rows["value"], rows["metric"]))


def later(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `read` that were published since `training_validation.FORWARD`, as what came before predicts them:
    `predicted`, `low`, `high`, `log_error`, `width` and `held` are of that prediction."""
    rows = rows[rows["forward"].notna()]
    rows = rows.assign(predicted=rows["forward"], low=rows["forward_low"], high=rows["forward_high"])
    return _judged(rows)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        log_error=log_error(rows["predicted"], rows["value"], rows["metric"]),
        width=np.log(rows["high"] / rows["low"]) / 2,
        held=(rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"]),
    )


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
