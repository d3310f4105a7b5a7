"""What cards tell, against the sizing formulas and what notebooks and chapters hold."""

import re
from functools import cache

import pytest

from analysis import facts, paths
from analysis.report import explanation, runner
from analysis.report.explanation import NumbersError, Words, explained
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK


@cache
def _quoted() -> set[str]:
    chapters = (paths.ROOT / "book").glob("*.md")
    return {name for path in chapters for name in re.findall(r"\{result\}`(\w+:\w+)`", path.read_text(encoding="utf-8"))}


ENTRIES = [(notebook, name, one) for notebook, numbers in explanation.words().items() for name, one in numbers.items()]


def test_the_words_are_of_numbers_that_chapters_quote():
    assert {f"{notebook}:{name}" for notebook, name, _ in ENTRIES} <= _quoted()
    assert len(ENTRIES) >= 50


def test_what_a_number_depends_on_is_there():
    known = {notebook: runner.assumptions(paths.NOTEBOOKS / f"{notebook}.ipynb") for notebook, _, _ in ENTRIES}
    for notebook, name, one in ENTRIES:
        assert set(one.facts) <= set(facts.names()), name
        assert set(one.assumptions) <= known[notebook].keys() & ASSUMPTIONS.keys(), f"{notebook} has no such assumption: {name}"


def test_the_words_type_no_result():
    for _, name, one in ENTRIES:
        assert not re.search(r"\d", re.sub(r"GPT-3|DeepSeek-V3|[AH]\d+|\(\d{4}\)", "", one.what)), name
        assert one.what[0].islower() or one.what.startswith(("FLOP", "MWh")), f"{name} goes on from the number"
        assert not one.what.endswith("."), name


def test_a_result_of_the_estimate_has_its_formula_with_the_scenarios_numbers():
    scenario = build({"utilization": "25%"}, "test")
    told = explained("training_estimate", scenario)
    exact = estimate(scenario).training.accelerators_exact
    words, numbers = told["accelerators"].formula
    assert words == "Accelerators = 6 × parameters × training tokens ÷ (training time × peak × utilization)"
    assert "× 0.25)" in numbers
    assert f"{exact:,.1f}" in numbers
    assert told["accelerators"].assumptions[:3] == ("parameters", "training_tokens", "training_time")
    assert f"{estimate(DECK).training.accelerators_exact:,.1f}" in told["deck_accelerators_exact"].formula[1]
    assert (told["accelerators"].is_decks, told["deck_accelerators_exact"].is_decks) == (False, True)


@pytest.mark.parametrize("entry", ["{what: a number}", "{is: short}", "{is: a long sentence, result: training.flop, formula: x}"])
def test_an_entry_that_cannot_be_is_refused_by_its_name(tmp_path, monkeypatch, entry):
    file = tmp_path / "numbers.yml"
    file.write_text(f"some_notebook:\n  some_number: {entry}\n", encoding="utf-8")
    monkeypatch.setattr(paths, "NUMBERS", file)
    explanation.words.cache_clear()
    with pytest.raises(NumbersError, match="some_notebook: some_number"):
        explanation.words()
    explanation.words.cache_clear()


def test_words_have_one_formula():
    assert Words.model_validate({"is": "a number of things", "formula": "a = b"}).formula == "a = b"
