"""What a note is made of: a title block, and sections of paragraphs, tables and charts."""

from dataclasses import dataclass, field

import altair as alt
import pandas as pd

from analysis.notes.planned import Planned
from analysis.notes.receipt import Receipt
from analysis.notes.request import Request
from analysis.notes.thesis import Thesis


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of texts, with its caption."""

    frame: pd.DataFrame
    caption: str


@dataclass(frozen=True)
class Chart:
    """A chart, as functions of `analysis.figures` return it."""

    chart: alt.TopLevelMixin


Block = Text | Table | Chart


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; `is_receipt` where it says how the note was made, and not what it says."""

    title: str
    blocks: tuple[Block, ...]
    is_receipt: bool = False


@dataclass(frozen=True)
class Note:
    """A note, ready to be written as a page, a PDF or a workbook. `facts` are the lines of the title block."""

    request: Request
    facts: tuple[tuple[str, str], ...]
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    receipt: Receipt = field(repr=False)
    planned: Planned = field(repr=False)
    base: Planned = field(repr=False)
    thesis: Thesis = field(repr=False)
