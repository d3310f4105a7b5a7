"""Every statement of the deck is treated in a section that exists, and what is corrected there is one list of errata."""

import re

import pytest

from analysis import facts, paths
from analysis.deck import audit, coverage
from analysis.deck.coverage import CoverageError

STATEMENTS = coverage.statements()
#: Verdicts on a statement that the list of errata corrects.
CORRECTED = {"partly", "incomplete", "wrong", "misprint"}


def test_every_statement_is_treated_in_a_section_of_its_page():
    assert [one.number for one in STATEMENTS] == list(range(1, len(STATEMENTS) + 1))
    for one in STATEMENTS:
        for place in one.places:
            text = (paths.ROOT / "book" / f"{place.page}.md").read_text(encoding="utf-8")
            assert re.search(rf"^#+ {re.escape(place.title)}$", text, re.MULTILINE), one.claim


def test_a_statement_of_substance_is_more_than_named():
    for one in STATEMENTS:
        assert (one.treatment == "named") == (one.verdict == "title"), one.claim
        assert one.verdict in coverage.VERDICTS
    treated_by_a_chapter = [one for one in STATEMENTS if one.treatment in ("explained", "computed")]
    pages = {place.page for one in treated_by_a_chapter for place in one.places}
    assert not pages & {"index", "references", "deck-map", "errata"}


def test_what_is_corrected_is_an_erratum_and_every_erratum_corrects_a_statement():
    for one in STATEMENTS:
        assert bool(one.errata) == (one.treatment == "corrected") == (one.verdict in CORRECTED), one.claim
    numbers = {number for one in STATEMENTS for number in one.errata}
    assert numbers == {int(number) for number in audit.errata()["erratum"]}


def test_the_section_that_an_erratum_names_is_among_those_of_its_statements():
    for row in audit.errata().itertuples():
        named = coverage.place(row.page)
        places = {place for one in STATEMENTS if int(row.erratum) in one.errata for place in one.places}
        assert named in places, row.erratum


def test_the_book_quotes_what_it_corrects():
    """Where a chapter corrects Chinese words of the deck, it quotes some of them; misprints stand in the list alone."""
    for row in audit.errata().itertuples():
        page = row.page.partition("#")[0]
        text = (paths.ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")
        words = re.findall(r"[\u4e00-\u9fff]{3,}", row.deck_zh)
        pieces = {word[start : start + 3] for word in words for start in range(len(word) - 2)}
        if page != "errata" and row.kind not in audit.CHANGE_THE_ESTIMATE and pieces:
            assert any(piece in text for piece in pieces), (row.erratum, row.deck_zh, page)


def test_the_deck_is_told_from_its_first_section_to_its_third():
    sections = [one.section for one in STATEMENTS]
    assert list(dict.fromkeys(sections)) == ["contents", "一", "二", "三"]
    assert set(facts.read("deck_claims")["section"]) <= set(sections)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("decoding#in-and-up", "no such section; did you mean 'in-and-out'"),
        ("decodin#in-and-out", "no page 'decodin'; did you mean 'decoding'"),
        ("decoding", "no such section"),
    ],
)
def test_a_section_that_the_book_lacks_is_refused(text, message):
    with pytest.raises(CoverageError, match=re.escape(message)):
        coverage.place(text)


def test_ids_are_those_of_the_built_page():
    assert "gpt-2-does-it-know-what-it-knows" in coverage.sections("gpt-in-numbers")
    assert "mine-yml-whatever-is-left-out-stays-as-the-deck-has-it" not in coverage.sections("index"), "a comment in code"
