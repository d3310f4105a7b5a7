"""The notes published in the book: each in a folder of its own, with an index and a feed."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5
from xml.etree import ElementTree

from analysis import paths
from analysis.notes import FILES, RECORD, receipt
from analysis.notes.receipt import Receipt

#: The feed of all notes.
FEED = "feed.atom"
_ATOM = "http://www.w3.org/2005/Atom"
_TYPES = {"note.html": "text/html", "note.pdf": "application/pdf",
          "note.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
          "note.pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation"}  # fmt: skip
_FEED_TITLES = {
    "en": "AI大语言模型的原理、演进及算力测算: research notes",
    "zh": "AI大语言模型的原理、演进及算力测算：研究报告",
}
LANGUAGES = tuple(_FEED_TITLES)


@dataclass(frozen=True)
class Record:
    """A note that was written: what a list shows of it, and the SHA-256 digest of each of its files.

    `said` is what it says, text by text (`said.said`), and `receipt` what it was made from; notes before December 2026 have
    neither.
    """

    name: str
    title: str
    author: str
    date: str
    language: str
    summary: tuple[str, ...]
    digests: dict[str, str]
    kind: str = "estimate"
    corrects: str = ""
    said: dict[str, str] = field(default_factory=dict)
    receipt: Receipt | None = None


def corrections(notes: list[Record]) -> dict[str, Record]:
    """Return the note that corrects each, by the name of the corrected; the latest of several."""
    return {note.corrects: note for note in reversed(notes) if note.corrects}


def records(folder: Path = paths.NOTES) -> list[Record]:
    """Return the published notes, the latest first; one that is being written is none."""
    written = [path for path in folder.glob(f"*/{RECORD}") if not paths.is_part(path.parent)]
    return sorted(map(read, written), key=lambda record: (record.date, record.name), reverse=True)


def read(path: Path) -> Record:
    """Return the record of a note that `as_bytes` wrote to `path`."""
    values = json.loads(path.read_text(encoding="utf-8"))
    held = {"summary": tuple(values["summary"]), "receipt": receipt.of_dict(values["receipt"]) if values.get("receipt") else None}
    return Record(**values | held)


def as_bytes(record: Record) -> bytes:
    """Return the record as the content of its file."""
    return f"{json.dumps(asdict(record), indent=1, ensure_ascii=False)}\n".encode()


def feeds(notes: list[Record]) -> dict[str, bytes]:
    """Return the Atom feeds (RFC 4287) by the names of their files: of all notes, and of those in each language."""
    of_language = {feed_of(language): [note for note in notes if note.language == language] for language in LANGUAGES}
    return {FEED: feed(notes)} | {name: feed(listed, name) for name, listed in of_language.items()}


def feed_of(language: str) -> str:
    """Return the name of the feed of the notes in one language."""
    return FEED.replace(".", f"-{language}.")


def feed(notes: list[Record], name: str = FEED) -> bytes:
    """Return the Atom feed of the notes in the file `name`. Addresses are relative to the feed's own."""
    ElementTree.register_namespace("", _ATOM)
    language = next((known for known in LANGUAGES if name == feed_of(known)), "en")
    root = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _add(root, "title", _FEED_TITLES[language])
    _add(root, "id", _identity(name))
    _add(root, "link", rel="self", href=name, type="application/atom+xml")
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
        _add(entry, "category", term=note.kind)
        for file in (file for file in FILES if file in note.digests):
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
