"""The map of the deck's figures is complete, and what it names exists."""

import importlib
import re

import pytest

from analysis import facts, paths
from analysis.deck import deck_map
from analysis.report import runner

#: Figures of the deck that this edition rebuilds: all.
REBUILT = {*range(1, 40)}


def test_every_figure_that_is_promised_is_rebuilt():
    assert {one.figure for one in deck_map.rebuilt()} >= REBUILT


def test_the_scan_misses_no_option():
    options = sum(
        len(numbers.split())
        for path in (paths.ROOT / "book").glob("*.md")
        for numbers in re.findall(r"^:deck: *(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(deck_map.rebuilt()) == options > 0


@pytest.mark.parametrize("one", deck_map.rebuilt(), ids=lambda one: f"{one.figure}-{one.result}")
def test_each_row_names_what_exists(one):
    assert (paths.ROOT / "book" / f"{one.page}.md").is_file()
    assert one.notebook in {path.stem for path in runner.notebooks()}
    assert one.label, "a row links to its figure"
    module, name = one.function.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))


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
