"""The bibliography can be read, and holds what the chapters cite."""

import re

import pytest
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


@pytest.mark.parametrize("key,fields", [(key, entry.fields) for key, entry in parse_file(BIBLIOGRAPHY).entries.items()])
def test_an_entry_says_where_it_can_be_read(key, fields):
    if "eprint" in fields:
        assert fields["archiveprefix"] == "arXiv"
        year, number = re.fullmatch(r"(\d\d)(?:0[1-9]|1[0-2])\.(\d{4,5})", fields["eprint"]).groups()
        assert 2000 + int(year) <= int(fields["year"]), "a preprint comes before its paper"
        assert len(number) == (4 if int(year) < 15 else 5)
    elif "doi" in fields:
        assert re.fullmatch(r"10\.\d{4,5}/\S+", fields["doi"])
    else:
        assert {"url", "note", "publisher", "institution", "volume"} & set(fields), key
