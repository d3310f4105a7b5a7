"""Validation of the inference model: every published row predicted by constants that its own unit had no part in.

A unit is a source, or, in a collection of benchmarks of many engines and models, one engine and model of it. Stricter
still, a collection is held out whole, so that nothing of its way to measure is known.
`python -m analysis.validation.inference_validation` prints the tables, and with `--write` puts the constants and the
widths of the intervals into analysis/inference/inference_fitted.py, what tells the offsets of makers, sources and stacks into
data/generated/inference_offsets.csv, and the predictions into data/generated/held_out_inference.csv.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import paths
from analysis.evidence.errors import log_error, shifted
from analysis.evidence.offsets import Scales
from analysis.hardware import accelerators
from analysis.inference import inference_calibration, inference_offsets, inference_runs
from analysis.inference.inference_calibration import COLLECTIONS, Known, Observations, Slopes
from analysis.inference.inference_constants import EXPECTED, FITTED, IDEAL, InferenceConstants
from analysis.uncertainty import intervals
from analysis.validation import held_out_inference
from analysis.validation.held_out_inference import ERRORS

#: How far the offsets of each family of groups spread, and the weight of each row.
Spread = tuple[dict[str, Scales], np.ndarray]
#: Errors are told forward from this date on: by what was published before.
FORWARD_SINCE = "2026"
#: What `summary` tells, by the column of its error.
SUMMARIZED = {"log_error": "unit", "strict_error": "collection", "forward_error": "before 2026", "known_error": "row"}
#: Parts in which rows are held out where others of the same stack are known.
_PARTS = 4
#: Draws of the bootstrap.
_DRAWS = 2000


def held_out(observed: Observations | None = None) -> pd.DataFrame:
    """Return the published rows with what is predicted of each in four ways: `predicted` (its unit held out), `strict` (its
    whole source held out), `known` (one row in four held out, so that others of its stack are known), and `forward` (by what
    was published before `FORWARD_SINCE`; NaN for what is older or has no date). Also the error of each, a logarithm
    (`log_error`, `strict_error`, `known_error`, `forward_error`), `group`, the `width` of the interval and whether it `held`.

    `beyond` says that the published figure is better than the data sheet's rates allow for what the row says, so that
    something is not said, such as prompts that came from a cache or tokens that were drafted.
    """
    slopes = slopes_of(inference_calibration.observations() if observed is None else observed)
    observed, rows = slopes.observed, slopes.observed.rows.copy()
    spread = _spread(slopes)
    rows["predicted"], rows["deviation"] = _without(slopes, spread, rows["unit"])
    rows["strict"] = rows["predicted"]
    whole = rows["source"].isin(COLLECTIONS).to_numpy()
    if whole.any() and not whole.all():
        of_source, _ = _without(slopes, spread, rows["source"].where(whole))
        rows.loc[whole, "strict"] = of_source[whole]
    rows["known"], _ = _without(slopes, spread, pd.Series(np.arange(len(rows)) % _PARTS))
    rows["forward"] = _forward(slopes)
    for column, error in ERRORS.items():
        rows[error] = log_error(rows[column], rows["value"], rows["metric"])
    ideal = inference_runs.predicted(observed.questions, rows["metric"], IDEAL)
    rows["beyond"] = log_error(ideal, rows["value"], rows["metric"]) > 0
    rows["width"] = intervals.of_deviation(rows["deviation"])
    rows["held"] = rows["log_error"].abs() <= rows["width"]
    return rows


def slopes_of(observed: Observations, start: InferenceConstants = EXPECTED, fitted: tuple[str, ...] = FITTED) -> Slopes:
    """Return the errors of `observed`, with the `group` of each row, at the constants that fit them, and their slopes."""
    rows = observed.rows.assign(
        group=[
            inference_runs.group(question, metric)
            for question, metric in zip(observed.questions, observed.rows["metric"], strict=True)
        ]
    )
    slopes = inference_calibration.slopes(observed, inference_calibration.fit(observed, start, fitted), fitted)
    return replace(slopes, observed=replace(observed, rows=rows))


def without_units(slopes: Slopes, *, with_offsets: bool = True) -> pd.DataFrame:
    """Return the rows with what is `predicted` of each while its unit is held out, and its `log_error`."""
    rows = slopes.observed.rows
    predicted, _ = _without(slopes, _spread(slopes) if with_offsets else None, rows["unit"])
    return rows.assign(predicted=predicted, log_error=log_error(predicted, rows["value"], rows["metric"]))


def _without(slopes: Slopes, spread: Spread | None, fold: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions of all rows, each by constants and offsets of usable rows outside its `fold`, and the standard
    deviations of their errors."""
    predicted, deviation = np.full(len(fold), np.nan), np.full(len(fold), np.nan)
    for name in fold.dropna().unique():
        inside = (fold == name).to_numpy()
        predicted[inside], deviation[inside] = _predicted(slopes, spread, inside, inside)
    return predicted, deviation


def _forward(slopes: Slopes) -> np.ndarray:
    """Return predictions of rows since `FORWARD_SINCE` by constants and offsets of older ones."""
    dates = slopes.observed.rows["date"]
    newer = (dates >= FORWARD_SINCE).to_numpy()
    result = np.full(len(dates), np.nan)
    if newer.any() and not newer.all():
        unknown = newer | dates.isna().to_numpy()
        result[newer], _ = _predicted(slopes, _spread(slopes, unknown), unknown, newer)
    return result


def _predicted(slopes: Slopes, spread: Spread | None, left_out: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions of the rows `asked` by constants and offsets of the usable rows that are not `left_out`, and the
    standard deviations of their errors; without offsets where no `spread` is given."""
    constants = slopes.without(left_out)
    within = slopes.observed.take(asked)
    predicted = inference_runs.predicted(within.questions, within.rows["metric"], constants)
    if spread is None:
        return predicted, np.full(len(predicted), np.nan)
    use = ~left_out & (slopes.observed.rows["usable"] == "yes").to_numpy()
    kept, (scales, weight) = slopes.observed.take(use), spread
    known = inference_calibration.learn(errors_of(kept, constants), kept.rows, scales, weight[use])
    error, deviation = inference_calibration.expected(known, within.rows)
    return shifted(predicted, within.rows["metric"], error), deviation


def _spread(slopes: Slopes, left_out: np.ndarray | None = None) -> Spread:
    """Return how far offsets spread, and the weight of each row, by usable rows that are not `left_out`.

    Folds share those of all rows, since they are few numbers, and finding them takes longer than all else.
    """
    rows = slopes.observed.rows
    usable = (rows["usable"] == "yes").to_numpy()
    usable = usable if left_out is None else usable & ~left_out
    weight = np.ones(len(rows))
    scales, weight[usable] = inference_calibration.spreads(slopes.errors[usable], rows[usable].reset_index(drop=True))
    return scales, weight


def errors_of(observed: Observations, constants: InferenceConstants) -> np.ndarray:
    """Return the logarithm of predicted over published time of each row, before offsets."""
    rows = observed.rows
    made = inference_runs.predicted(observed.questions, rows["metric"], constants)
    return np.asarray(log_error(made, rows["value"], rows["metric"]))


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


def coverage_band(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the 90% band of the share of `rows` that their intervals hold, each unit counting alike: by drawing sources
    with replacement, since rows of a source err together (Efron and Tibshirani 1993)."""
    units = rows.groupby(["source", "unit"])["held"].mean().groupby("source").agg(["sum", "size"]).to_numpy(dtype=float)
    drawn = np.random.default_rng(0).integers(len(units), size=(_DRAWS, len(units)))
    totals = units[drawn].sum(axis=1)
    low, high = np.quantile(totals[:, 0] / totals[:, 1], [0.05, 0.95])
    return float(low), float(high)


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
        for column, held in SUMMARIZED.items():
            told = mask & good[column].notna()
            table = by_unit(good[told], column)
            units = table.drop(index="macro average")
            lines.append({
                "rows": label,
                "held out": held,
                "units": len(units),
                **table.loc["macro average", ["median error", "90th percentile"]].to_dict(),
                "middle unit": units["median error"].median(),
                "middle row": np.expm1(good.loc[told, column].abs()).median(),
            })  # fmt: skip
    return pd.DataFrame(lines).set_index(["rows", "held out"])


def groups(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the groups of which coverage and score are told, as masks of `rows`."""
    makers = rows["chip"].map(accelerators.table()["vendor"])
    return {
        "all": rows["group"] != "",
        "time per output token": rows["group"] == "output token",
        "time to first token": rows["group"] == "first token",
        "servers' tokens a second": rows["group"] == "server speed",
        "decode steps of engines": rows["group"] == "decode step",
        "AMD": makers == "AMD",
        "Ascend": makers == "Huawei",
    }


def new_widths(known: Mapping[str, Known]) -> dict[str, float]:
    """Return the half width of the interval for each group of rows, of a source that is new, on chips of the usual maker."""
    asked = pd.DataFrame(
        {"group": inference_runs.GROUPS, "source": "new", "engine_family": "new", "chip": "", "engine": "", "model": ""}
    )
    _, deviation = inference_calibration.expected(known, asked)
    return dict(zip(inference_runs.GROUPS, intervals.of_deviation(deviation), strict=True))


def fitted_text(constants: InferenceConstants, known: Mapping[str, Known]) -> str:
    """Return analysis/inference/inference_fitted.py as text, three digits a number."""

    def table(values: Mapping[str, float]) -> str:
        return "{" + ", ".join(f'"{name}": {float(f"{value:.3g}")!r}' for name, value in values.items()) + "}"

    lines = [f"    {name}={float(f'{getattr(constants, name):.3g}')!r}," for name in FITTED]
    widths = [f'    "{name}": {float(f"{width:.3g}")!r},' for name, width in new_widths(known).items()]
    scales = [
        f'    "{family}": Scales(\n        {table(fitted.scales.effects)},\n        {table(fitted.scales.noise)},\n    ),'
        for family, fitted in known.items()
    ]
    return "\n".join([
        '"""What `python -m analysis.validation.inference_validation --write` fitted: constants, and how far they err."""', "",
        "from analysis.evidence.offsets import Scales",
        "from analysis.inference.inference_constants import InferenceConstants", "", "CONSTANTS = InferenceConstants(",
        *lines, ")", "", "#: Half width of the 80% interval of each group of rows of a new source, as a logarithm.",
        "HALF_WIDTHS = {", *widths, "}", "#: Standard deviations of offsets and of noise, by the family of groups.",
        "SCALES = {", *scales, "}", "",
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
        usable = observed.take((rows["usable"] == "yes").to_numpy())
        usable = replace(usable, rows=rows[rows["usable"] == "yes"].reset_index(drop=True))
        errors = errors_of(usable, constants)
        known = inference_calibration.learn(errors, usable.rows, *inference_calibration.spreads(errors, usable.rows))
        text = fitted_text(constants, known)
        print(f"\n{text}")
        paths.write(paths.ANALYSIS / "inference" / "inference_fitted.py", text)
        held_out_inference.write(rows)
        inference_offsets.write(known)


if __name__ == "__main__":
    main(sys.argv[1:])
