"""Tables of the pages on inference, as DataFrames of text with units in their heads."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis import numerals
from analysis.figures.inference_validation import GROUPS
from analysis.inference import inference_runs
from analysis.serving import chips_compared
from analysis.serving.chips_compared import ChipsCase
from analysis.settings import Settings
from analysis.validation import inference_validation

#: What the formats of weights are called.
FORMATS = {"bf16": "16 bits", "fp16": "16 bits", "fp8": "FP8", "int8": "INT8", "nvfp4": "NVFP4"}

#: What this report set out to reach before anything was fitted: rows and column of `inference_validation.summary`, and
#: the largest error.
AIMS = {
    "Decode step on one measured H100, median": ("decode, one H100 measured", "median error", 0.04),
    "The same, 90th percentile": ("decode, one H100 measured", "90th percentile", 0.15),
    "Time per output token of engines, median": ("output token, engines", "median error", 0.12),
    "Time to first token of engines, median": ("first token, engines", "median error", 0.25),
}


class MissesShown(Settings):
    """What a reader may change of the notebook on held-out inference."""

    misses: int = Field(8, ge=1, le=30)


def answers(case: ChipsCase) -> pd.DataFrame:
    """Return, for each model and chip, the chips that it takes at least and what the best plan yields."""
    return pd.DataFrame(
        [
            {
                "Model and chip": f"{row.model}\n{row.chip}",
                "Weights": FORMATS[row.precision] if pd.isna(row.least_chips) else _least(row),
                "Best plan": row.refused or f"{row.plan.capitalize()}\n{_chips(row.chips)}, {numerals.whole(row.batch)} requests",
                "Tokens/s a chip": "–" if row.refused else _speed(row),
                "Prompt tokens/s": "–" if row.refused else numerals.significant(row.read),
            }
            for row in chips_compared.best(case).itertuples()
        ]
    )


def by_format(case: ChipsCase) -> pd.DataFrame:
    """Return, for each model and chip, the tokens a second and chip in each format of weights, or why there is none."""
    frame = chips_compared.compared(case)
    frame = frame.assign(format=frame["precision"].map(FORMATS))
    frame["said"] = [row.refused or f"{numerals.significant(row.speed)} ({row.least_chips:.0f})" for row in frame.itertuples()]
    table = frame.pivot(index=["model", "chip"], columns="format", values="said")
    order = frame[["model", "chip"]].drop_duplicates()
    table = table.loc[list(order.itertuples(index=False, name=None)), list(dict.fromkeys(frame["format"]))]
    table.insert(0, "Model and chip", [f"{model}\n{chip}" for model, chip in table.index])
    return table.reset_index(drop=True).rename_axis(columns=None)


def _least(row) -> str:
    return f"{FORMATS[row.precision]}\nat least {_chips(row.least_chips)}, {numerals.percent(row.weights)} full"


def _speed(row) -> str:
    return f"{numerals.significant(row.speed)}\n{numerals.significant(row.low)} to {numerals.significant(row.high)}"


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
                f"{numerals.whole(row.input_len)} + {numerals.whole(row.output_len)} tokens",
                "Time": GROUPS[row.group],
                "Published": _seconds(row.value),
                "Predicted": _seconds(row.predicted),
                "Better than the data sheet allows": "yes" if row.beyond else "no",
            }
            for row in worst.itertuples()
        ]
    )


def interval_widths(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the 80% interval of each group of rows, and how many held-out rows it holds."""
    good = rows[rows["usable"] == "yes"]
    widths, lines = inference_validation.group_widths(rows), []
    for group, title in GROUPS.items():
        chosen = good[good["group"] == group]
        lines.append(
            {
                "Predicted": title,
                "From": f"{numerals.significant(np.exp(-widths[group]), 2)} times",
                "To": f"{numerals.significant(np.exp(widths[group]))} times",
                "Rows": numerals.whole(len(chosen)),
                "Units": numerals.whole(chosen["unit"].nunique()),
                "Held, mean over units": numerals.percent(chosen.groupby("unit")["held"].mean().mean()),
            }
        )
    return pd.DataFrame(lines)


def _seconds(value: float) -> str:
    return f"{numerals.significant(value)} s" if value >= 1 else f"{numerals.significant(1e3 * value)} ms"
