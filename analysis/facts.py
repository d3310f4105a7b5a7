"""Facts: the CSV files in `data/`, each with an origin record beside it, checked before they are used.

`data/NAME.csv` has its record in `data/NAME.origin.yml`: who made it, where it was read, its licence, and the unit,
meaning and kind of each column. Every row says how far it was verified. The logs of the networks trained here are
read in the same way, as `weights/NAME_log`, and so are results that take too long for a build, as `generated/NAME`;
their rows are measured or computed, so they say nothing of that.
"""

import csv
import math
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis import paths, yaml_text
from analysis.quote import quote
from analysis.refused import Refused

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, str | float | None]
VERIFIED = {
    "yes": "the value was read in the named text",
    "partly": "a field of the row was not read, or rests on one weak source",
    "no": "rumour, or not found",
}


class FactsError(Refused):
    """A file of facts, or its origin record, that is missing or does not hold what the record says."""


class Column(BaseModel):
    """What one column of a CSV file holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str = Field(min_length=3)
    unit: str = ""
    kind: Literal["text", "number", "count"] = "text"
    required: bool = False
    unique: bool = False
    allowed: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


class Ageing(BaseModel):
    """What the origin record of a file whose rows grow old says of that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    """The day until which newer rows were looked for."""
    dated: str = ""
    """The column that dates a row; "" if rows are not dated."""
    method: str = Field(min_length=3)
    """How rows become what the book quotes."""
    extend: str = Field(min_length=3)
    """Where a newer row is to be found, and what it needs."""


class Origin(BaseModel):
    """The origin record of one CSV file; `ageing` only where newer rows will come."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=3)
    producer: str = Field(min_length=3)
    citation: str = Field(min_length=3)
    url: str
    date_published: str
    date_accessed: date
    licence: str = Field(min_length=3)
    note: str = ""
    ageing: Ageing | None = None
    columns: dict[str, Column]

    @model_validator(mode="after")
    def _is_dated_by_a_column(self) -> Self:
        if self.ageing and self.ageing.dated and self.ageing.dated not in self.columns:
            raise ValueError(f"ageing: no column {self.ageing.dated!r} dates the rows; there are: {', '.join(self.columns)}")
        return self


def names() -> list[str]:
    """Return the name of every file of facts."""
    folders = (paths.DATA, *(paths.DATA / folder.name for folder in (paths.WEIGHTS, paths.GENERATED)))
    files = (path for folder in folders for path in folder.glob("*.csv"))
    return sorted(path.relative_to(paths.DATA).with_suffix("").as_posix() for path in files)


@cache
def origin(name: str) -> Origin:
    """Return the origin record of `data/NAME.csv`."""
    path = paths.DATA / f"{name}.origin.yml"
    if not path.is_file():
        raise FactsError(f"{paths.shown(path)} is missing: every file of facts has an origin record beside it")
    try:
        return Origin.model_validate(yaml_text.mapping(path.read_text(encoding="utf-8"), "an origin record", deepest=3))
    except (ValidationError, yaml_text.YamlTextError) as exc:
        raise FactsError(f"{paths.shown(path)}: {exc}") from exc


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of `data/NAME.csv`, checked against its origin record. Raises FactsError.

    Each has a text or a float for every column, None where the cell is empty. What a command needs of a file can be read
    in this way without pandas, which takes longer to load than most commands take.
    """
    path = paths.DATA / f"{name}.csv"
    columns = origin(name).columns
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    if header != list(columns):
        raise FactsError(
            f"{paths.shown(path)}: its columns are not those of its origin record, in their order: {', '.join(columns)}"
        )
    # Of many cells, most are of a text that may say anything.
    numbers = [column for column, meaning in columns.items() if meaning.kind != "text"]
    checked = [column for column, meaning in columns.items() if column in numbers or meaning.required or meaning.allowed]
    kept = []
    for number, cells in enumerate(filter(None, records), 1):
        if len(cells) != len(columns):
            raise FactsError(f"{paths.shown(path)}: row {number} has {len(cells)} cells for {len(columns)} columns")
        told = dict(zip(columns, cells, strict=True))
        for column in checked:
            if why := _fault(columns[column], told[column]):
                raise FactsError(f"{paths.shown(path)}: row {number}, column {column}: {quote(told[column])} {why}")
        row: Row = {column: cell or None for column, cell in told.items()}
        kept.append(row | {column: float(told[column]) for column in numbers if told[column]})
    for column in (column for column, meaning in columns.items() if meaning.unique):
        values = [row[column] for row in kept if row[column] is not None]
        if len(set(values)) < len(values):
            twice = next(value for value in values if values.count(value) > 1)
            raise FactsError(f"{paths.shown(path)}: column {column}: {quote(twice)} is there more than once")
    return tuple(kept)


def _fault(column: Column, cell: str) -> str:
    """Return why a column does not allow a cell, or ""."""
    if cell == "":
        return "is empty, and is required" if column.required else ""
    if column.allowed and cell not in column.allowed:
        return f"is not one of {', '.join(column.allowed)}"
    if column.kind == "text":
        return ""
    try:
        number = float(cell)
    except ValueError:
        return "is not a number"
    if not math.isfinite(number):
        return "is not a finite number"
    if column.kind == "count" and number % 1:
        return "is not a whole number"
    if column.least is not None and number < column.least:
        return f"is less than {column.least:g}"
    return f"is more than {column.most:g}" if column.most is not None and number > column.most else ""


@cache
def _frame(name: str) -> "pd.DataFrame":
    import pandas as pd

    cells = rows(name)
    return pd.DataFrame({
        column: pd.Series([row[column] for row in cells], dtype="str" if meaning.kind == "text" else float)
        for column, meaning in origin(name).columns.items()
    })  # fmt: skip


def read(name: str) -> "pd.DataFrame":
    """Return `data/NAME.csv` as a table, checked against its origin record. Raises FactsError."""
    return _frame(name).copy()


def doubts(frame: "pd.DataFrame") -> str:
    """Return how far rows were verified, for the sentence that rests on them: "53 of them only partly verified, 1 not"."""
    partly, no = ((frame["verified"] == mark).sum() for mark in ("partly", "no"))
    if not partly and not no:
        return "all of them verified"
    if max(partly, no) == len(frame):
        return "all of them only partly verified" if partly else "none of them verified"
    words = [f"{partly:,} of them only partly verified" if partly else "", f"{no:,} not" if no and partly else ""]
    return ", ".join(word for word in words if word) or f"{no:,} of them not verified"
