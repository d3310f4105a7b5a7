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
from analysis.evidence import offsets
from analysis.evidence.errors import TIMES, log_error
from analysis.training import assumptions, calibration, footprint, offset
from analysis.training.calibration import Learnt, Slopes
from analysis.training.constants import EXPECTED, FITTED, Constants
from analysis.training.fitted import SCALES
from analysis.uncertainty import intervals
from analysis.validation import held_out as held_out_file
from analysis.validation import peak_memory

#: What the source of a constant-utilization estimate would be: Epoch AI and others assume 40%.
CONSTANT_UTILIZATION = 0.40
#: Runs published since are predicted by what was published before.
FORWARD = "2026"
#: As many sources weigh as much as all others together, where a kind of rows says how far its intervals are stretched.
_ENOUGH = 8.0
_LEAST = 0.04
_NARROW = ("fp8", "mxfp8", "nvfp4", "mxfp4")
#: Deviations that hold 80% of a normal distribution to both sides.
NORMAL = 1.2816
#: The last row of tables by source: their mean, every source counting the same.
MACRO = "macro average"


def held_out(
    start: Constants = EXPECTED,
    fitted: Sequence[str] = FITTED,
    sources: Iterable[str] | None = None,
    refined: bool = True,
    without: Sequence[str] = (),
) -> pd.DataFrame:
    """Predict every published training step and whole run with its source held out. Takes some minutes.

    Returns the rows of runs with `predicted`, `log_error`, `group`, `width` of the interval, whether it `held`; `physics`,
    what constants alone predict, with `physics_error`; and the prediction `constant_utilization` of that baseline.

    The constants `fitted` are fitted, from `start`; the others stay as in `start`. `sources`: only those (default: all).
    Deviations of offsets are found anew without each source if `refined`, else those of all sources are taken. There is
    no offset of the traits of `without`.
    """
    slopes = calibration.slopes(calibration.observations(), start, fitted)
    every = slopes.learn(np.ones(len(slopes.errors), dtype=bool), None if refined else SCALES, without=without)
    of_rows = slopes.observed.rows["source"].map(calibration.family)
    frames = []
    for name in sorted(set(of_rows) if sources is None else {calibration.family(source) for source in sources}):
        inside = (of_rows == name).to_numpy()
        frames.append(_predicted(slopes, inside, slopes.learn(~inside, every.scales, refined, without)))
    rows = pd.concat(frames, ignore_index=True)
    rows["width"] = _widths(rows)
    rows["held"] = rows["log_error"].abs() <= rows["width"]
    return rows


def forward(rows: pd.DataFrame, before: str = FORWARD) -> pd.DataFrame:
    """Predict what was published since `before` by what was published earlier alone; undated rows count as earlier.

    `rows` are held-out ones: earlier ones of them say how far intervals have to be stretched. Returns as `held_out`.
    """
    observed = calibration.observations()
    late = (observed.rows["date"].fillna("") >= before).to_numpy()
    earlier = calibration.slopes(observed.take(~late))
    learnt = earlier.learn(np.ones(len(earlier.errors), dtype=bool))
    predicted = _predicted(calibration.slopes(observed, learnt.constants, ()), late, learnt)
    earlier_rows = rows[rows["date"].fillna("") < before]
    predicted["width"] = _width(predicted, new_stack(earlier_rows), stretches(earlier_rows))
    return predicted.assign(held=predicted["log_error"].abs() <= predicted["width"])


def _predicted(slopes: Slopes, inside: np.ndarray, learnt: Learnt) -> pd.DataFrame:
    """Return the rows `inside`, predicted by what was learnt without them."""
    observed, steps = slopes.observed.take(inside), slopes.steps.take(inside)
    rows = observed.rows.copy()
    traits = slopes.traits[inside].reset_index(drop=True)
    told, rows["deviation"] = offsets.at(learnt.evidence, learnt.scales, traits)
    rows["noise"] = traits[offsets.NOISE]
    rows["shared"] = np.sqrt(rows["deviation"] ** 2 - rows["noise"].map(learnt.scales.noise).fillna(0.0) ** 2)
    rows["physics_error"] = slopes.at(learnt.constants)[inside]
    rows["log_error"] = rows["physics_error"] - told
    longer = np.where(rows["metric"].isin(TIMES), 1.0, -1.0)
    for column, error in (("physics", "physics_error"), ("predicted", "log_error")):
        rows[column] = rows["value"] * np.exp(longer * rows[error])
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
    families, good = rows["source"].map(calibration.family), rows["usable"] == "yes"
    alike = rows["kind"] + "|" + rows["chip"] + "|" + rows["precision"].fillna("")
    expected = np.empty(len(rows))
    for name, kind in set(zip(families, rows["kind"], strict=True)):
        others = good & (families != name) & (rows["kind"] == kind)
        medians = pd.Series(published)[others.to_numpy()].groupby(alike[others].to_numpy()).median()
        asked = ((families == name) & (rows["kind"] == kind)).to_numpy()
        expected[asked] = alike[asked].map(medians).fillna(np.median(published[others]))
    sign = np.where(rows["metric"].isin(TIMES), 1, -1)
    return rows["constant_utilization"] * (CONSTANT_UTILIZATION / expected) ** sign


def _widths(rows: pd.DataFrame) -> np.ndarray:
    """Return the half width of each row's interval: its deviation, stretched as rows of other sources need it."""
    families, result = rows["source"].map(calibration.family), np.empty(len(rows))
    for name in families.unique():
        inside = (families == name).to_numpy()
        others = rows if inside.all() else rows[~inside]
        result[inside] = _width(rows[inside], new_stack(others), stretches(others))
    return result


def _width(rows: pd.DataFrame, of_stack: float, stretch: dict[str, float]) -> np.ndarray:
    stretched = rows["noise"].map(stretch).fillna(max(stretch.values())).to_numpy(dtype=float)
    return np.hypot(rows["deviation"], of_stack) * stretched


def new_stack(rows: pd.DataFrame) -> float:
    """Return how far the offsets of held-out sources lie from what their traits say, as a standard deviation.

    It is more than the deviation of sources that were seen, since that of an engine in its year, of which there is often
    but one source, takes up the rest.
    """
    steps = rows[(rows["usable"] == "yes") & (rows["kind"] == "train")]
    middle = steps["log_error"].groupby(steps["source"]).median()
    known = steps["shared"].groupby(steps["source"]).mean()
    variance = (intervals.half_width(middle, middle.index) / NORMAL) ** 2 - np.mean(known**2)
    return float(np.sqrt(max(variance, _LEAST**2)))


def stretches(rows: pd.DataFrame) -> dict[str, float]:
    """Return how many deviations hold 80% of held-out rows, by the kind of their noise, every source counting the same.

    A kind of few sources is drawn to what holds for all.
    """
    good = rows[rows["usable"] == "yes"]
    off = good["log_error"].abs() / np.hypot(good["deviation"], new_stack(rows))
    common = float(intervals.quantile(off, good["source"], intervals.LEVEL))
    by_kind = {}
    for kind in sorted(good["noise"].unique()):
        alike = (good["noise"] == kind).to_numpy()
        alone, count = intervals.quantile(off[alike], good["source"][alike], intervals.LEVEL), good["source"][alike].nunique()
        by_kind[kind] = float((count * alone + _ENOUGH * common) / (count + _ENOUGH))
    return by_kind


def group_widths(rows: pd.DataFrame) -> dict[str, float]:
    """Return the half width of the interval for each group of runs, where nothing is said of software: of errors that
    constants alone leave.

    Groups of runs that were published complete take their errors from usable rows alone; runs whose plan has to be
    assumed take theirs from the others too. A group without any row takes that of all training steps.
    """
    good = rows["usable"] == "yes"
    widths = {}
    for group in assumptions.GROUPS:
        chosen = rows[(rows["group"] == group) & (good | (group == "assumed plan"))]
        if chosen.empty:
            chosen = rows[good & (rows["kind"] == "train")]
        widths[group] = intervals.half_width(chosen["physics_error"], chosen["source"])
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


def groups(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return masks of usable rows by what is asked for: kinds of models, formats, vendors, whole runs."""
    good, chips = rows["usable"] == "yes", rows["chip"].fillna("")
    step = good & (rows["kind"] == "train")
    experts = rows["model"].isin(rows.loc[rows["group"] == "experts", "model"])
    named = {
        "Training steps": step,
        "of dense models": step & ~experts,
        "with experts": step & experts,
        "in 8 and 4 bits": step & rows["precision"].isin(_NARROW),
    }
    vendors = {"on TPUs": "TPU", "on AMD's chips": "Instinct", "on Ascend": "Ascend"}
    return (
        named
        | {name: step & chips.str.startswith(start) for name, start in vendors.items()}
        | {"Whole runs": good & (rows["kind"] != "train")}
    )


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the macro averages of the prediction and of the baselines on the same rows, training and whole runs."""
    rows = rows.assign(chip_median=chip_median(rows))
    good = rows[rows["usable"] == "yes"]
    low = good["precision"].isin(_NARROW)
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


def fitted_text(learnt: Learnt, widths: dict[str, float], of_stack: float, stretch: dict[str, float]) -> str:
    """Return analysis/training/fitted.py as text, three digits a number."""
    constants, scales = learnt.constants, learnt.scales
    lines = [f"    {name}={float(f'{getattr(constants, name):.3g}')!r}," for name in (*FITTED, "loss_exponent")]
    spread, effects, noise, stretched = (
        [f'    "{name}": {float(f"{width:.3g}")!r},' for name, width in numbers.items()]
        for numbers in (widths, scales.effects, scales.noise, stretch)
    )
    return "\n".join([
        '"""What `python -m analysis.validation.training_validation --write` fitted: constants, offsets, widths."""',
        "", "from analysis.evidence.offsets import Scales", "from analysis.training.constants import Constants", "",
        "CONSTANTS = Constants(", *lines, ")", "",
        "#: Deviations of offsets by trait, and of rows by their kind, as logarithms.",
        "SCALES = Scales(", "effects={", *effects, "}, noise={", *noise, "})", "",
        "#: Deviation of what is left of the offset of a stack that nobody published.",
        f"NEW_STACK = {float(f'{of_stack:.3g}')!r}", "",
        "#: Deviations that hold 80% of runs of sources not seen, by their kind.", "STRETCH = {", *stretched, "}", "",
        "#: Half width of the 80% interval of each group of runs whose software is not said, and of memory, as a logarithm.",
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
    later = forward(rows)
    print(f"\npublished since {FORWARD}, by what came before\n", by_source(later[later["usable"] == "yes"]).round(3).to_string())
    slopes = calibration.slopes(calibration.observations())
    learnt = slopes.learn(np.ones(len(slopes.errors), dtype=bool))
    peaks = peak_memory.against_measured(learnt.constants)
    text = fitted_text(learnt, group_widths(rows) | {"memory": peak_memory.half_width(peaks)}, new_stack(rows), stretches(rows))
    print(f"\n{text}")
    if "--write" in words:
        paths.write(paths.ANALYSIS / "training" / "fitted.py", text)
        offset.write(learnt.evidence)
        held_out_file.write(rows, later)


if __name__ == "__main__":
    main(sys.argv[1:])
