"""Formulas with numbers, held against what Python computes; what a run alone tells has none."""

import ast

import pytest

from analysis import numerals
from analysis.report.evaluated import with_numbers
from analysis.report.scopes import Closure, Scope
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario
from analysis.training import whole_run

INPUTS = {"parameters": 175e9, "training_tokens": 300e9, "utilization": 0.4, "peak": 156e12}
KNOWN = {"numerals": numerals, "sizing": sizing, "whole_run": whole_run, "SYMBOLS": 16}


def shown(code: str, published: str, **names: str) -> str:
    outer = Scope({}, KNOWN, {"scenario": Scenario})
    bound = {name: Closure(ast.parse(one, mode="eval").body, outer) for name, one in names.items()}
    return with_numbers(ast.parse(code, mode="eval").body, Scope(bound, KNOWN, {"scenario": Scenario}), INPUTS, published)


@pytest.mark.parametrize(
    ("code", "names", "result", "words"),
    [
        ("numerals.percent(1 / SYMBOLS, 4)", {}, numerals.percent(1 / 16, 4), "= 1 ÷ 16 = 0.0625"),
        (
            "numerals.scientific(sizing.training_flop(scenario.parameters, scenario.training_tokens))",
            {},
            numerals.scientific(6 * 175e9 * 300e9),
            "= 6 × 175 billion × 300 billion = 3.15 × 10²³",
        ),
        ("numerals.whole(hours)", {"hours": "whole_run.chip_hours(7200, 8)"}, "16", "= 7,200 × 8 ÷ 3,600 = 16"),
        (
            "f'{numerals.plain(half)} TFLOPS'",
            {"half": "scenario.peak_flop_per_second / 1e12 * scenario.utilization"},
            "62.4 TFLOPS",
            None,
        ),
        ("numerals.whole(16 // 3)", {}, "5", "= the whole part of (16 ÷ 3) = 5"),
        ("numerals.signed(1 - 3)", {}, "−2.00", None),
    ],
)  # fmt: skip
def test_what_is_shown_is_what_was_published(code, names, result, words):
    said = shown(code, result, **names)
    assert said.startswith("= ")
    assert words in (None, said.replace("\N{NO-BREAK SPACE}", " "))


def test_what_the_notebook_did_not_publish_is_never_shown():
    """Such as a result of settings that were changed on the way."""
    assert shown("numerals.percent(1 / SYMBOLS, 4)", "6.25%")
    assert shown("numerals.percent(1 / SYMBOLS, 4)", "6.24%") == ""
    assert shown("numerals.percent(1 / SYMBOLS, 4)", "6.255%") == ""


@pytest.mark.parametrize(
    "code",
    ["numerals.whole(run.days)", "numerals.whole(len(rows))", "str(2 * 3)", "numerals.whole(rows['a'] + 1)", "numerals.whole(5)"],
)
def test_numbers_that_only_a_run_knows_have_none(code):
    assert shown(code, "5", rows="load()") == ""
