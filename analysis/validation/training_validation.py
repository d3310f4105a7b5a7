"""Validation in the open: every published run predicted by constants that its own source had no part in.

Leave-one-source-out: for each source, the constants and the intervals are fitted to all others. Two releases of one
benchmark suite, which print much the same runs, are held out together.
`python -m analysis.validation.training_validation` prints the tables, and with `--write` puts the constants and the
widths of the intervals into analysis/training/fitted.py, and the predictions into data/generated/held_out.csv.
"""

import sys
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analysis import paths
from analysis.arrays import PerCase
from analysis.comparing import Measured, mean
from analysis.evidence.errors import TIMES, log_error
from analysis.training import assumptions, calibration, footprint, step_time
from analysis.training.calibration import Observations
from analysis.training.constants import EXPECTED, FITTED, Constants
from analysis.uncertainty import intervals
from analysis.validation import held_out as held_out_file
from analysis.validation import peak_memory

#: What the source of a constant-utilization estimate would be: Epoch AI and others assume 40%.
CONSTANT_UTILIZATION = 0.40
#: The last row of tables by source: their mean, every source counting the same.
MACRO = "macro average"


def family(source: str) -> str:
    """Return what is held out together with a source: releases of one suite ('Megatron-Bridge 25.09') are one."""
    name, _, release = source.rpartition(" ")
    return name if release.replace(".", "").isdigit() and "." in release else source


def held_out(start: Constants = EXPECTED, fitted: Sequence[str] = FITTED, sources: Iterable[str] | None = None) -> pd.DataFrame:
    """Predict every published training step and whole run with its source held out. Takes about half a minute.

    Returns the rows of runs with `predicted`, `log_error`, `group`, `width` of the interval, whether it `held`, and the
    prediction `constant_utilization` of that baseline.

    The constants `fitted` are fitted, from `start`; the others stay as in `start`. `sources`: only those (default: all).
    """
    steps, whole_runs = calibration.observations("train"), calibration.observations("whole_run")
    frames = []
    known = (*steps.rows["source"], *whole_runs.rows["source"])
    families = sorted({family(name) for name in (known if sources is None else sources)})
    for name in families:
        inside = [(seen.rows["source"].map(family) == name).to_numpy() for seen in (steps, whole_runs)]
        constants = calibration.fit_all(steps.take(~inside[0]), whole_runs.take(~inside[1]), start, fitted)
        for seen, within in zip((steps, whole_runs), inside, strict=True):
            if within.any():
                frames.append(_predicted(seen.take(within), constants))
    rows = pd.concat(frames, ignore_index=True)
    rows["width"] = _widths(rows)
    rows["held"] = rows["log_error"].abs() <= rows["width"]
    return rows


def _predicted(observed: Observations, constants: Constants) -> pd.DataFrame:
    steps, assumed = assumptions.decide(observed.questions, constants)
    rows = observed.rows.copy()
    seconds = step_time.step_seconds(steps, constants)
    rows["predicted"] = calibration.in_metric(seconds, steps, rows, constants.loss_exponent)
    rows["log_error"] = log_error(rows["predicted"], rows["value"], rows["metric"])
    rows["assumed"] = assumed
    rows["group"] = [assumptions.group(question, kind) for question, kind in zip(observed.questions, rows["kind"], strict=True)]
    ideal = footprint.model_flop(steps, causal=False) / (steps.machine.peak * steps.chips)
    rows["constant_utilization"] = calibration.in_metric(ideal / CONSTANT_UTILIZATION, steps, rows)
    return rows


def reported_utilization(rows: pd.DataFrame) -> PerCase:
    """Return what each run reports as a share of the peak, of the model's own FLOP with full attention."""
    error = log_error(rows["constant_utilization"], rows["value"], rows["metric"])
    return CONSTANT_UTILIZATION * np.exp(error)


def chip_median(rows: pd.DataFrame) -> PerCase:
    """Return predictions from the median utilization of the same chip, precision and kind in other sources' rows.

    Where no other source has that chip at that precision: the median of all others.
    """
    published = reported_utilization(rows)
    families, good = rows["source"].map(family), rows["usable"] == "yes"
    alike = rows["kind"] + "|" + rows["chip"] + "|" + rows["precision"].fillna("")
    expected = np.empty(len(rows))
    for name, kind in set(zip(families, rows["kind"], strict=True)):
        others = good & (families != name) & (rows["kind"] == kind)
        medians = pd.Series(published)[others.to_numpy()].groupby(alike[others].to_numpy()).median()
        asked = ((families == name) & (rows["kind"] == kind)).to_numpy()
        expected[asked] = alike[asked].map(medians).fillna(np.median(published[others]))
    sign = np.where(rows["metric"].isin(TIMES), 1, -1)
    return rows["constant_utilization"] * (CONSTANT_UTILIZATION / expected) ** sign


def _widths(rows: pd.DataFrame) -> PerCase:
    """Return the half width of each row's interval, from the rows of other sources."""
    result = np.empty(len(rows))
    for name in rows["source"].map(family).unique():
        inside = (rows["source"].map(family) == name).to_numpy()
        widths = group_widths(rows[~inside]) if not inside.all() else {}
        result[inside] = rows.loc[inside, "group"].map(widths)
    return result


def group_widths(rows: pd.DataFrame) -> dict[str, float]:
    """Return the half width of the interval for each group of runs.

    Groups of runs that were published complete take their errors from usable rows alone; runs whose plan has to be
    assumed take theirs from the others too. A group without any row takes that of all training steps.
    """
    good = rows["usable"] == "yes"
    widths = {}
    for group in assumptions.GROUPS:
        chosen = rows[(rows["group"] == group) & (good | (group == "assumed plan"))]
        if chosen.empty:
            chosen = rows[good & (rows["kind"] == "train")]
        widths[group] = intervals.half_width(chosen["log_error"], chosen["source"])
    return widths


def errors(predicted: PerCase, rows: pd.DataFrame) -> PerCase:
    """Return |predicted / published - 1|, in each row's own metric."""
    return np.abs(np.asarray(predicted) / rows["value"].to_numpy() - 1)


def by_source(rows: pd.DataFrame, predicted: str = "predicted") -> pd.DataFrame:
    """Return runs, median and 90th-percentile error, bias and coverage by source, and their macro average last."""
    frame = rows.assign(error=errors(rows[predicted], rows))
    grouped = frame.groupby("source")
    table = pd.DataFrame({
        "runs": grouped.size(),
        "median error": grouped["error"].median(),
        "90th percentile": grouped["error"].quantile(0.9),
        "bias": np.expm1(grouped["log_error"].median()),
        "coverage": grouped["held"].mean(),
    })  # fmt: skip
    average = table.mean()
    average["runs"] = table["runs"].sum()
    table.loc[MACRO] = average
    return table


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the macro averages of the prediction and of the baselines on the same rows, training and whole runs."""
    rows = rows.assign(chip_median=chip_median(rows))
    good = rows[rows["usable"] == "yes"]
    low = good["precision"].isin(["fp8", "mxfp8", "nvfp4", "mxfp4"])
    experts = good["model"].isin(good.loc[good["group"] == "experts", "model"])
    train = good["kind"] == "train"
    chosen = {"training steps": train, "dense": train & ~experts, "experts": train & experts,
              "16 bits": train & ~low, "8 bits": train & low, "whole runs": ~train}  # fmt: skip
    named = {"predicted": "this report", "constant_utilization": "40% MFU", "chip_median": "median MFU of the chip"}
    lines = []
    for label, mask in chosen.items():
        for column, method in named.items():
            average = by_source(good[mask], column).loc[MACRO]
            average = average[["median error", "90th percentile"]].to_dict()
            lines.append({"rows": label, "method": method, "sources": good[mask]["source"].nunique(), **average})
    return pd.DataFrame(lines).set_index(["rows", "method"])


def whole_runs_over_constant(rows: pd.DataFrame) -> Measured:
    """Return by how much the median error of whole runs is above that of a constant utilization, source by source."""
    whole = rows[(rows["usable"] == "yes") & (rows["kind"] != "train")]
    ours, constant = (
        by_source(whole, column)["median error"].drop(index=MACRO) for column in ("predicted", "constant_utilization")
    )
    return mean(ours - constant)


def fitted_text(constants: Constants, widths: dict[str, float]) -> str:
    """Return analysis/training/fitted.py as text, three digits a number."""
    lines = [f"    {name}={float(f'{getattr(constants, name):.3g}')!r}," for name in (*FITTED, "loss_exponent")]
    spread = [f'    "{name}": {float(f"{width:.3g}")!r},' for name, width in widths.items()]
    return "\n".join([
        '"""What `python -m analysis.validation.training_validation --write` fitted: constants, and widths of intervals."""',
        "", "from analysis.training.constants import Constants", "", "CONSTANTS = Constants(", *lines, ")", "",
        "#: Half width of the 80% interval of each group of runs, and of memory, as a logarithm.",
        "HALF_WIDTHS = {", *spread, "}", "",
    ])  # fmt: skip


def main(words: list[str]) -> None:
    """Print the validation; with --write among the `words`, keep what it found: analysis/training/fitted.py, data/generated."""
    rows = held_out()
    good = rows[rows["usable"] == "yes"]
    for kind in ("train", "whole_run"):
        print(f"\n{kind}, usable rows\n", by_source(good[good["kind"] == kind]).round(3).to_string())
    others = rows[(rows["usable"] == "no") & (rows["kind"] == "train")]
    print("\ntrain, other rows\n", by_source(others).round(3).to_string())
    print("\n", summary(rows).round(3).to_string())
    constants = calibration.fit_all(calibration.observations("train"), calibration.observations("whole_run"))
    widths = group_widths(rows) | {"memory": peak_memory.half_width(peak_memory.against_measured(constants))}
    text = fitted_text(constants, widths)
    print(f"\n{text}")
    if "--write" in words:
        paths.write(paths.ANALYSIS / "training" / "fitted.py", text)
        held_out_file.write(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
