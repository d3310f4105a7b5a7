"""Runs: rows in the format of data/runs.csv, read as people write them, and each checked by itself.

A file that can't be read at all, or that lacks a column that every row needs, is refused whole. A row that says
something impossible is not: it comes back with the reason, so that one bad row of a thousand stops no other.
"""

import codecs
import csv
import io
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts, paths, units
from analysis.evidence import run_notes
from analysis.hardware import formats
from analysis.suggest import nearest

#: Columns without which no row can be predicted; the other columns of data/runs.csv may be missing, as if empty.
REQUIRED = ("kind", "model", "chip", "metric")
#: Columns whose text has to be one of those that the origin record allows.
_CHOICES = ("kind", "metric", "sharding", "recompute", "flops_convention", "engine_family", "execution", "tp_overlap",
            "ep_overlap", "arrivals")  # fmt: skip
#: What a recomputation that was assumed may add to one of the choices.
_WHOLE_LAYERS = re.compile(r"(?<=none|tive) and (100|\d?\d)% of layers whole$")
#: A column that says what is wrong with a line of a file; it is there only where something is.
FAULT = "fault of the line"
_MARK, _END = "\ufeff", "\x00end of the file\x00"

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # else one long cell stops the whole file


class RunsError(ValueError):
    """A file of runs that can't be read, or a row of one that can't be predicted; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a prediction may know of one run: columns of data/runs.csv by their names, None for what is not known.

    Lengths and `tokens` are in tokens, batches in sequences. What was measured, and what people note, is not here.
    """

    kind: str
    model: str
    chip: str
    metric: str
    n_chips: float | None = None
    precision: str | None = None
    seq_len: float | None = None
    global_batch: float | None = None
    micro_batch: float | None = None
    tp: float | None = None
    pp: float | None = None
    vp: float | None = None
    dp: float | None = None
    cp: float | None = None
    ep: float | None = None
    sharding: str | None = None
    recompute: str | None = None
    input_len: float | None = None
    output_len: float | None = None
    concurrency: float | None = None
    arrivals: str | None = None
    draft_tokens: float | None = None
    acceptance: float | None = None
    engine_family: str | None = None
    execution: str | None = None
    tp_overlap: str | None = None
    ep_overlap: str | None = None
    mtp_depth: float | None = None
    slices: float | None = None
    flops_convention: str | None = None
    tokens: float | None = None
    date: str | None = None


_FIELDS = frozenset(field.name for field in fields(Run))


@cache
def columns() -> Mapping[str, facts.Column]:
    """Return the columns of the format, from the origin record of data/runs.csv."""
    return facts.origin("runs").columns


def read(path: Path) -> pd.DataFrame:
    """Return the rows of a CSV file as text, an empty cell as NaN; `FAULT` says why a line is no row. Raises RunsError."""
    shown = paths.shown(path)
    header, *records = _records(_text(path, shown)) or [([], "")]
    names = [name.strip() for name in header[0]]
    if not any(names):
        raise RunsError(f"{shown} is empty; its first line has to name columns: {', '.join(REQUIRED)}, …")
    _check_separator(names, shown)
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    lines = []
    for cells, fault in records:
        beyond = [cell for cell in cells[len(names) :] if cell.strip()]
        if beyond and not fault:
            fault = (f"has {len(cells)} cells, and the first line names {len(names)} columns; "
                     "valid: quotes around a cell that has a comma")  # fmt: skip
        lines.append([*cells[: len(names)], *[""] * (len(names) - len(cells)), fault])
    frame = pd.DataFrame(lines, columns=[*names, FAULT], dtype="str").replace("", np.nan)
    return check(frame if frame[FAULT].notna().any() else frame.drop(columns=FAULT), shown)


def _text(path: Path, shown: str) -> str:
    """Return the text of a file; what is not UTF-8 beyond its first line is replaced. Raises RunsError."""
    try:
        content = paths.plain_file(path).read_bytes()
    except FileNotFoundError as exc:
        raise RunsError(f"{shown} does not exist") from exc
    except OSError as exc:
        raise RunsError(f"{shown} can't be read: {exc.strerror}") from exc
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RunsError(f"{shown} is not a CSV file in UTF-8: it begins with the byte-order mark of UTF-16")
    try:
        content.split(b"\n", 1)[0].decode()
    except UnicodeDecodeError as exc:
        raise RunsError(f"{shown} is not a CSV file in UTF-8: {exc}") from exc
    return content.decode(errors="replace").lstrip(_MARK)


def _records(text: str) -> list[tuple[list[str], str]]:
    """Return the cells of each record, and what is wrong with it; a quote that is never closed ends with its line."""
    lines = list(io.StringIO(text, newline=None))
    records: list[tuple[list[str], str]] = []
    first = 0
    while first < len(lines):
        reader = csv.reader([*lines[first:], f"{_END},{_END}"])
        start = 0
        for cells in reader:
            if cells == [_END, _END]:
                return records
            if cells and cells[-1].endswith(_END):
                break
            if cells:
                records.append((cells, _not_text(cells)))
            start = reader.line_num
        records.append((lines[first + start].rstrip("\n").split(","), "opens a quote that is never closed"))
        first += start + 1
    return records


def _not_text(cells: list[str]) -> str:
    if cells[0].startswith(_MARK):
        return "begins with a byte-order mark, as where files were joined; remove it"
    return "has bytes that are not UTF-8; save the file as UTF-8" if any("\ufffd" in cell for cell in cells) else ""


def _check_separator(names: list[str], shown: str) -> None:
    """Raise RunsError for names of columns that are not separated by commas."""
    for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if not set(REQUIRED) & set(names) and set(REQUIRED) & set(separator.join(names).split(separator)):
            raise RunsError(f"{shown} separates its cells by {word}; valid: commas")


def check(frame: pd.DataFrame, shown: str = "the table") -> pd.DataFrame:
    """Return `frame` if it has the columns that every row needs, each column once, and rows. Raises RunsError."""
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise RunsError(f"{shown} names the column {twice[0]} twice; valid: each name once")
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


def parsed(row: Mapping[str, Any]) -> Run:
    """Return the run that a row describes, read from its note where the row lacks a column of what is noted.

    Raises RunsError, naming the field, its value and what would be valid.
    """
    if pd.notna(fault := row.get(FAULT)):
        raise RunsError(str(fault))
    noted = run_notes.read(row)
    cells = {name: row[name] if name in row else noted.get(name) for name in columns() if name in _FIELDS}
    return run(**cells)


def measured_value(row: Mapping[str, Any]) -> float:
    """Return the `value` that a row gives for its metric. Raises RunsError unless it is above 0."""
    value = _cell("value", columns()["value"], row.get("value"))
    if not value:
        raise RunsError(f"value = {row.get('value')} is not what was measured; valid: a number above 0 in the metric's unit")
    return float(value)


def run(**cells: Any) -> Run:
    """Return the run with the fields given, each checked as the cell of its column is. Raises RunsError."""
    return Run(**{name: _cell(name, columns()[name], cells.get(name)) for name in columns() if name in _FIELDS})


def _cell(name: str, column: facts.Column, cell: Any) -> Any:
    if cell is None or pd.isna(cell) or str(cell).strip() == "":
        if name in REQUIRED:
            raise RunsError(f"{name} is empty; {_valid(column)}")
        return None
    text = str(cell).strip()
    if column.kind == "text":
        chosen = _WHOLE_LAYERS.sub("", text) if name == "recompute" else text
        if name in _CHOICES and chosen not in column.allowed:
            raise RunsError(f"{name} = {text!r}{nearest(text, column.allowed) or ';'} {_valid(column)}")
        return formats.named(text) if name == "precision" else text
    try:
        number = units.read(text, "token" if column.unit == "token" else "")
    except units.QuantityError as exc:
        raise RunsError(f"{name} = {exc}; {_valid(column)}") from None
    outside = (column.least is not None and number < column.least) or (column.most is not None and number > column.most)
    if outside or (column.kind == "count" and number % 1):
        raise RunsError(f"{name} = {text} is not valid; {_valid(column)}")
    return float(number)


def in_columns(message: str, names: Mapping[str, str]) -> str:
    """Return a message with fields named as the columns of a run are; `names` has the columns by the fields."""
    return re.sub(rf"\b({'|'.join(names)})\b(?!/)", lambda field: names[field[1]], message)


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
