"""A note made anew: what is said of one that comes out the same, and of one that doesn't."""

import json
import subprocess
from dataclasses import replace

import pytest

from analysis import paths
from analysis.notes import RECORD, NoteError, commit, published, receipt, reproduction
from analysis.notes.published import Record
from analysis.notes.receipt import Fact, Receipt
from analysis.report import digest
from tests.conftest import command

BEFORE = Receipt(
    "python -m analysis note deck --out note", "0" * 40, (), "lock1", {"analysis/a.py": "1", "analysis/b.py": "1"},
    {"gpu_prices": Fact("1", "2026-10-01"), "models": Fact("1", "2026-10-01")},
)  # fmt: skip
SAID = {"Key results › Chips › Estimate": "1,559", "In short › ¶ 1": "A sentence."}


@pytest.fixture
def written(tmp_path):
    """A note's folder, with one file and its record."""
    (tmp_path / "note.html").write_bytes(b"page")
    record = Record(
        "note", "A note", "A", "2026-11-24", "en", ("A.",), {"note.html": digest.of_bytes(b"page")}, said=SAID, receipt=BEFORE
    )
    (tmp_path / RECORD).write_bytes(published.as_bytes(record))
    return tmp_path, record


def again(monkeypatch, record, **changed):
    made = replace(record, **changed)
    monkeypatch.setattr(reproduction, "_made", lambda words, root: made)


def told(folder):
    found = reproduction.reproduce(reproduction.find(str(folder)))
    return found, "\n".join(reproduction.lines(found))


def test_a_record_is_read_as_it_was_written(written):
    folder, record = written
    assert published.read(folder / RECORD) == record


def test_the_same_is_said_to_be_the_same(written, monkeypatch):
    folder, record = written
    again(monkeypatch, record)
    found, text = told(folder)
    assert found.is_same and "The same to the byte." in text


def test_numbers_facts_and_modules_that_changed_are_named(written, monkeypatch):
    folder, record = written
    now = replace(
        BEFORE, lock="lock2", modules={"analysis/a.py": "2", "analysis/c.py": "1"},
        facts=BEFORE.facts | {"gpu_prices": Fact("2", "2026-12-01")},
    )  # fmt: skip
    again(monkeypatch, record, said=SAID | {"Key results › Chips › Estimate": "1,600"}, digests={"note.html": "x"}, receipt=now)
    found, text = told(folder)
    assert not found.is_same
    for line in (
        "1 of 2 of its texts and numbers differ:",
        "  Key results › Chips › Estimate: 1,559 → 1,600",
        "Facts: data/gpu_prices.csv changed (of 2026-10-01, now 2026-12-01).",
        "Modules changed: analysis/a.py.",
        "Modules gone: analysis/b.py.",
        "Modules new: analysis/c.py.",
        "The lock changed: lock1, now lock2.",
        "Whether facts or modules make the difference can't be told: the commit of then is not here, or was not all.",
    ):
        assert line in text.splitlines()
    assert "models" not in text, "what is the same is not named"


@pytest.mark.parametrize(
    ("mixed", "expected"),
    [
        ("1,600", "the facts alone make the difference"),
        ("1,559", "the modules alone make the difference"),
        ("1,580", "Both make it: the facts of now change 1 texts"),
    ],
)
def test_facts_and_modules_are_told_apart_by_the_modules_of_then(written, monkeypatch, mixed, expected):
    folder, record = written
    now = replace(BEFORE, modules={"analysis/a.py": "2"}, facts=BEFORE.facts | {"gpu_prices": Fact("2", "2026-12-01")})
    again(monkeypatch, record, said=SAID | {"Key results › Chips › Estimate": "1,600"}, digests={"note.html": "x"}, receipt=now)
    monkeypatch.setattr(commit, "is_known", lambda name: True)
    monkeypatch.setattr(reproduction, "_mixed", lambda before: SAID | {"Key results › Chips › Estimate": mixed})
    assert expected in told(folder)[1]


def test_a_file_that_somebody_changed_and_a_record_that_is_none_are_refused(written):
    folder, _ = written
    (folder / "note.html").write_bytes(b"another")
    with pytest.raises(NoteError, match=r"note.html was changed after it was written"):
        reproduction.reproduce(folder / RECORD)
    (folder / RECORD).write_text("[]")
    with pytest.raises(NoteError, match="is no record of a note"):
        reproduction.reproduce(folder / RECORD)


def test_of_a_note_without_such_a_receipt_it_is_said_what_cannot_be_told():
    old = [record for record in published.records() if record.receipt is None]
    assert old
    with pytest.raises(NoteError, match=f"{old[0].name}: its files are as they were published.*it can't be told whether"):
        reproduction.reproduce(reproduction.find(old[0].name))


def test_a_name_that_is_none_is_answered_with_the_nearest():
    with pytest.raises(NoteError, match="did you mean 'deck-corrected'"):
        reproduction.find("deck-corected")


def test_the_command_of_a_receipt_runs_nothing_but_note(written):
    folder, record = written
    wrong = replace(record, receipt=replace(BEFORE, command="python -m analysis run deck --out x"))
    (folder / RECORD).write_bytes(published.as_bytes(wrong))
    with pytest.raises(NoteError, match="none that writes a note"):
        reproduction.reproduce(folder / RECORD)


@pytest.mark.slow
def test_a_note_just_written_is_made_again_to_the_byte(tmp_path):
    command("note", "deck", "--only", "training", "--house", "sell-side", "--out", str(tmp_path / "out"))
    assert "The same to the byte." in command("reproduce", str(tmp_path / "out")).stdout


def test_the_receipt_names_commit_lock_modules_and_facts():
    made = receipt.receipt("a command")
    assert receipt.of_dict(json.loads(json.dumps(made.as_dict()))) == made
    assert {"analysis/notes/content.py", "analysis/facts.py", "analysis/figures/note.py"} <= made.modules.keys()
    assert made.facts["accelerators"].date == "2026-11-30"
    assert "generated/held_out" in made.facts
    head = subprocess.run(["git", "-C", str(paths.ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode == 0:
        assert made.commit == head.stdout.strip()


def test_a_date_before_the_newest_fact_is_noticed():
    newest = receipt.newest()[0]
    assert receipt.is_before_facts("2020-01-01")
    assert not receipt.is_before_facts(newest)
    assert not receipt.is_before_facts("")


def test_changes_in_no_commit_are_listed_and_a_published_note_is_none(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "a.py").write_text("1")
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "first")
    monkeypatch.setattr(paths, "ROOT", tmp_path.resolve())
    assert commit.state().changed == ()
    assert commit.content(commit.state().commit, "analysis/a.py") == b"1"
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "note.json").write_text("{}")
    assert commit.state().changed == ()
    (tmp_path / "analysis" / "a.py").write_text("2")
    (tmp_path / "analysis" / "b.py").write_text("new")
    assert commit.state().changed == ("analysis/a.py", "analysis/b.py")
    monkeypatch.setattr(paths, "ROOT", tmp_path.resolve() / "analysis")
    assert commit.state() == commit.State(""), "another's repository is not ours"
