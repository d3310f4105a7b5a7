"""A note as the files that are sent."""

from analysis.notes.blocks import Note
from analysis.notes.page import page
from analysis.notes.pdf import pdf
from analysis.notes.workbook import workbook

NAMES = ("note.html", "note.pdf", "note.xlsx")


def files(note: Note) -> dict[str, bytes]:
    """Return the content of each file of the note, by its name. The same note gives the same bytes."""
    return dict(zip(NAMES, (page(note).encode(), pdf(note), workbook(note)), strict=True))
