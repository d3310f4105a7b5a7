"""Runs: rows in the format of data/runs.csv, read as people write them, and each checked by itself.

A file that can't be read at all, or that lacks a column that every row needs, is refused whole. A row that says
something impossible is not: `read` returns it with the reason, so that one bad row of a thousand stops no other.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import facts, paths
from analysis.suggest import nearest

#: Columns without which no row can be predicted; the other columns of data/runs.csv may be missing, as if empty.
REQUIRED = ("kind", "model", "chip", "metric")
#: Columns whose text has to be one of those that the origin record allows.
_CHOICES = ("kind", "metric", "sharding", "recompute", "flops_convention")


class RunsError(ValueError):
    """A file of runs that can't be read, or a row of one that can't be predicted; the message says why."""


@cache
def columns() -> Mapping[str, facts.Column]:
    """Return the columns of the format, from the origin record of data/runs.csv."""
    return facts.origin("runs").columns


def read(path: Path) -> pd.DataFrame:
    """Return the rows of a CSV file as text, an empty cell as NaN. Raises RunsError."""
    shown = paths.shown(path)
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise RunsError(f"{shown} does not exist") from exc
    except pd.errors.EmptyDataError as exc:
        raise RunsError(f"{shown} is empty; its first line has to name columns: {', '.join(REQUIRED)}, …") from exc
    except (pd.errors.ParserError, UnicodeDecodeError) as exc:
        raise RunsError(f"{shown} is not a CSV file in UTF-8: {str(exc).splitlines()[0]}") from exc
    return check(frame, shown)


def check(frame: pd.DataFrame, shown: str = "the table") -> pd.DataFrame:
    """Return `frame` if it has the columns that every row needs, and rows. Raises RunsError."""
    missing = [column for column in REQUIRED if column not in frame]
    if missing:
        hints = "".join(nearest(column, frame.columns) for column in missing)
        raise RunsError(f"{shown} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}{hints or '.'} "
                        "The format is that of data/runs.csv, see data/runs.origin.yml")  # fmt: skip
    if not len(frame):
        raise RunsError(f"{shown} has columns but no row")
    return frame


def named(row: Mapping[str, Any], number: int) -> str:
    """Return how messages name a row: by its number from 1, and its run_id if it has one."""
    run_id = row.get("run_id")
    return f"row {number}" + ("" if pd.isna(run_id) else f" ({run_id})")


def parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row with numbers as floats and what is unknown as None. `value` is left out, whatever it holds.

    Raises RunsError, naming the field, its value and what would be valid.
    """
    return {name: _cell(name, column, row.get(name)) for name, column in columns().items() if name not in ("value", "usable")}


def _cell(name: str, column: facts.Column, cell: Any) -> Any:
    if cell is None or pd.isna(cell) or str(cell).strip() == "":
        if name in REQUIRED:
            raise RunsError(f"{name} is empty; {_valid(column)}")
        return None
    text = str(cell).strip()
    if column.kind == "text":
        if name in _CHOICES and text not in column.allowed:
            raise RunsError(f"{name} = {text!r}{nearest(text, column.allowed) or ';'} {_valid(column)}")
        return text
    number = pd.to_numeric(text, errors="coerce")
    if pd.isna(number) or number in (float("inf"), float("-inf")):
        raise RunsError(f"{name} = {text!r} is not a number; {_valid(column)}")
    outside = (column.least is not None and number < column.least) or (column.most is not None and number > column.most)
    if outside or (column.kind == "count" and number % 1):
        raise RunsError(f"{name} = {text} is not valid; {_valid(column)}")
    return float(number)


def _valid(column: facts.Column) -> str:
    """Return what is valid in a column, as the end of a message."""
    if column.allowed:
        return f"valid: {', '.join(column.allowed)}"
    if column.kind == "text":
        return f"valid: {column.meaning}"
    whole = "a whole number" if column.kind == "count" else "a number"
    least = "" if column.least is None else f" of at least {column.least:g}"
    most = "" if column.most is None else f" and at most {column.most:,.0f}"
    return f"valid: {whole}{least}{most}{f', in {column.unit}' if column.unit else ''}"
