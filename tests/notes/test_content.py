"""What a note says: its sentences follow its numbers, in both languages."""

import math
import re

from analysis.languages.words import Words
from analysis.notes import results
from analysis.notes.blocks import Chart, Table, Text
from analysis.notes.content import make
from analysis.notes.request import Request
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK
from tests.notes.cases import H100, text_of


def test_charts_speak_the_notes_language():
    scenario = H100.model_copy(update={"utilization": 0.3})
    note = make(Request(scenario, DECK, "H100", language="zh"))
    charts = [block.chart.to_dict() for section in note.sections for block in section.blocks if isinstance(block, Chart)]
    assert len(charts) == 5
    for chart in charts:
        for text in (chart["title"], *chart["usermeta"].values()):
            assert re.search("[\u4e00-\u9fff]", text)
            assert not re.search(r"\b(the|of|is|to)\b", text)
        axes = re.findall(r"'title': '([^']+)'", str(chart))
        assert all(re.search("[\u4e00-\u9fff]", text) for text in axes), axes


def test_a_chip_that_nothing_is_known_of_has_no_costs_and_is_not_compared():
    own = build({"accelerator": "My chip", "peak": "500 TFLOPS"}, "test")
    note = make(Request(own, DECK, "A note"))
    assert math.isnan(note.results.values["training_rent"])
    words = Words("en")
    key = next(section for section in note.sections if section.title == words("key"))
    assert words("training_rent") not in list(key.blocks[0].frame[words("result")])
    assert words("work") not in [section.title for section in note.sections]
    assert "nan" not in text_of(note).lower().split()


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


def test_sentences_follow_the_numbers(english):
    text = text_of(english)
    assert "246 in place of 1,559, 0.158 times as many" in text
    assert "The deck prints 706,315 accelerators for inference" in text
    assert "1.71 times too high" in text
    bold = make(Request(build({"utilization": "90%"}, "test"), DECK, "x"))
    assert "the assumption is optimistic" in text_of(bold)
    careful = make(Request(build({"utilization": "1%"}, "test"), DECK, "x"))
    assert "the assumption is pessimistic" in text_of(careful)
    same = text_of(make(Request(DECK, DECK, "x")))
    assert Words("en")("same") in same
    assert "in place of" not in same


def test_every_assumption_has_its_source_and_every_number_its_formula(english):
    tables = {block.caption: block.frame for section in english.sections for block in section.blocks
              if isinstance(block, Table)}  # fmt: skip
    words = Words("en")
    assumptions = tables[words("assumptions_caption")]
    assert len(assumptions) == len(results.assumptions(["training", "inference"]))
    assert assumptions[words("why")].str.len().min() > 3
    assert len(tables[words("method_caption")]) == len(results.LINES)
