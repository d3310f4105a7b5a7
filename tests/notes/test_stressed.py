"""A note on a risk: its effects are those of the risks page, told in words, in both languages."""

import pytest

from analysis.languages.words import Words
from analysis.notes import NoteError, request, stressed
from analysis.notes.content import make
from analysis.notes.planned import Planned
from analysis.risk import risks
from analysis.risk.risks import RISKS
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from tests.notes.cases import text_of


def _asked(risk, scenario=DECK, **options):
    given = {"scenario": "deck", "base": "deck", "title": None, "author": "A", "date": None, "language": "en", "only": None}
    given |= {"risk": risk} | options
    return request.read(request.Options(**given), scenario, DECK)


def _effects(asked):
    return {effect.name: effect for effect in stressed.effects(asked, Planned(asked.scenario), Planned(asked.base))}


@pytest.mark.parametrize("key", ["demand", "export-rules", "utilization", "power", "suppliers"])
def test_effects_are_those_of_the_page_of_risks(key):
    found = _effects(_asked(key))
    told = risks.effects(DECK).set_index("risk").loc[key]
    named = {"training_accelerators": "training", "inference_accelerators": "serving", "site": "site", "capital": "capital"}
    for name, measure in named.items():
        assert found[name].factor == pytest.approx(told[measure], rel=0.01), name
        assert found[name].before.low < found[name].before.expected < found[name].before.high


def test_a_stress_that_changes_nothing_says_so():
    slow = build({"utilization": "10%"}, "test")
    note = make(_asked("utilization", slow))
    assert note.summary[-1] == Words("en")("stress_unchanged")
    assert not note.thesis.findings


def test_a_stronger_stress_does_more():
    asked = _asked("demand", only="inference")
    counts = [
        stressed.at_strength(asked.base, asked.scenario, strength).visits_per_day
        * stressed.at_strength(asked.base, asked.scenario, strength).questions_per_visit
        for strength in (0, *stressed.STRENGTHS)
    ]
    assert counts[0] == pytest.approx(DECK.visits_per_day * DECK.questions_per_visit)
    assert counts == sorted(counts, reverse=True)
    assert counts[2] == pytest.approx(3e9)
    assert stressed.at_strength(DECK, _asked("export-rules").scenario, 0.5) is None, "there is no half of another chip"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_note_tells_the_risk_and_what_follows_with_the_source_of_each_change(language):
    note = make(_asked("demand", language=language))
    words, text = Words(language), text_of(note)
    risk = RISKS["demand"]
    assert note.request.title.startswith(risk.chinese if language == "zh" else risk.title)
    assert words.quoted(risk.mechanism) in note.summary[0]
    assert words.quoted("OpenAI, ChatGPT, messages a day, 2025-08-04 (data/demand.csv)") in text
    told = [finding.sentence for finding in note.thesis.findings]
    assert 3 <= len(told) <= 5
    assert all(finding.number.text for finding in note.thesis.findings)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"risk": "exports"}, "--risk: 'exports' is not known; did you mean 'export-rules'?"),
        ({"risk": None, "kind": "risk"}, "--risk: a note of the kind risk, and no other, names its risk"),
        ({"risk": "demand", "kind": "run"}, "--risk: a note of the kind risk, and no other"),
        ({"risk": "demand", "base": "small"}, "--base: a note on a risk is held against the scenario without the stress"),
    ],
)
def test_what_does_not_go_together_is_refused(options, message):
    with pytest.raises(NoteError, match="--") as caught:
        _asked(**options)
    assert str(caught.value).startswith(message)


def test_a_chip_without_the_format_of_the_plan_is_refused_in_words():
    fp8 = build({"accelerator": "H100 SXM5", "precision": "FP4", "peak": "2 PFLOPS"}, "test")
    with pytest.raises(NoteError, match="--risk: stress/export-rules"):
        _asked("export-rules", fp8.model_copy(update={"peak": None, "precision": "FP4"}))
