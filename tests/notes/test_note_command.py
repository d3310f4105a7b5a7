"""The commands that write a note: the same bytes each time, and nothing where the input is bad."""

import os
import re
import shlex
import subprocess
import sys

from bs4 import BeautifulSoup

from analysis import paths
from tests.conftest import command


def test_the_command_writes_three_files_and_repeats_itself(tmp_path):
    words = ["note", "notes/frontier-2026", "--only", "training", "--author", "A. Nalyst", "--set", "utilization=25%"]
    command(*words, "--out", str(tmp_path / "one"))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["note.html", "note.json", "note.pdf", "note.pptx", "note.xlsx"]
    receipt = BeautifulSoup((tmp_path / "one" / "note.html").read_text(encoding="utf-8"), "html.parser").get_text()
    written = re.search(r"python -m analysis (note .*?--out note)", receipt)[1]
    assert "--set utilization=25%" in written
    subprocess.run(
        [sys.executable, "-m", "analysis", *shlex.split(written)[:-1], str(tmp_path / "two")],
        cwd=paths.ROOT, env=os.environ | {"PYTHONPATH": str(paths.ROOT)}, check=True, capture_output=True,
    )  # fmt: skip
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_bad_input_ends_with_one_message_and_writes_nothing(tmp_path):
    cases = [
        (["note", "dek.yml", "--out", str(tmp_path / "x")], "did you mean 'deck.yml'"),
        (["note", "deck", "--base", "nowhere", "--out", str(tmp_path / "x")], "there is no such file"),
        (["note", "deck", "--house", "sell-sid", "--out", str(tmp_path / "x")], "did you mean 'sell-side'"),
        (["note", "deck", "--house", "laboratory", "--out", str(tmp_path / "x")], "the house demands an author"),
        (["note", "deck", "--language", "de", "--out", str(tmp_path / "x")], "allowed: en, zh"),
        (["note", "deck", "--set", "utilisation=1", "--out", str(tmp_path / "x")], "did you mean 'utilization'"),
    ]
    for words, expected in cases:
        done = command(*words, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert expected in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "note.html").write_text("before")
    (tmp_path / "note.pdf").mkdir()
    done = command("note", "deck", "--out", str(tmp_path / "file" / "x"), check=False)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    done = command("note", "deck", "--out", str(tmp_path), check=False)
    assert done.returncode == 2
    assert "can't be written: note.pdf is there, and is no file" in done.stderr
    assert (tmp_path / "note.html").read_text() == "before" and not (tmp_path / "note.xlsx").exists()
