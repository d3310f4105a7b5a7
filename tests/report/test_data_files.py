"""The reference part lists every file of facts, counts its marks rightly, and names whom its licence asks to name."""

import csv

import pytest

from analysis import facts, paths
from analysis.report import data_files

FILES = {one.name: one for one in data_files.all_files()}


def test_every_file_is_listed_once():
    on_disk = {path.relative_to(paths.DATA).with_suffix("").as_posix() for path in paths.DATA.rglob("*.csv")}
    assert set(FILES) == on_disk
    assert len({one.anchor for one in FILES.values()}) == len(FILES)


@pytest.mark.parametrize("name", FILES)
def test_marks_are_those_of_the_rows(name):
    with (paths.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert FILES[name].rows == len(rows)
    if "verified" in rows[0]:
        assert FILES[name].marks == {mark: sum(row["verified"] == mark for row in rows) for mark in facts.VERIFIED}
    else:
        assert FILES[name].marks == {}


def test_shares_of_a_file_add_up_to_one():
    shares = data_files.by_mark().groupby("file")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "licences", "asks"),
    [
        ("clusters", ("CC BY 4.0",), True),
        ("systems", ("CC BY-SA 4.0",), True),
        ("mfu", ("CC BY 4.0", "CC BY-SA 4.0"), True),
        ("china_models", ("Apache-2.0",), True),
        ("poems", ("MIT",), True),
        ("tokenizer_ratios", ("CC0",), False),
        ("runs", (), False),
        ("weights/translator_log", ("CC0",), False),
        ("generated/held_out", (), False),
        ("word_pairs", ("CC BY 4.0",), False),
    ],
)
def test_licences_are_read_from_the_record(name, licences, asks):
    assert FILES[name].licences == licences
    assert FILES[name].asks_for_attribution is asks


@pytest.mark.parametrize("one", FILES.values(), ids=lambda one: one.name)
def test_no_open_licence_is_passed_over(one):
    """A record that speaks of a licence by a name that the list lacks would be left out of the attributions."""
    names = ("CC BY", "CC0", "MIT", "Apache", "BSD", "GPL", "ODbL", "Public Domain Ded")
    spoken = [word for word in names if word in one.record.licence]
    assert len(one.licences) >= len(spoken)
