"""Lint counts the words of sentences, the numbers among them, and the phrases of the old mould."""

import pytest

from lint import reading

GUIDE = "# Page\n\n```{guide}\n:for: all\n:needs: nothing\n:then: read\n```\n\n"
WORDS = "word " * 34


def test_sentences_are_those_of_text_lists_and_captions():
    text = (
        "# A heading\n\nOne {result}`a:b` here. Two (二) there {cite}`brown2020`!\n\n- Three $x + y$ of\n  a list\n- Four\n\n"
        "$$\na b c\n$$\n\n```{result-chart} a:b\n:name: fig-a\nFive, see {doc}`deck-map`.\n```\n\n```python\nx = 1\n```\n"
    )
    found = list(reading.sentences(text))
    assert found == ["One RESULT here.", "Two there !", "- Three X of a list", "- Four", "Five, see deck-map."]
    assert [reading.words(sentence) for sentence in found] == [3, 2, 5, 1, 3]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"{GUIDE}{WORDS}end.", None),
        (f"{GUIDE}{WORDS}the end.", "a sentence of 36 words"),
        (f"# Page\n\n{WORDS}end.", "whom it is for"),
        (f"# Page\n\n{WORDS}end.\n\n## Late\n\n{GUIDE}", "whom it is for"),
        (GUIDE + "A {result}`a:b` and {result}`a:c`. " + f"W{WORDS[1:]}end.", "numbers in a hundred words"),
    ],
)
def test_a_page_is_refused_for_what_makes_it_hard_to_read(text, wrong):
    found = list(reading.of_page("page", text))
    assert bool(found) == (wrong is not None), found
    assert wrong is None or wrong in found[0]


def test_the_mould_is_known_by_its_phrases():
    text = "The question: why? It grows. **What follows.** It stays. The question is open; what follows is not."
    assert reading.MOULD.findall(text) == ["The question: ", "**What follows.**"]
