"""Facts: the CSV files in `data/`, each with an origin record beside it, checked before they are used.

`data/NAME.csv` has its record in `data/NAME.origin.yml`: who made it, where it was read, its licence, and the unit,
meaning and kind of each column. Every row says how far it was verified. The logs of the networks trained here are
read in the same way, as `weights/NAME_log`, and so are results that take too long for a build, as `generated/NAME`;
their rows are measured or computed, so they say nothing of that.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML

from analysis import paths

VERIFIED = {
    "yes": "the value was read in the named text",
    "partly": "a field of the row was not read, or rests on one weak source",
    "no": "rumour, or not found",
}


class FactsError(ValueError):
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


class Origin(BaseModel):
    """The origin record of one CSV file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=3)
    producer: str = Field(min_length=3)
    citation: str = Field(min_length=3)
    url: str
    date_published: str
    date_accessed: date
    licence: str = Field(min_length=3)
    note: str = ""
    columns: dict[str, Column]


def names() -> list[str]:
    """Return the name of every file of facts."""
    folders = (paths.DATA, *(paths.DATA / folder.name for folder in (paths.WEIGHTS, paths.GENERATED)))
    found = (path for folder in folders for path in folder.glob("*.csv"))
    return sorted(path.relative_to(paths.DATA).with_suffix("").as_posix() for path in found)


@cache
def origin(name: str) -> Origin:
    """Return the origin record of `data/NAME.csv`."""
    path = paths.DATA / f"{name}.origin.yml"
    if not path.is_file():
        raise FactsError(f"{paths.shown(path)} is missing: every file of facts has an origin record beside it")
    try:
        return Origin.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as exc:
        raise FactsError(f"{paths.shown(path)}: {exc}") from exc


def schema(record: Origin) -> pa.DataFrameSchema:
    """Return the check that an origin record promises for its CSV file."""
    columns = {name: _column_schema(name, column) for name, column in record.columns.items()}
    return pa.DataFrameSchema(columns, strict=True, ordered=True)


@cache
def _checked(name: str) -> pd.DataFrame:
    path = paths.DATA / f"{name}.csv"
    record = origin(name)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values={column: [""] for column in record.columns})
    for column, meaning in record.columns.items():
        if column in frame and meaning.kind != "text":
            frame[column] = _numbers(path, column, frame[column])
    try:
        return schema(record).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as exc:
        failures = exc.failure_cases[["column", "check", "failure_case", "index"]].to_string(index=False)
        raise FactsError(f"{paths.shown(path)} does not hold what its origin record says:\n{failures}") from exc


def read(name: str) -> pd.DataFrame:
    """Return `data/NAME.csv`, checked against its origin record. Raises FactsError."""
    return _checked(name).copy()


def _numbers(path: Path, column: str, texts: pd.Series) -> pd.Series:
    """Return `texts` as floats, with the row and value of the first that is not a number."""
    values = pd.to_numeric(texts, errors="coerce")
    bad = values.isna() & texts.notna()
    if bad.any():
        row = bad.idxmax()
        raise FactsError(f"{paths.shown(path)}: line {row + 2}, column {column}: {texts[row]!r} is not a number")
    return values.astype(float)


def _column_schema(name: str, column: Column) -> pa.Column:
    checks = []
    if column.allowed:
        checks.append(pa.Check.isin(column.allowed))
    if column.least is not None:
        checks.append(pa.Check.ge(column.least))
    if column.most is not None:
        checks.append(pa.Check.le(column.most))
    if column.kind == "count":
        checks.append(pa.Check(lambda values: values % 1 == 0, name="whole number"))
    dtype = float if column.kind != "text" else None
    return pa.Column(dtype, checks, nullable=not column.required, unique=column.unique, name=name)
