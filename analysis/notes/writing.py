"""A note as the files that are sent."""

from analysis.notes import FILES, RECORD, published, said
from analysis.notes.blocks import Note
from analysis.notes.page import page
from analysis.notes.pdf import pdf
from analysis.notes.published import Record
from analysis.notes.slides import slides
from analysis.notes.workbook import workbook
from analysis.report import digest


def files(note: Note) -> dict[str, bytes]:
    """Return the content of each file of the note, by its name. The same note gives the same bytes."""
    return dict(
        zip(FILES, (page(note).encode(), pdf(note), workbook(note), slides(note.thesis, note.request.house)), strict=True)
    )


def all_files(name: str, note: Note) -> dict[str, bytes]:
    """Return the content of each file of the note, and of its record, in which the note is called `name`."""
    written = files(note)
    return written | {RECORD: published.as_bytes(record(name, note, written))}


def record(name: str, note: Note, written: dict[str, bytes]) -> Record:
    """Return the record of the note in the folder `name` with the files `written`."""
    asked = note.request
    digests = {key: digest.of_bytes(content) for key, content in written.items()}
    corrected = "" if asked.corrects is None else asked.corrects.name
    listed = (name, asked.title, asked.author, asked.date, asked.language, note.summary)
    return Record(*listed, digests, asked.kind, corrected, said.said(note), note.receipt)
