import pandas as pd
import pytest

from analysis import facts, paths


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Return a folder that stands for `data/`, with one small file of facts in it."""
    monkeypatch.setattr(paths, "DATA", tmp_path)
    facts.origin.cache_clear()
    facts.rows.cache_clear()
    facts._frame.cache_clear()
    (tmp_path / "small.csv").write_text("name,count,verified\nA,1,yes\nB,2,partly\n")
    (tmp_path / "small.origin.yml").write_text(
        "title: Small\nproducer: test\ncitation: test\nurl: test\ndate_published: '2026'\ndate_accessed: 2026-11-01\n"
        "licence: CC0\ncolumns:\n  name: {meaning: a name, required: true, unique: true}\n"
        "  count: {meaning: a count, unit: things, kind: count, required: true, least: 0, most: 5}\n"
        "  verified: {meaning: how far, required: true, allowed: ['yes', partly, 'no']}\n"
    )
    yield tmp_path
    facts.origin.cache_clear()
    facts.rows.cache_clear()
    facts._frame.cache_clear()


def test_a_good_file_is_read(copied):
    expected = pd.DataFrame({"name": ["A", "B"], "count": [1.0, 2.0], "verified": ["yes", "partly"]})
    pd.testing.assert_frame_equal(facts.read("small"), expected, check_dtype=False)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("A,1", "A,one", "row 1, column count: 'one' is not a number"),
        ("A,1", "A,1.5", "row 1, column count: '1.5' is not a whole number"),
        ("A,1", "A,-1", "'-1' is less than 0"),
        ("A,1", "A,6", "'6' is more than 5"),
        ("A,1", "A,", "'' is empty, and is required"),
        ("B,2", "A,2", "column name: 'A' is there more than once"),
        ("partly", "surely", "'surely' is not one of yes, partly, no"),
        ("B,2,partly", "B,2", "row 2 has 2 cells for 3 columns"),
        ("A,1", "A,nan", "'nan' is not a finite number"),
        ("name,count", "name,number", "its columns are not those"),
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


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (["yes", "yes"], "all of them verified"),
        (["partly", "partly"], "all of them only partly verified"),
        (["no", "no"], "none of them verified"),
        (["yes", "no", "no"], "2 of them not verified"),
        (["yes", "partly", "no"], "1 of them only partly verified, 1 not"),
    ],
)
def test_a_sentence_says_how_far_its_rows_were_verified(marks, said):
    assert facts.doubts(pd.DataFrame({"verified": marks})) == said
