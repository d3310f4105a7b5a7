"""What a note says: its sentences follow its numbers, in both languages."""

import math
import re

import pytest

from analysis import Chip, Model, paths, plan_training
from analysis.languages.words import Words
from analysis.notes import change, planned, published, results
from analysis.notes.blocks import Chart, Table, Text
from analysis.notes.content import make
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.plan import scenario_serving, settled
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK
from tests.notes.cases import H20, H100, H100_SERVING, text_of


def test_charts_speak_the_notes_language():
    scenario = H100.model_copy(update={"utilization": 0.3})
    note = make(Request(scenario, DECK, "H100", language="zh"))
    charts = [block.chart.to_dict() for section in note.sections for block in section.blocks if isinstance(block, Chart)]
    assert len(charts) >= 8
    for chart in charts:
        for text in (chart["title"], *chart["usermeta"].values()):
            assert re.search("[\u4e00-\u9fff]", text)
            assert not re.search(r"\b(the|of|is|to)\b", text)
        axes = re.findall(r"'title': '([^']+)'", str(chart))
        assert all(re.search("[\u4e00-\u9fff]", text) for text in axes), axes


def test_a_chip_that_nothing_is_known_of_is_told_to_have_no_plan():
    mine = build({"accelerator": "My chip", "peak": "500 TFLOPS"}, "test")
    note = make(Request(mine, DECK, "A note"))
    assert note.planned.quantities("training") == note.planned.quantities("inference") == []
    text = text_of(note)
    assert "Training can't be planned: training on My chip in TF32 can't be predicted" in text
    assert "nan" not in text.lower().split()


def test_a_note_in_chinese_is_chinese_but_for_names(chinese):
    for section in chinese.sections:
        assert re.search(r"[\u4e00-\u9fff]", section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                assert re.search(r"[\u4e00-\u9fff]", block.text), block.text
            if isinstance(block, Table):
                assert all(re.search(r"[\u4e00-\u9fff]", head) for head in block.frame.columns)
    assert "30 days" not in text_of(make(Request(H100, DECK, "x", language="zh")))


def test_what_is_left_out_is_left_out(chinese):
    text = text_of(chinese)
    for name in ("training_accelerators", "training_flop"):
        assert Words("zh")(name) not in text
    for name in ("training_tokens", "training_time"):
        assert ASSUMPTIONS[name].chinese not in text


def test_every_number_is_the_plan_s(english):
    """By another way: the public functions, asked for the scenario's model, chip, work and targets."""
    run = plan_training(Model.load("GPT-3 175B"), Chip.load("H100 SXM5"), 300e9, days=30, precision="bf16")
    text = text_of(english)
    chips, days = run.chips, run.days
    assert f"takes {chips.expected:.0f} ({chips.low:.0f} to {chips.high:.0f}) H100 SXM5 for {days.expected:.1f} days" in text
    served = scenario_serving.planned(H100)
    section = next(section for section in english.sections if section.title == Words("en")("key"))
    key = next(block.frame for block in section.blocks if isinstance(block, Table))
    told = dict(zip(key["Result"], key["Estimate"], strict=True))
    assert told["Accelerators for inference"] == f"{served.chips.expected:,.0f}"
    assert told["Accelerators for training"] == f"{chips.expected:,.0f}"
    assert "in place of" in text and "times as many" in text


def test_the_division_stands_where_the_deck_does(english, chinese):
    text = text_of(english)
    assert "The deck prints 706,315 accelerators for inference" in text
    assert "1.71 times too high" in text
    divided = results.evaluate(results.inputs(H100))["training_accelerators"]
    assert f"its division would give {divided} accelerators" in text
    assert "706,315" not in text_of(chinese)
    same = text_of(make(Request(DECK, DECK, "x")))
    assert Words("en")("same") in same
    assert "in place of" not in same


def test_changes_one_after_the_other_lead_from_the_base_to_the_note():
    base, asked = (
        Planned(DECK),
        Planned(build({"accelerator": "H100 SXM5", "precision": "BF16", "training_tokens": "600e9"}, "test")),
    )
    steps = change.steps(base, asked, "training")
    assert [step.names[0] for step in steps] == ["training_tokens", "accelerator"]
    whole = asked.chips("training").expected / base.chips("training").expected
    assert math.prod(step.factor for step in steps) == pytest.approx(whole)
    assert steps[-1].chips == asked.chips("training")


def test_kinds_of_notes_tell_what_they_are_for():
    titles = {
        kind: [section.title for section in make(Request(H20, H100_SERVING, "x", parts=("inference",), kind=kind)).sections]
        for kind in ("service", "chips", "change")
    }
    words = Words("en")
    assert titles["service"][1:4] == [words("findings"), words("key"), words("compared_chips")]
    assert titles["chips"][1:3] == [words("findings"), words("compared_chips")]
    assert titles["change"][1] == words("differs")
    chips = make(Request(H20, H100_SERVING, "x", parts=("inference",), kind="chips"))
    assert "does the work with the fewest" in chips.summary[0]


def test_a_correction_says_what_was_wrong():
    record = next(record for record in published.records() if record.name == "h20-against-h100")
    note = make(Request(H20, H100_SERVING, "x", parts=("inference",), kind="correction", corrects=record))
    text = text_of(note)
    assert note.sections[1].title == "What was wrong"
    assert record.summary[0] in text and "divided FLOP by an assumed share of the peak" in text


def test_every_assumption_has_its_source(english):
    tables = {block.caption: block.frame for section in english.sections for block in section.blocks
              if isinstance(block, Table)}  # fmt: skip
    words = Words("en")
    assumptions = tables[words("assumptions_caption")]
    named = set(assumptions[words("assumption")])
    assert {"Training time", "Answer share", "Peak to mean", "Target time per output token"} <= named
    assert not named & {"Utilization", "Peak", "Serving time"}, "what only the division reads"
    assert assumptions[words("why")].str.len().min() > 3


def test_what_a_service_is_asked_is_among_the_assumptions():
    asked = build({"model": "Llama-3.1-8B", "accelerator": "H100 SXM5", "precision": "BF16", "requests_per_day": "1e8",
                   "prompt_tokens": 900, "answer_tokens": 100, "cached_share": "50%"}, "test")  # fmt: skip
    names = planned.assumptions(settled.settled(asked), ("inference",))
    assert {"model", "requests_per_day", "prompt_tokens", "answer_tokens", "cached_share", "ttft_target"} <= set(names)
    assert not {"parameters", "visits_per_day", "characters_per_question"} & set(names), "what follows from others"


def test_what_scenarios_of_notes_say_is_said_in_chinese_too():
    chinese = Words("zh")
    for path in (paths.SCENARIOS / "notes").glob("*.yml"):
        scenario = load(path)
        if scenario.date < "2026-12":
            continue  # published in one language
        said = [scenario.title, scenario.description, *(scenario.source(name) for name in scenario.sources)]
        for text in said:
            if not text.startswith("data/"):
                assert re.search("[\u4e00-\u9fff]", chinese.quoted(text)), (path.name, text)


def test_chinese_counts_in_ten_thousands():
    words = Words("zh")
    assert words.amount("count", 115_168) == "11.5万"
    assert words.amount("money", 3.2e8) == "3.20亿"
    assert words.interval("count", 71_358, 115_168, 248_999) == "11.5万（7.14万至24.9万）"
    assert Words("en").interval("days", 21.26, 29.91, 42.1) == "29.9 days (21.3 to 42.1)"
    assert Words("en").interval("count", 5, 5, 5) == "5"
