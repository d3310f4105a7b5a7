"""Notes published in the book: each in a folder of its own that is never written again, with an index and a feed."""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5
from xml.etree import ElementTree

from analysis import paths
from analysis.notes import NoteError
from analysis.notes.content import make
from analysis.notes.request import Request
from analysis.notes.writing import NAMES, files
from analysis.report import digest

#: What is kept of a note beside its files, and the feed of all notes.
RECORD, FEED = "note.json", "feed.atom"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 60
_ATOM = "http://www.w3.org/2005/Atom"
_TYPES = {"note.html": "text/html", "note.pdf": "application/pdf",
          "note.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
_FEED_TITLE = "AI大语言模型的原理、演进及算力测算: research notes"


@dataclass(frozen=True)
class Record:
    """A published note: its folder's name, what a list shows of it, and the SHA-256 digest of each of its files."""

    name: str
    title: str
    author: str
    date: str
    language: str
    summary: tuple[str, ...]
    digests: dict[str, str]


def publish(request: Request, name: str, scenarios: Iterable[Path] = (), folder: Path = paths.NOTES) -> Path:
    """Write the note into the folder `name` and the feed anew; return the note's folder.

    `scenarios` are the files that the note was made from; readers have those of data/scenarios alone. Raises NoteError
    for a name that is taken or is none, for a note without a date, and for a scenario that readers do not have.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise NoteError(f"--name: {name[:70]!r}: write up to {_LONGEST} small letters, digits and single hyphens")
    target = folder / name
    if target.exists():
        raise NoteError(f"--name: {name!r} is published already, and what is published stays as it is; choose another name")
    if not request.author or not request.date:
        raise NoteError("--author and --date: a published note says whose it is, and when it was made")
    for path in scenarios:
        if not path.resolve().is_relative_to(paths.SCENARIOS):
            raise NoteError(f"{path}: put the scenario into data/scenarios, so that readers can repeat the note")
    note = make(request)
    made = files(note)
    record = Record(
        name,
        request.title,
        request.author,
        request.date,
        request.language,
        note.summary,
        {key: digest.of_bytes(content) for key, content in made.items()},
    )
    beside = folder / f".{name}.part"
    try:
        paths.write_all(beside, made | {RECORD: f"{json.dumps(asdict(record), indent=1, ensure_ascii=False)}\n".encode()})
        beside.rename(target)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    paths.write(folder / FEED, feed(records(folder)))
    return target


def records(folder: Path = paths.NOTES) -> list[Record]:
    """Return the published notes, the latest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob(f"*/{RECORD}")]
    made = [Record(**values | {"summary": tuple(values["summary"])}) for values in found]
    return sorted(made, key=lambda one: (one.date, one.name), reverse=True)


def feed(notes: list[Record]) -> bytes:
    """Return the Atom feed of the notes (RFC 4287). Addresses are relative to the feed's own."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(root, "title", _FEED_TITLE)
    _add(root, "id", _identity(FEED))
    _add(root, "link", rel="self", href=FEED, type="application/atom+xml")
    _add(root, "link", rel="alternate", href="index.html", type="text/html")
    _add(root, "updated", _moment(max((note.date for note in notes), default="1970-01-01")))
    for note in notes:
        entry = _add(root, "entry")
        entry.set("{http://www.w3.org/XML/1998/namespace}lang", note.language)
        _add(entry, "title", note.title)
        _add(entry, "id", _identity(note.name))
        _add(entry, "updated", _moment(note.date))
        _add(_add(entry, "author"), "name", note.author)
        _add(entry, "summary", " ".join(note.summary))
        for file in NAMES:
            rel = "alternate" if file == "note.html" else "enclosure"
            _add(entry, "link", rel=rel, href=f"{note.name}/{file}", type=_TYPES[file])
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    child.text = text
    return child


def _identity(name: str) -> str:
    return uuid5(NAMESPACE_OID, f"llm-compute-report notes {name}").urn


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"
