import pandas as pd
import pytest

from analysis import facts, paths


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Return a folder that stands for `data/`, with one small file of facts in it."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    facts.origin.cache_clear()
    facts._checked.cache_clear()
    (tmp_path / "small.csv").write_text("name,count,verified\nA,1,yes\nB,2,partly\n")
    (tmp_path / "small.origin.yml").write_text(
        "title: Small\nproducer: test\ncitation: test\nurl: test\ndate_published: '2026'\ndate_accessed: 2026-11-01\n"
        "licence: CC0\ncolumns:\n  name: {meaning: a name, required: true, unique: true}\n"
        "  count: {meaning: a count, unit: things, kind: count, required: true, least: 0, most: 5}\n"
        "  verified: {meaning: how far, required: true, allowed: ['yes', partly, 'no']}\n"
    )
    yield tmp_path
    facts.origin.cache_clear()
    facts._checked.cache_clear()


def test_a_good_file_is_read(copied):
    expected = pd.DataFrame({"name": ["A", "B"], "count": [1.0, 2.0], "verified": ["yes", "partly"]})
    pd.testing.assert_frame_equal(facts.read("small"), expected, check_dtype=False)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("A,1", "A,one", "line 2, column count: 'one' is not a number"),
        ("A,1", "A,1.5", "whole number"),
        ("A,1", "A,-1", "greater_than_or_equal"),
        ("A,1", "A,6", "less_than_or_equal"),
        ("A,1", "A,", "not_nullable"),
        ("B,2", "A,2", "uniqueness"),
        ("partly", "surely", "isin"),
        ("name,count", "name,number", "column"),
    ],
)
def test_a_file_that_breaks_its_record_is_refused(copied, before, after, why):
    path = copied / "small.csv"
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(facts.FactsError, match=why):
        facts.read("small")


def test_a_file_without_record_is_refused(copied):
    (copied / "small.origin.yml").unlink()
    with pytest.raises(facts.FactsError, match=r"small.origin.yml is missing"):
        facts.read("small")
