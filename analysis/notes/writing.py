"""A note as the files that are sent."""

from analysis.notes import FILES
from analysis.notes.blocks import Note
from analysis.notes.page import page
from analysis.notes.pdf import pdf
from analysis.notes.workbook import workbook


def files(note: Note) -> dict[str, bytes]:
    """Return the content of each file of the note, by its name. The same note gives the same bytes."""
    return dict(zip(FILES, (page(note).encode(), pdf(note), workbook(note)), strict=True))
