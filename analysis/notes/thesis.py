"""What a note argues, before it is written: a message, and findings of one sentence, one number and one figure each.

Page, PDF, workbook and slides are all written from it, so that none says what another does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import altair as alt
import pandas as pd

from analysis.plan.interval import Interval

#: How a figure is drawn: rows with an interval, bars of shares, or a line with a band.
SHAPES = ("intervals", "bars", "line")


@dataclass(frozen=True)
class Figure:
    """A chart and the data that it draws, for programs that draw a chart of their own.

    `data` has one row a point, in the units that `labels` say, a text by column. `category` is the column of names (of `line`,
    of the number on the x axis), `value` that of what is expected, `ends` those of the interval's ends, none for `bars`. An end
    out of reach is infinite. `title`, `labels` and `source` are in the note's language.
    """

    title: str
    chart: alt.TopLevelMixin
    data: pd.DataFrame = field(repr=False)
    shape: str
    category: str
    value: str
    ends: tuple[str, ...]
    labels: Mapping[str, str]
    source: str

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"shape: {self.shape!r} is not known; allowed: {', '.join(SHAPES)}")
        missing = [name for name in self.columns if name not in self.data or name not in self.labels]
        if missing:
            raise ValueError(f"{self.title}: no data or no label for {', '.join(missing)}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `data` that are drawn, in their order."""
        return (self.category, self.value, *self.ends)


@dataclass(frozen=True)
class Number:
    """The number of a finding: its value in SI units, dollars or shares, and how a sentence has it, with unit and interval."""

    value: Interval
    text: str


@dataclass(frozen=True)
class Finding:
    """One sentence, the number that it tells, and the figure that shows it, of the part of the work "training" or "inference"."""

    part: str
    sentence: str
    number: Number
    figure: Figure


@dataclass(frozen=True)
class Thesis:
    """What a note of a `kind` argues, in its `language`: all texts are ready to be shown.

    `key_data` are rows of the box on a first page: name, and value with its interval.
    """

    kind: str
    language: str
    title: str
    author: str
    date: str
    message: tuple[str, ...]
    key_data: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    rests_on: tuple[str, ...]
    risks: tuple[str, ...]
