"""Validation of the inference model: every published row predicted by constants that its own unit had no part in.

A unit is a source, or, in a collection of benchmarks of many engines and models, one engine and model of it. Stricter
still, a collection is held out whole, so that nothing of its way to measure is known.
`python -m analysis.validation.inference_validation` prints the tables, and with `--write` puts the constants and the
widths of the intervals into analysis/inference/inference_fitted.py, and the predictions into
data/generated/held_out_inference.csv.
"""

import sys
from typing import Any

import numpy as np
import pandas as pd

from analysis import paths
from analysis.arrays import PerCase
from analysis.evidence.errors import log_error
from analysis.inference import inference_calibration, inference_runs
from analysis.inference.inference_calibration import COLLECTIONS, Observations, Slopes
from analysis.inference.inference_constants import FITTED, IDEAL, InferenceConstants
from analysis.uncertainty import intervals
from analysis.validation import held_out_inference


def held_out(observed: Observations | None = None) -> pd.DataFrame:
    """Return the published rows with `predicted` (their unit held out), `strict` (their collection held out),
    `log_error`, `strict_error`, `group`, `width` of the interval and whether it `held`.

    `beyond` says that the published figure is better than the data sheet's rates allow for what the row says, so that
    something is not said, such as prompts that came from a cache or tokens that were drafted.
    """
    observed = inference_calibration.observations() if observed is None else observed
    slopes = inference_calibration.slopes(observed, inference_calibration.fit(observed))
    rows = observed.rows.copy()
    rows["predicted"] = _without(slopes, rows["unit"])
    rows["strict"] = rows["predicted"]
    whole = rows["source"].isin(COLLECTIONS).to_numpy()
    if whole.any() and not whole.all():
        rows.loc[whole, "strict"] = _without(slopes, rows["source"].where(whole))[whole]
    for column, error in (("predicted", "log_error"), ("strict", "strict_error")):
        rows[error] = log_error(rows[column], rows["value"], rows["metric"])
    ideal = inference_runs.predicted(observed.questions, rows["metric"], IDEAL)
    rows["beyond"] = log_error(ideal, rows["value"], rows["metric"]) > 0
    rows["group"] = [
        inference_runs.group(question, metric) for question, metric in zip(observed.questions, rows["metric"], strict=True)
    ]
    rows["width"] = _widths(rows)
    rows["held"] = rows["log_error"].abs() <= rows["width"]
    return rows


def _without(slopes: Slopes, fold: pd.Series) -> Any:
    """Return predictions of all rows, each by constants fitted to usable rows outside its `fold`."""
    result = np.full(len(fold), np.nan)
    for name in fold.dropna().unique():
        inside = (fold == name).to_numpy()
        within = slopes.observed.take(inside)
        result[inside] = inference_runs.predicted(within.questions, within.rows["metric"], slopes.without(inside))
    return result


def _widths(rows: pd.DataFrame) -> PerCase:
    """Return the half width of each row's interval, from the errors of other units."""
    result = np.empty(len(rows))
    for name in rows["unit"].unique():
        inside = (rows["unit"] == name).to_numpy()
        result[inside] = rows.loc[inside, "group"].map(group_widths(rows[~inside]))
    return result


def group_widths(rows: pd.DataFrame) -> dict[str, float]:
    """Return the half width of the interval for each group of rows; a group without any takes that of all rows."""
    good = rows[rows["usable"] == "yes"]
    widths = {}
    for group in inference_runs.GROUPS:
        chosen = good[good["group"] == group]
        chosen = good if chosen["unit"].nunique() < 2 else chosen
        widths[group] = intervals.half_width(chosen["log_error"], chosen["unit"])
    return widths


def by_unit(rows: pd.DataFrame, error: str = "log_error") -> pd.DataFrame:
    """Return errors by unit: median and 90th percentile of the relative error, bias, coverage; and macro averages."""
    rows = rows.assign(error=np.expm1(rows[error].abs()))
    grouped = rows.groupby("unit")
    table = pd.DataFrame({
        "rows": grouped.size(),
        "median error": grouped["error"].median(),
        "90th percentile": grouped["error"].quantile(0.9),
        "bias": np.expm1(grouped[error].median()),
        "coverage": grouped["held"].mean(),
        "beyond ideal": grouped["beyond"].mean(),
    })  # fmt: skip
    average = table.mean()
    average["rows"] = table["rows"].sum()
    table.loc["macro average"] = average
    return table


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return errors by what is predicted, with the unit held out and with its whole collection held out: the mean over
    units of their medians and 90th percentiles, and the medians of the units and of the rows."""
    good = rows[rows["usable"] == "yes"]
    measured = good["source"] == "H100 SXM measured"
    first, token = good["metric"] == "ttft_seconds", good["metric"] == "tpot_seconds"
    chosen = {
        "decode, one H100 measured": measured & token, "prefill, one H100 measured": measured & first,
        "output token, engines": ~measured & token, "first token, engines": ~measured & first,
        "output token, those within the ideal": ~measured & token & ~good["beyond"],
        "speed": ~first & ~token,
    }  # fmt: skip
    lines = []
    for label, mask in chosen.items():
        for column, held in (("log_error", "unit"), ("strict_error", "collection")):
            table = by_unit(good[mask], column)
            units = table.drop(index="macro average")
            lines.append({
                "rows": label,
                "held out": held,
                "units": len(units),
                **table.loc["macro average", ["median error", "90th percentile"]].to_dict(),
                "middle unit": units["median error"].median(),
                "middle row": np.expm1(good.loc[mask, column].abs()).median(),
            })  # fmt: skip
    return pd.DataFrame(lines).set_index(["rows", "held out"])


def fitted_text(constants: InferenceConstants, widths: dict[str, float]) -> str:
    """Return analysis/inference/inference_fitted.py as text, three digits a number."""
    lines = [f"    {name}={float(f'{getattr(constants, name):.3g}')!r}," for name in FITTED]
    spread = [f'    "{name}": {float(f"{width:.3g}")!r},' for name, width in widths.items()]
    return "\n".join([
        '"""What `python -m analysis.validation.inference_validation --write` fitted: constants, and widths of intervals."""',
        "", "from analysis.inference.inference_constants import InferenceConstants", "", "CONSTANTS = InferenceConstants(",
        *lines, ")", "", "#: Half width of the 80% interval of each group of rows, as a logarithm.",
        "HALF_WIDTHS = {", *spread, "}", "",
    ])  # fmt: skip


def main(words: list[str]) -> None:
    """Print the validation; with --write among the `words`, keep what it found: constants, widths, predictions."""
    observed = inference_calibration.observations()
    rows = held_out(observed)
    good = rows[rows["usable"] == "yes"]
    for label, mask in (("time to first token", good["metric"] == "ttft_seconds"),
                        ("time per output token", good["metric"] == "tpot_seconds"),
                        ("tokens a second", ~good["metric"].isin(inference_runs.LATENCIES))):  # fmt: skip
        print(f"\ninference, {label}, usable rows\n", by_unit(good[mask]).round(3).to_string())
    print("\n", summary(rows).round(3).to_string())
    if "--write" in words:
        constants = inference_calibration.fit(observed)
        text = fitted_text(constants, group_widths(rows))
        print(f"\n{text}")
        paths.write(paths.ANALYSIS / "inference" / "inference_fitted.py", text)
        held_out_inference.write(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
