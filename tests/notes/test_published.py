"""Published notes stay as they were, and the feed names each."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from analysis import paths
from analysis.notes import FILES, RECORD, NoteError, content, publication, published, writing
from analysis.notes.request import Request
from analysis.report import digest
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

ATOM = "{http://www.w3.org/2005/Atom}"


def test_published_notes_are_as_they_were_published():
    found = published.records()
    assert len(found) >= 3
    for record in found:
        folder = paths.NOTES / record.name
        assert sorted(path.name for path in folder.iterdir()) == sorted([RECORD, *record.digests])
        for name, expected in record.digests.items():
            assert digest.of_bytes((folder / name).read_bytes()) == expected, f"{record.name}/{name} was changed"
    for name, expected in published.feeds(found).items():
        assert (paths.NOTES / name).read_bytes() == expected, f"{name} was changed"


def test_the_feeds_have_what_rfc_4287_requires_and_each_language_its_own():
    found = published.records()
    made = published.feeds(found)
    assert set(made) == {"feed.atom", "feed-en.atom", "feed-zh.atom"}
    identities = {}
    for name, text in made.items():
        root = ElementTree.fromstring(text)
        for element in (root, *root.findall(f"{ATOM}entry")):
            for required in ("id", "title", "updated"):  # 4.1.1 and 4.1.2
                assert len(element.findall(f"{ATOM}{required}")) == 1 and element.findtext(f"{ATOM}{required}")
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", element.findtext(f"{ATOM}updated"))
        assert [link.get("href") for link in root.findall(f"{ATOM}link[@rel='self']")] == [name]
        for entry in root.findall(f"{ATOM}entry"):
            assert entry.findtext(f"{ATOM}author/{ATOM}name"), "the feed has no author, so that each entry needs one"
            assert len(entry.findall(f"{ATOM}link[@rel='alternate']")) == 1
            assert entry.find(f"{ATOM}category").get("term")
        identities[name] = {entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")}
        assert len(identities[name]) == len(root.findall(f"{ATOM}entry"))
        languages = {entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in root.findall(f"{ATOM}entry")}
        assert name == "feed.atom" or languages <= {name[5:7]}
    assert identities["feed-en.atom"] | identities["feed-zh.atom"] == identities["feed.atom"]
    assert not identities["feed-en.atom"] & identities["feed-zh.atom"]


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


@pytest.fixture
def quick(monkeypatch):
    """Notes that take no time to make."""
    made = {"summary": ("A summary.",), "sections": (), "receipt": None}
    monkeypatch.setattr(content, "make", lambda request: SimpleNamespace(request=request, **made))
    monkeypatch.setattr(writing, "files", lambda note: dict.fromkeys(FILES, b"x" * 100000))


ASKED = Request(DECK, DECK, "A note", "A", "2026-11-24")


def entries(folder):
    root = ElementTree.fromstring((folder / published.FEED).read_bytes())
    return {link.get("href") for link in root.iterfind(f"{ATOM}entry/{ATOM}link[@rel='alternate']")}


def test_a_feed_that_a_killed_process_left_behind_is_repaired_by_the_next(tmp_path, monkeypatch, quick):
    publication.publish(ASKED, "first", folder=tmp_path)
    with monkeypatch.context() as killed:
        killed.setattr(publication, "_write_feed", lambda folder: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            publication.publish(ASKED, "second", folder=tmp_path)
    assert entries(tmp_path) == {"first/note.html"}
    with pytest.raises(NoteError, match="'second' is published already.*the feed lacked it, and has it now"):
        publication.publish(ASKED, "second", folder=tmp_path)
    assert entries(tmp_path) == {"first/note.html", "second/note.html"}


def test_what_a_killed_process_left_half_written_is_no_note_and_is_removed(tmp_path, quick):
    left = tmp_path / ".half.part"
    left.mkdir()
    (left / RECORD).write_text("{")
    assert published.records(tmp_path) == []
    publication.publish(ASKED, "half", folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed-en.atom", "feed-zh.atom", "feed.atom", "half"]


def test_several_that_publish_at_once_do_not_mix(tmp_path, quick):
    names = [f"note-{number}" for number in range(6)] * 2

    def publish(name):
        try:
            publication.publish(replace(ASKED, title=name), name, folder=tmp_path)
        except NoteError as exc:
            return str(exc)
        return ""

    with ThreadPoolExecutor(len(names)) as pool:
        said = list(pool.map(publish, names))
    assert said.count("") == 6 and all("is published already" in text for text in said if text)
    assert {record.name for record in published.records(tmp_path)} == set(names)
    assert {record.name for record in published.records(tmp_path) if record.name != record.title} == set()
    assert entries(tmp_path) == {f"{name}/note.html" for name in names}
    assert not list(tmp_path.glob(".*"))


def test_a_scenario_without_sources_is_not_published_and_a_name_is_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "make", lambda request: pytest.fail("made"))
    silent = build({"utilization": "40%", "training_time": "60 days", "sources": {"utilization": "measured"}}, "mine")
    for asked in (replace(ASKED, scenario=silent), replace(ASKED, base=silent)):
        with pytest.raises(NoteError, match="does not say where training_time comes from"):
            publication.publish(asked, "mine", folder=tmp_path)
    (tmp_path / "taken").mkdir()
    with pytest.raises(NoteError, match="'taken' is published already"):
        publication.publish(ASKED, "taken", folder=tmp_path)


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
