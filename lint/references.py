"""The bibliography can be read, holds what the chapters cite, and says where each work can be read."""

import re
from collections.abc import Iterator, Mapping

from pybtex.database import parse_file

from analysis import paths

BIBLIOGRAPHY = paths.ROOT / "book" / "references.bib"


def complaints() -> Iterator[str]:
    """Yield what is wrong with the bibliography."""
    entries = parse_file(BIBLIOGRAPHY).entries
    written = len(re.findall(r"^@", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))
    if len(entries) != written:
        yield f"{paths.shown(BIBLIOGRAPHY)}: {written} entries are written, {len(entries)} are read"
    for path in sorted((paths.ROOT / "book").glob("*.md")):
        for names in re.findall(r"\{cite(?::\w+)?\}`([^`]*)`", path.read_text(encoding="utf-8")):
            for name in {name.strip() for name in names.split(",")} - set(entries):
                yield f"{paths.shown(path)}: cites {name}, which the bibliography lacks"
    for key, entry in entries.items():
        for complaint in of_entry(entry.fields):
            yield f"{paths.shown(BIBLIOGRAPHY)}: {key}: {complaint}"


def of_entry(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the place where a work can be read."""
    if "eprint" in fields:
        number = re.fullmatch(r"(\d\d)(?:0[1-9]|1[0-2])\.(\d{4,5})", fields["eprint"])
        if fields.get("archiveprefix") != "arXiv" or not number:
            yield "its eprint is no number of arXiv"
        elif 2000 + int(number[1]) > int(fields["year"]):
            yield "its preprint comes after it"
        elif len(number[2]) != (4 if int(number[1]) < 15 else 5):
            yield "its number of arXiv has the digits of another year"
    elif "doi" in fields:
        if not re.fullmatch(r"10\.\d{4,5}/\S+", fields["doi"]):
            yield "its DOI is none"
    elif not {"url", "note", "publisher", "institution", "volume"} & set(fields):
        yield "nothing says where it can be read"
