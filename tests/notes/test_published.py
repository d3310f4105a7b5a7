"""Published notes stay as they were, and the feed names each."""

from xml.etree import ElementTree

import pytest

from analysis import paths
from analysis.notes import NoteError, publication, published
from analysis.notes.request import Request
from analysis.report import digest
from analysis.scenarios.scenario import DECK

ATOM = "{http://www.w3.org/2005/Atom}"


def test_published_notes_are_as_they_were_published():
    found = published.records()
    assert len(found) >= 3
    for record in found:
        folder = paths.NOTES / record.name
        assert sorted(path.name for path in folder.iterdir()) == sorted([published.RECORD, *record.digests])
        for name, expected in record.digests.items():
            assert digest.of_bytes((folder / name).read_bytes()) == expected, f"{record.name}/{name} was changed"
    assert (paths.NOTES / published.FEED).read_bytes() == published.feed(found)


def test_a_note_is_published_once_with_its_entry_in_the_feed(tmp_path):
    asked = Request(DECK, DECK, "A <b>note</b> & more", "A. Nalyst", "2026-11-24", parts=("training",))
    target = publication.publish(asked, "first", folder=tmp_path)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    with pytest.raises(NoteError, match="'first' is published already"):
        publication.publish(asked, "first", folder=tmp_path)
    assert before == {path.name: path.read_bytes() for path in target.iterdir()}

    later = Request(DECK, DECK, "大语言模型", "某人", "2026-12-01", "zh", ("training",))
    publication.publish(later, "second", folder=tmp_path)
    root = ElementTree.fromstring((tmp_path / published.FEED).read_bytes())
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}updated") == "2026-12-01T00:00:00Z"
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["大语言模型", "A <b>note</b> & more"]
    identities = [entry.findtext(f"{ATOM}id") for entry in [root, *entries]]
    assert len(set(identities)) == 3
    assert all(identity.startswith("urn:uuid:") for identity in identities)
    for entry in entries:
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert entry.findtext(f"{ATOM}summary")
        for link in entry.findall(f"{ATOM}link"):
            assert (tmp_path / link.get("href")).is_file()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("Not A Name", {}, "small letters, digits and single hyphens"),
        ("../up", {}, "small letters, digits and single hyphens"),
        ("x" * 61, {}, "up to 60"),
        ("undated", {"date": ""}, "--author and --date"),
        ("nobody", {"author": ""}, "--author and --date"),
    ],
)
def test_what_cannot_be_published_is_refused(tmp_path, name, more, expected):
    asked = Request(DECK, DECK, "A note", **{"author": "A", "date": "2026-11-24"} | more)
    with pytest.raises(NoteError, match=expected):
        publication.publish(asked, name, folder=tmp_path)
    with pytest.raises(NoteError, match="put the scenario into data/scenarios"):
        publication.publish(Request(DECK, DECK, "A note", "A", "2026-11-24"), "mine", [tmp_path / "my.yml"], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
