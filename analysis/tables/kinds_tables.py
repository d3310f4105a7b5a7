"""A table of kinds of rows that the constants have hardly seen, or not at all: how far each is off, and its interval."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.inference.inference_fitted import HALF_WIDTHS as INFERENCE
from analysis.rl import published as iterations
from analysis.rl import widths as rl_widths
from analysis.serving import ways_checked
from analysis.training.fitted import HALF_WIDTHS as TRAINING
from analysis.tuning import published as tuned
from analysis.tuning import widths as tuning_widths
from analysis.uncertainty import intervals
from analysis.validation import held_out_inference

#: Groups that hold different experts from which they are called wide.
WIDE = 16
#: What a held-out row of inference is of, by kind.
_OF: dict[str, Callable[[pd.DataFrame], Any]] = {
    "Drafts (EAGLE-3, MTP)": lambda rows: rows["draft_tokens"] > 0,
    f"Experts over {WIDE} groups or more": lambda rows: rows["ep"] >= WIDE,
}
#: Kinds of `ways_checked.checked`, and whether constants had a part in their rows.
_CHECKED = {
    "apart": ("Replicas apart, prompts known from before", "no"),
    "server": ("A server's time for a token by its load", "no"),
    "cache": ("Tokens that fit into an engine's cache", "of the engines' memory"),
}


def kinds() -> pd.DataFrame:
    """Return one row a kind: rows and sources, median and worst error, the interval that a plan gives and the share of rows that
    it holds, and whether constants had a part in them."""
    return pd.DataFrame([*_of_serving(), *_held_out(), *_of_tuning(), *_of_learning(), *_without_rows()])


def _of_serving() -> list[dict[str, str]]:
    checked = ways_checked.checked().dropna(subset=["error"])
    lines = []
    for kind, (title, seen) in _CHECKED.items():
        rows = checked[checked["kind"] == kind]
        sources = rows["what"].str.split(",").str[0].nunique()
        lines.append(_line(title, np.log1p(rows["error"]), sources, seen, None if kind == "cache" else INFERENCE["output token"]))
    return lines


def _held_out() -> list[dict[str, str]]:
    every = held_out_inference.read()
    every = every[every["usable"] == "yes"]
    lines = []
    for title, of in _OF.items():
        rows = every[of(every)]
        line = _line(title, rows["log_error"], rows["source"].nunique(), "their source held out", float(rows["width"].median()))
        lines.append(line | {"Rows in it": numerals.percent(float(rows["held"].mean()))})
    return lines


def _of_tuning() -> list[dict[str, str]]:
    lines = []
    for what, column in (("memory", "memory_error"), ("speed", "speed_error")):
        rows = tuned.predicted().dropna(subset=[column])
        width = tuning_widths.HALF_WIDTHS[what]
        lines.append(_line(f"Fine-tuning, {what}", rows[column], rows["source"].nunique(), "no", width))
    return lines


def _of_learning() -> list[dict[str, str]]:
    lines = []
    for placement in ("together", "apart"):
        rows = iterations.predicted()
        rows = rows[rows["placement"] == placement]
        title = f"Iterations of reinforcement learning, {placement}"
        seen, width = "one factor, the model held out", float(rl_widths.half_width(placement))
        lines.append(_line(title, rows["error"], rows["source"].nunique(), seen, width))
    return lines


def _without_rows() -> list[dict[str, str]]:
    """Return the kinds of which no row was published that says enough, with the interval that is given all the same."""
    speed = tuning_widths.HALF_WIDTHS["speed"]
    widths = {
        "Reinforcement learning of adapters": intervals.combined(rl_widths.half_width("together"), speed),
        "Fine-tuning of a mixture of experts": intervals.combined(speed, TRAINING["assumed plan"], TRAINING["experts"]),
        "Sessions whose cache goes on in the host's memory": None,
    }
    blank = {"Rows (sources)": "none", "Median error": "–", "Worst": "–", "Interval": "none is given", "Rows in it": "–",
             "Constants saw them": "–"}  # fmt: skip
    return [
        {"Kind of row": title} | blank | ({} if width is None else {"Interval": _interval(float(width))})
        for title, width in widths.items()
    ]


def _line(title: str, errors: pd.Series, sources: int, seen: str, width: float | None) -> dict[str, str]:
    """Return the row of a kind; `errors` are logarithms of predicted over measured."""
    worst = np.expm1(errors.loc[errors.abs().idxmax()])
    return {
        "Kind of row": title,
        "Rows (sources)": f"{len(errors)} ({sources})",
        "Median error": numerals.percent(float(np.expm1(errors).abs().median())),
        "Worst": f"{worst:+.0%}".replace("-", "−"),
        "Interval": "–" if width is None else _interval(width),
        "Rows in it": "–" if width is None else numerals.percent(float((errors.abs() < width).mean())),
        "Constants saw them": seen,
    }


def _interval(width: float) -> str:
    return f"÷ and × {numerals.significant(np.exp(width))}"
