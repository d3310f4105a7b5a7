"""How the map of the deck's figures is read from the chapters; that it is complete, lint says."""

import pytest

from analysis import facts
from analysis.deck import deck_map


def test_a_section_is_that_above_the_result():
    training = next(one for one in deck_map.rebuilt() if one.figure == 38)
    assert (training.page, training.section, training.label) == ("compute-sizing", "Training", "tab-training")
    assert training.function == "analysis.tables.estimate_tables.steps"


def test_functions_are_followed_through_variables_and_wrappers():
    assert deck_map.drawn_by("assumptions")["training_formula"] == "analysis.scenarios.equations.equation"
    assert deck_map.drawn_by("kv_cache")["cache_chart"] == "analysis.figures.memory.kv_cache"


@pytest.mark.parametrize(("text", "given"), [("40", "'40'"), ("7 x", "'x'"), ("", "nothing"), ("0", "'0'")])
def test_a_figure_that_the_deck_lacks_is_refused(text, given):
    with pytest.raises(deck_map.DeckMapError, match=f"deck: {given} is no figure of the deck; they count from 1 to 39"):
        deck_map.numbers(text)


def test_several_figures_may_be_named():
    assert deck_map.numbers("7 8") == (7, 8)


def test_the_deck_has_39_figures():
    assert list(facts.read("deck_figures")["figure"]) == list(range(1, 40))
