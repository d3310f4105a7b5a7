"""The bibliography can be read, and holds what the chapters cite."""

import re

from pybtex.database import parse_file

from analysis import paths

BIBLIOGRAPHY = paths.ROOT / "book" / "references.bib"


def test_every_entry_is_read_and_every_citation_has_one():
    known = set(parse_file(BIBLIOGRAPHY).entries)
    assert len(known) == len(re.findall(r"^@", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))
    cited = set()
    for path in (paths.ROOT / "book").glob("*.md"):
        for names in re.findall(r"\{cite(?::\w+)?\}`([^`]*)`", path.read_text(encoding="utf-8")):
            cited |= {name.strip() for name in names.split(",")}
    assert cited <= known, cited - known
