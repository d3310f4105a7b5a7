"""Tables of the pages on inference, as DataFrames of text with units in their heads."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis import facts, numerals, paths
from analysis.figures.inference_validation import GROUPS
from analysis.inference import inference_runs
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.settings import Settings
from analysis.validation import coverage, inference_ablation, inference_validation

#: What this report set out to reach before anything was fitted: rows and column of `inference_validation.summary`, and
#: the largest error.
AIMS = {
    "Decode step on one measured H100, median": ("decode, one H100 measured", "median error", 0.04),
    "The same, 90th percentile": ("decode, one H100 measured", "90th percentile", 0.15),
    "Time per output token of engines, median": ("output token, engines", "median error", 0.12),
    "Time to first token of engines, median": ("first token, engines", "median error", 0.25),
}

#: Errors and scores of an earlier version of the model on the same rows.
BEFORE = f"{paths.GENERATED.name}/inference_before"

#: What is held out where an error is told, by the column of the error.
WAYS = {"Stack or source new": "log_error", "Forward": "forward_error", "Stack known": "known_error"}


class MissesShown(Settings):
    """What a reader may change of the notebook on held-out inference."""

    misses: int = Field(8, ge=1, le=30)


def _chips(count: float) -> str:
    return f"{numerals.whole(count)} chip" + "s" * bool(count != 1)


def aims(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each of AIMS beside what was reached with the unit held out, and with its whole collection held out."""
    table = inference_validation.summary(rows)
    return pd.DataFrame(
        [
            {
                "Error": title,
                "Aim": numerals.percent(most),
                "Reached": numerals.percent(table.loc[(label, "unit"), column]),
                "Collection held out": numerals.percent(table.loc[(label, "collection"), column]),
                "Met": "yes" if table.loc[(label, "unit"), column] <= most else "no",
            }
            for title, (label, column, most) in AIMS.items()
        ]
    )


def errors_by_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """Return errors and coverage of usable times by unit, output tokens and then first tokens, each with its mean."""
    good, lines = rows[rows["usable"] == "yes"], []
    for metric, title in (("tpot_seconds", "Output token"), ("ttft_seconds", "First token")):
        for unit, row in inference_validation.by_unit(good[good["metric"] == metric]).iterrows():
            lines.append(
                {
                    "Held out": f"{'Mean over units' if unit == 'macro average' else unit}\n{title}",
                    "Rows": numerals.whole(row["rows"]),
                    "Median error": numerals.percent(row["median error"]),
                    "90th percentile": numerals.percent(row["90th percentile"]),
                    "Within the interval": numerals.percent(row["coverage"]),
                }
            )
    return pd.DataFrame(lines)


def misses(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the `count` usable times that are missed most, one for each unit and metric."""
    good = rows[(rows["usable"] == "yes") & rows["metric"].isin(inference_runs.LATENCIES)]
    order = np.argsort(-good["log_error"].abs().to_numpy(), kind="stable")
    worst = good.iloc[order].drop_duplicates(["unit", "metric"]).head(count)
    return pd.DataFrame(
        [
            {
                "Row": f"{row.unit}\n{_chips(row.n_chips)} {row.chip}, {numerals.whole(row.concurrency)} requests of "
                f"{_length(row.input_len)} + {_length(row.output_len)} tokens",
                "Time": GROUPS[row.group],
                "Published": _seconds(row.value),
                "Predicted": _seconds(row.predicted),
                "Better than the data sheet allows": "yes" if row.beyond else "no",
            }
            for row in worst.itertuples()
        ]
    )


def interval_widths(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the 80% interval of each group of rows of a new source, and how many held-out rows theirs hold."""
    good, lines = rows[rows["usable"] == "yes"], []
    for group, title in GROUPS.items():
        chosen, width = good[good["group"] == group], HALF_WIDTHS[group]
        low, high = inference_validation.coverage_band(chosen)
        lines.append(
            {
                "Predicted": title,
                "From": f"{numerals.significant(np.exp(-width), 2)} times",
                "To": f"{numerals.significant(np.exp(width))} times",
                "Rows": numerals.whole(len(chosen)),
                "Units": numerals.whole(chosen["unit"].nunique()),
                "Held, mean over units": numerals.percent(chosen.groupby("unit")["held"].mean().mean()),
                "90% band of that": f"{numerals.percent(low)} to {numerals.percent(high)}",
            }
        )
    return pd.DataFrame(lines)


def honesty(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, by group of usable rows, coverage with its band, and the interval's score beside what it was before offsets
    were told for other makers' servers together and waits of prompts were modelled."""
    good = rows[rows["usable"] == "yes"]
    table = coverage.by_group(good, inference_validation.groups(good))
    before = facts.read(BEFORE).set_index("group")
    return pd.DataFrame(
        [
            {
                "Rows": f"{group.capitalize() if group[0].islower() else group}\n{numerals.whole(row.rows)} of "
                f"{numerals.whole(row.sources)} source{'s' * bool(row.sources != 1)}",
                "Held": numerals.percent(row.coverage),
                "90% band of that": "–" if row.sources == 1 else f"{numerals.percent(row.low)} to {numerals.percent(row.high)}",
                "Median error": numerals.percent(row["median error"]),
                "Before": numerals.percent(before.loc[group, "median_error"]),
                "Score": numerals.significant(row.score, 3),
                "Score before": numerals.significant(before.loc[group, "score"], 3),
            }
            for group, row in table.iterrows()
        ]
    )


def ablations(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out errors with each mechanism taken out, by what is predicted."""
    means = inference_ablation.averages(kept)
    columns = {"output token": "Output token", "first token": "First token", "server speed": "Tokens/s of a server",
               "decode step": "Decode step"}  # fmt: skip
    return pd.DataFrame(
        [
            {"Taken out": row["without"], **{title: numerals.percent(row[group], 3) for group, title in columns.items()}}
            for _, row in means.iterrows()
        ]
    )


def ways(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the median error of each group of rows, as a mean over sources, by what was held out."""
    good, lines = rows[rows["usable"] == "yes"], []
    for group, title in GROUPS.items():
        chosen = good[good["group"] == group]
        line = {"Predicted": title, "Rows": numerals.whole(len(chosen)), "Sources": numerals.whole(chosen["source"].nunique())}
        for heading, error in WAYS.items():
            told = chosen[chosen[error].notna()]
            medians = np.expm1(told[error].abs()).groupby(told["source"]).median()
            line[heading] = numerals.percent(medians.mean()) if len(medians) else "–"
        lines.append(line)
    return pd.DataFrame(lines)


def beyond_two(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the units and groups of which usable rows are missed by more than a factor of two, and what is known of it."""
    good = rows[rows["usable"] == "yes"]
    missed = good[good["log_error"].abs() > np.log(2)]
    lines = []
    for (unit, group), chosen in missed.groupby(["unit", "group"], sort=False):
        worst = chosen.loc[chosen["log_error"].abs().idxmax()]
        lines.append(
            {
                "Held out": f"{unit}\n{GROUPS[group]}",
                "Rows": f"{len(chosen)} of {int(((good['unit'] == unit) & (good['group'] == group)).sum())}",
                "Worst, published": _told(worst["value"], worst["metric"]),
                "Predicted": _told(worst["predicted"], worst["metric"]),
                "Known": _known_of(chosen),
            }
        )
    return pd.DataFrame(lines)


def _known_of(missed: pd.DataFrame) -> str:
    """Return what is known of rows that are missed by more than a factor of two."""
    if missed["beyond"].mean() > 0.5:
        return "better than the data sheet allows: cached prompts, or drafts that are not told"
    slow = missed["log_error"].median() < 0
    if missed["arrivals"].eq("burst").all():
        return "a burst, by the defaults of an engine whose limits are not told"
    if missed["group"].iloc[0] == "first token":
        return "requests wait longer than a steady load would have them" if slow else "requests wait less than assumed"
    if missed["draft_tokens"].notna().all():
        return "drafts, of which neither number nor acceptance is told"
    return "slower than any like it" if slow else "faster than any like it"


def _told(value: float, metric: str) -> str:
    return _seconds(value) if metric in inference_runs.LATENCIES else f"{numerals.significant(value)} tokens/s"


def _length(tokens: float) -> str:
    return "?" if pd.isna(tokens) else numerals.whole(tokens)


def _seconds(value: float) -> str:
    return f"{numerals.significant(value)} s" if value >= 1 else f"{numerals.significant(1e3 * value)} ms"
