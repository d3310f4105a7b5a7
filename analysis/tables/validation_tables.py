"""Tables of the pages on trust and sensitivity, as DataFrames of text with units in their heads."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.validation import GROUPS, METHODS, SHOWN
from analysis.plan.interval import Interval
from analysis.plan.training_plan import TrainingPlan
from analysis.training.fitted import HALF_WIDTHS
from analysis.uncertainty import intervals
from analysis.validation import ablation, coverage, peak_memory, training_validation
from analysis.validation import misses as missed


def errors_by_source(rows: pd.DataFrame) -> pd.DataFrame:
    """Return errors and coverage of usable held-out rows by source, steps and then whole runs, each with its mean."""
    lines = []
    for kind, title in (("train", "Steps"), ("whole_run", "Whole runs")):
        chosen = rows[(rows["usable"] == "yes") & (rows["kind"] == kind)]
        if chosen.empty:
            continue
        table = training_validation.by_source(chosen)
        for source, row in table.iterrows():
            lines.append(
                {
                    "Kind": title,
                    "Source": "Mean over sources" if source == training_validation.MACRO else source,
                    "Runs": numerals.whole(row["runs"]),
                    "Median error": numerals.percent(row["median error"]),
                    "90th percentile": numerals.percent(row["90th percentile"]),
                    "Typically predicted": _slower(row["bias"]),
                    "Within the interval": numerals.percent(row["coverage"]),
                }
            )
    return pd.DataFrame(lines)


def against_baselines(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the errors of the prediction and of the baselines by kind of runs, from `training_validation.summary`."""
    lines = []
    for rows, title in SHOWN.items():
        for method, name in METHODS.items():
            row = summary.loc[(rows, method)]
            lines.append(
                {
                    "Runs": title,
                    "Method": name,
                    "Median error": numerals.percent(row["median error"]),
                    "90th percentile": numerals.percent(row["90th percentile"]),
                }
            )
    return pd.DataFrame(lines)


def misses(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the worst misses, with what is known of their reasons."""
    return pd.DataFrame(
        [
            {
                "Run": f"{row.model}, {_chips(row)}, {row.precision}\n{row.source}",
                "Reported": _written(row.value, row.metric),
                "Predicted": _written(row.predicted, row.metric),
                "Predicted time": f"{100 * np.expm1(row.log_error):+.0f}%".replace("-", "\N{MINUS SIGN}"),
                "Why, as far as is known": row.reason,
            }
            for row in missed.worst(rows, count).itertuples()
        ]
    )


def on_record(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what was predicted before it was published, from `record.scored`, with its result once there is one."""
    lines = []
    for row in rows.itertuples():
        low, high = _written(row.low, row.metric).split(" ")[0], _written(row.high, row.metric)
        lines.append(
            {
                "Run": f"{row.model}, {_chips(row)}, {row.precision}\n{row.engine}{_load(row)}",
                "Expected from": row.asked,
                "Stated": row.stated,
                "Predicted": _written(row.predicted, row.metric),
                f"{numerals.percent(intervals.LEVEL)} interval": f"{low} to {high}",
                "Published": _result(row),
            }
        )
    return pd.DataFrame(lines)


def _result(row) -> str:
    if np.isnan(row.published):
        return "not yet"
    return f"{_written(row.published, row.metric)}\n{'within' if row.held else 'outside'} the interval"


def interval_widths(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the 80% interval of each group of runs, and how many held-out rows it holds."""
    good = rows[(rows["usable"] == "yes") | (rows["group"] == "assumed plan")]
    lines = []
    for group, title in GROUPS.items():
        chosen = good[good["group"] == group]
        lines.append(_width_line(title, HALF_WIDTHS[group], chosen["held"], chosen["source"]))
    peaks = peak_memory.against_measured()
    within = peaks["log_error"].abs() <= HALF_WIDTHS["memory"]
    lines.append(_width_line("Memory, not held out", HALF_WIDTHS["memory"], within, peaks["source"]))
    return pd.DataFrame(lines)


def _width_line(title: str, width: float, held: pd.Series, sources: pd.Series) -> dict[str, str]:
    return {
        "Predicted": title,
        "From": f"{numerals.significant(np.exp(-width), 2)} times",
        "To": f"{numerals.significant(np.exp(width), 3)} times",
        "Runs": numerals.whole(len(held)),
        "Sources": numerals.whole(sources.nunique()),
        "Held, mean over sources": numerals.percent(held.groupby(sources).mean().mean()),
    }


def honesty(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by group of usable rows, the median error and how many lie in their interval, with the band of that share."""
    table = coverage.by_group(rows, training_validation.groups(rows))
    return pd.DataFrame(
        {
            "Runs": table.index,
            "Rows": table["rows"].map(numerals.whole),
            "Sources": table["sources"].map(numerals.whole),
            "Median error": table["median error"].map(numerals.percent),
            "Within the interval": table["coverage"].map(numerals.percent),
            "90% band of that share": [_range(row.low, row.high) for row in table.itertuples()],
            "Interval score": table["score"].map(lambda score: numerals.significant(score, 2)),
        }
    )


def deviations(effects: Mapping[str, float]) -> pd.DataFrame:
    """Return how far the offsets of each trait lie from each other, largest first."""
    return pd.DataFrame(
        [
            {"Offset of": name, "Standard deviation": numerals.percent(np.expm1(size))}
            for name, size in sorted(effects.items(), key=lambda item: -item[1])
        ]
    )


def known_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the error of a source's steps by how many others of it are known."""
    return pd.DataFrame(
        [
            {
                "Rows known of the source": numerals.whole(row.Index),
                "Median error of the others": numerals.percent(row.error),
                "Within the interval": numerals.percent(row.held),
                "Sources": numerals.whole(row.sources),
            }
            for row in table.itertuples()
        ]
    )


def _range(low: float, high: float) -> str:
    return f"{numerals.percent(low)} to {numerals.percent(high)}"


def ablations(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out errors with each mechanism taken out, largest first."""
    means = ablation.averages(kept)
    full = means.loc["none"]
    ordered = pd.concat([means.loc[["none"]], means.drop(index="none").sort_values("median_error", ascending=False)])
    return pd.DataFrame(
        [
            {
                "Taken out": row.without,
                "Median error": numerals.percent(row.median_error),
                "90th percentile": numerals.percent(row.p90_error),
                "Median grows by": _points(row.median_error - full["median_error"]),
            }
            for row in ordered.itertuples()
        ]
    )


def run_with_intervals(plan: TrainingPlan) -> pd.DataFrame:
    """Return what is planned of one run, each quantity with its 80% interval."""
    nothing = Interval(np.nan, np.nan, np.nan)
    lines = [
        ("Step", plan.step_seconds, " s", 1),
        ("Model FLOP utilization", plan.model_flops_utilization, "%", 100),
        ("Memory of one accelerator", plan.memory_bytes, " GB", 1e-9),
        ("Days", plan.days, "", 1),
        ("Chip-hours", plan.chip_hours, "", 1),
        ("Energy", plan.cost.megawatt_hours, " MWh", 1),
        ("Rented, million dollars", plan.cost.rent or nothing, "", 1e-6),
        ("Owned, million dollars", plan.cost.owned or nothing, "", 1e-6),
    ]
    return pd.DataFrame(
        [
            {
                "Quantity": name,
                "Predicted": _unknown(interval.expected * scale, unit),
                "From": _unknown(interval.low * scale, unit),
                "To": _unknown(interval.high * scale, unit),
            }
            for name, interval, unit, scale in lines
        ]
    )


def variance_shares(shares: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return the shares of the variance that are more than a thousandth, with the uncertainty of the estimate."""
    return pd.DataFrame(
        [
            {
                "Input": names[name],
                "Alone": _within(max(row["first order"], 0), row["first order ±"]),
                "With interactions": _within(row["total"], row["total ±"]),
            }
            for name, row in shares[shares["total"] > 0.001].iterrows()
        ]
    )


def _within(share: float, half_width: float) -> str:
    return f"{numerals.percent(share)} ± {numerals.percent(half_width, 1)}"


def _slower(bias: float) -> str:
    return f"{numerals.percent(abs(bias))} too {'slow' if bias > 0 else 'fast'}"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f} points".replace("-", "\N{MINUS SIGN}") if difference else ""


def _chips(row) -> str:
    return row.chip if pd.isna(row.n_chips) else f"{numerals.whole(row.n_chips)} × {row.chip}"


def _load(row) -> str:
    if row.kind == "train":
        return ""
    lengths = f"{numerals.whole(row.input_len)} tokens in, {numerals.whole(row.output_len)} out"
    return f", {lengths}, {numerals.whole(row.concurrency)} at once"


def _written(value: float, metric: str) -> str:
    if metric in ("mfu", "hfu"):
        return numerals.percent(value)
    if metric == "achieved_flops_per_chip":
        return f"{numerals.significant(value / 1e12)} TFLOPS"
    if metric in ("ttft_seconds", "tpot_seconds"):
        return f"{numerals.significant(value * 1e3)} ms{' a token' if metric == 'tpot_seconds' else ''}"
    unit = {"step_seconds": "s", "tokens_per_second_per_chip": "token/s", "tokens_per_second": "token/s in all",
            "chip_hours": "chip-h"}[metric]  # fmt: skip
    return f"{numerals.words(value) if value >= 1e6 else numerals.significant(value)} {unit}"


def _unknown(value: float, unit: str) -> str:
    return "no price known" if np.isnan(value) else f"{numerals.significant(value)}{unit}"
