"""What may be asked of a note, and what is refused."""

import re

import pytest

from analysis.notes import NoteError
from analysis.notes.request import Options, read
from analysis.scenarios.reading import ScenarioError, build
from analysis.scenarios.scenario import DECK

OPTIONS = {"scenario": "deck", "base": "deck", "title": None, "author": "", "date": None, "language": "en", "only": None}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"language": "fr"}, "--language: 'fr' is not known; allowed: en, zh"),
        ({"only": "train"}, "--only: 'train' is not known; did you mean 'training'?; allowed: training, inference"),
        ({"date": "24.11.2026"}, "--date: '24.11.2026' is not a day; write it as 2026-11-24"),
        ({"date": "2026-02-30"}, "is not a day"),
        ({"title": " "}, "--title: write one line"),
        ({"title": "a\nb"}, "--title: write one line"),
        ({"title": "x" * 200}, "--title: write one line"),
        ({"author": "a\x07"}, "--author: write one line"),
        ({"kind": "chagne"}, "--kind: 'chagne' is not known; did you mean 'change'?; allowed: estimate, run, service"),
        ({"kind": "change"}, "--kind: 'change' tells what differs, and the scenario is its own base"),
        ({"kind": "run", "only": "inference"}, "--only: a note of the kind run is about training"),
        ({"kind": "correction"}, "--corrects: a correction, and nothing else, names the published note"),
        ({"corrects": "deck-corected"}, "--corrects: 'deck-corected' is not known; did you mean 'deck-corrected'?"),
    ],
)
def test_bad_options_are_named(options, expected):
    with pytest.raises(NoteError, match=re.escape(expected)):
        read(Options(**OPTIONS | options), DECK, DECK)


def test_the_date_comes_from_the_option_or_the_scenario_and_from_nowhere_else():
    dated = build({"date": "2026-11-24"}, "test")
    assert read(Options(**OPTIONS), dated, DECK).date == "2026-11-24"
    assert read(Options(**OPTIONS | {"date": "2025-01-02"}), dated, DECK).date == "2025-01-02"
    assert read(Options(**OPTIONS), DECK, DECK).date == ""
    with pytest.raises(ScenarioError, match="date: 'soon' is not a day; write it as 2026-11-24"):
        build({"date": "soon"}, "test")


def test_the_kind_says_the_parts_and_what_a_note_is_held_against():
    scenario = build({"utilization": "40%"}, "test")
    run = read(Options(**OPTIONS | {"kind": "run"}), scenario, DECK)
    assert (run.parts, run.base, run.kind) == (("training",), scenario, "run")
    held = read(Options(**OPTIONS | {"kind": "service", "base": "h100-sxm-bf16"}), scenario, DECK)
    assert (held.parts, held.base) == (("inference",), DECK)
    plain = read(Options(**OPTIONS), scenario, DECK)
    assert (plain.parts, plain.base, plain.kind) == (("training", "inference"), DECK, "estimate")
    correction = read(Options(**OPTIONS | {"corrects": "deck-corrected"}), scenario, DECK)
    assert correction.base == scenario
    assert correction.kind == "correction" and correction.corrects.name == "deck-corrected"
    assert "--kind run" in run.command and "--corrects deck-corrected" in correction.command
