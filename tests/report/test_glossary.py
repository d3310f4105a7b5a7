"""The glossary is whole, each of its terms is used, and a text's first uses are found, and only those."""

import re

import pytest

from analysis import paths
from analysis.report import glossary

TERMS = glossary.terms()
CHAPTERS = {path.stem: path.read_text(encoding="utf-8") for path in (paths.ROOT / "book").glob("*.md")}


def test_terms_and_their_anchors_are_unique():
    assert len(TERMS) >= 80
    assert len({one.anchor for one in TERMS}) == len(TERMS)
    written = [form.lower() for one in TERMS for form in one.forms]
    assert len(set(written)) == len(written)
    chinese = [text for one in TERMS for text in one.chinese]
    assert len(set(chinese)) == len(chinese), "Sphinx wants each term once"


@pytest.mark.parametrize("one", TERMS, ids=lambda one: one.term)
def test_each_term_is_used_and_explained(one):
    assert one.page in CHAPTERS
    assert set(one.deck) <= set(one.chinese)
    assert re.search(r"[\u4e00-\u9fff]", "".join(one.chinese)) or one.chinese == (one.term,)
    assert one.definition[0].isupper() and one.definition.endswith("."), "a sentence"
    forms = "|".join(r"\s+".join(map(re.escape, form.split())) for form in one.forms)
    used = [name for name, text in CHAPTERS.items() if name != "glossary" and re.search(rf"\b(?:{forms})", text, re.IGNORECASE)]
    assert used, "a term that no chapter uses"


def _found(text, known=frozenset()):
    return [(text[start:end], term.term) for start, end, term in glossary.uses(text, known)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Attention, and more attention.", [("Attention", "attention")]),
        ("Only self-attention.", [("self-attention", "self-attention")]),
        ("Multi-head attention", [("Multi-head attention", "multi-head attention")]),
        ("FLOP/s is not FLOP.", [("FLOP/s", "FLOP/s"), ("FLOP", "FLOP")]),
        ("two batches of tokens", [("batches", "batch"), ("tokens", "token")]),
        ("a mixture\n of experts", [("mixture\n of experts", "mixture of experts")]),
        ("An MoE; mixtures of experts are one, too.", [("MoE", "mixture of experts")]),
        ("The pump and a mock-up, untrained.", []),
        ("Model FLOP utilization, or MFU", [("Model FLOP utilization", "model FLOP utilization")]),
        ("a bert, a flop", []),  # a name is written as a name
        ("the switch's key value", []),  # too common to be linked
    ],
)
def test_first_uses_are_found(text, found):
    assert _found(text) == found


@pytest.mark.parametrize("form", [form for one in TERMS if one.linked for form in one.forms])
def test_each_form_is_found_at_the_start_of_a_sentence_and_within_one(form):
    owner = next(one for one in TERMS if form in one.forms)
    for written in (form, form[0].upper() + form[1:], f"{form}s" if form[-1].isalpha() else form):
        found = _found(f"{written}, it is.")
        assert found[0] == (written, owner.term)


def test_what_is_known_is_passed_over():
    assert _found("A token and a batch.", {"token"}) == [("batch", "batch")]
