"""Research notes: a scenario, held against another, as a page, a PDF and a live workbook; and their publication."""

from analysis.refused import Refused

#: What a note is sent as.
FILES = ("note.html", "note.pdf", "note.xlsx", "note.pptx")
#: What is kept of a note beside its files: what it says and what it was made from.
RECORD = "note.json"


class NoteError(Refused):
    """A note that can't be written or published as asked; the message names the option and what is allowed."""
