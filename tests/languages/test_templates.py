"""Texts with their numbers taken out, and put back as Chinese writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import numerals
from analysis.languages import templates


@pytest.mark.parametrize(
    ("text", "key", "numbers"),
    [
        ("1.68 times as many as", "{1} times as many as", ("1.68",)),
        ("from 1,584 to 3,648", "from {1} to {2}", ("1,584", "3,648")),
        ("GPT-3 175B on 1,024 × A100 SXM4 80GB", "GPT-3 175B on {1} × A100 SXM4 80GB", ("1,024",)),
        ("Llama-3.1-70B", "Llama-3.1-70B", ()),
        ("$4.6 million in January 2026", "{1} in {2}", ("$4.6 million", "January 2026")),
        ("−25% (−38% to 3%)", "{1}% ({2}% to {3}%)", ("−25", "−38", "3")),
        ("3.15\u00a0×\u00a010²³ FLOP", "{1} FLOP", ("3.15\u00a0×\u00a010²³",)),
    ],
)
def test_a_template_has_gaps_for_numbers_and_dates_but_not_for_parts_of_names(text, key, numbers):
    assert templates.template(text) == (key, numbers)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("175 billion", "1750亿"),
        ("1.61 million", "161万"),
        ("3.5 billion", "35亿"),
        ("13.7 trillion", "13.7万亿"),
        ("$4.6 million", "460万美元"),
        ("$37,500", "37,500美元"),
        ("1,558", "1,558"),
        ("−0.02", "−0.02"),
        ("January 2026", "2026年1月"),
        ("1 November 2026", "2026年11月1日"),
        ("3.15\u00a0×\u00a010²³", "3.15\u00a0×\u00a010²³"),
    ],
)
def test_numbers_and_dates_as_chinese_writes_them(english, chinese):
    assert templates.chinese(english) == chinese


@given(st.floats(1e6, 9e17))
def test_a_counted_number_keeps_its_value(value):
    english = numerals.words(value)
    chinese = templates.chinese(english)
    digits, word = english.split(" ")
    sizes = {"万": 4, "亿": 8, "万亿": 12}
    unit = next(unit for unit in ("万亿", "亿", "万") if chinese.endswith(unit))
    there = Decimal(digits.replace(",", "")) * {"million": 10**6, "billion": 10**9, "trillion": 10**12}[word]
    assert Decimal(chinese.removesuffix(unit).replace(",", "")) * 10 ** sizes[unit] == there


def test_a_text_is_translated_by_its_template_whatever_its_numbers():
    catalogue = {"{1} times as many as": "的{1}倍", "from {1} to {2}": "{2}以下、{1}以上"}
    assert templates.translated("2.5 times as many as", catalogue) == "的2.5倍"
    assert templates.translated("from 3 million to 7", catalogue) == "7以下、300万以上"
    assert templates.translated("a sentence that nobody translated", catalogue) is None
    assert templates.translated("412,018", catalogue) == "412,018"
    assert templates.translated("H100 SXM5", catalogue) == "H100 SXM5", "a name"
    assert templates.translated("一顆蘋果", catalogue) == "一顆蘋果"


def test_a_list_of_short_things_is_translated_thing_by_thing():
    catalogue = {"noodles": "面条", "fish": "鱼", "soup": "汤"}
    assert templates.translated("soup, noodles, fish", catalogue) == "汤、面条、鱼"
    assert templates.translated("soup, noodles, cake", catalogue) is None


def test_a_description_with_many_numbers_is_translated_clause_by_clause():
    catalogue = {"Days against chips": "天数与芯片数", "{1} chips {2} days": "{1}张芯片{2}天"}
    text = "Days against chips: " + ", ".join(f"{chips} chips {1000 // chips} days" for chips in (8, 16, 32, 64)) + "."
    assert templates.translated(text, catalogue) == "天数与芯片数：8张芯片125天，16张芯片62天，32张芯片31天，64张芯片15天。"
