"""Tables on chips compared on the same requests."""

import pandas as pd

from analysis import numerals
from analysis.serving import chips_compared
from analysis.serving.chips_compared import ChipsCase

#: What the formats of weights are called.
FORMATS = {"bf16": "16 bits", "fp16": "16 bits", "fp8": "FP8", "int8": "INT8", "nvfp4": "NVFP4"}


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
