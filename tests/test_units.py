import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import units


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("30 days", "second", 2_592_000),
        ("86,400 s", "second", 86_400),
        ("1 week", "second", 604_800),
        ("50 ms", "second", 0.05),
        ("156 TFLOPS", "FLOP/second", 156e12),
        ("156 TFLOP/s", "FLOP/second", 156e12),
        ("0.5 EFLOPS", "FLOP/second", 0.5e18),
        ("50%", "", 0.5),
        ("0.5", "", 0.5),
        (".5", "", 0.5),
        ("4/3", "token/character", 4 / 3),
        ("300e9", "token", 300e9),
        ("300 billion", "token", 300e9),
        ("300 billion tokens", "token", 300e9),
        ("86_400", "token", 86_400),
        ("16,384", "token", 16_384),
        ("1,234,567.5", "token", 1_234_567.5),
        ("175B", "parameter", 175e9),
        ("175b parameters", "parameter", 175e9),
        ("15T tokens", "token", 15e12),
        ("5M", "token", 5e6),
        ("1 month", "second", 2_592_000),
        ("500 ms", "second", 0.5),
        ("156 TFLOPs", "FLOP/second", 156e12),
        ("3.5 亿", "visit/day", 3.5e8),
        ("3.5亿次/天", "visit/day", 3.5e8),
        ("3000亿个token", "token", 3e11),
        ("30 天", "second", 2_592_000),
        ("1个月", "second", 2_592_000),
        ("５０％", "", 0.5),
        ("8 GPUs", "accelerator/server", 8),
        ("5e12 visits/year", "visit/day", 5e12 / 365),
        ("3.5e9 visits", "visit/day", 3.5e9),
        ("425 characters", "character/question", 425),
        ("8 accelerators", "accelerator/server", 8),
        (175e9, "parameter", 175e9),
        (8, "accelerator/server", 8),
    ],
)
def test_reads_what_people_write(text, unit, value):
    assert units.read(text, unit) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("30 TFLOPS", "second", "wrong unit"),
        ("30", "second", "no unit"),
        ("156e12", "FLOP/second", "no unit"),
        ("300e9 parameters", "token", "wrong unit"),
        ("50%", "token", "wrong unit"),
        ("5 m", "token", "not known"),
        ("5 billion", "second", "no unit"),
        ("0x10", "", "not a finite number"),
        ("1e3.5", "", "not a finite number"),
        ("٣", "", "not a finite number"),
        ("10²", "", "not known"),
        ("1 fortnight", "second", "not known"),
        ("nan", "", "not a finite number"),
        ("inf", "", "not a finite number"),
        (float("nan"), "", "not a finite number"),
        (float("-inf"), "", "not a finite number"),
        ("1e999", "", "not a finite number"),
        ("1e308 billion", "token", "not a finite number"),
        ("1/0", "", "divides by zero"),
        ("9**9**9", "", "not a finite number"),
        ("1,00", "", "if it is a decimal comma, write 1.00"),
        ("1.234,5", "", "if it is a decimal comma, write 1234.5"),
        ("0,125", "", "0.125, with a decimal comma, or 125,"),
        ("1234,567", "token", "1234.567, with a decimal comma, or 1234567,"),
        ("", "", "not a finite number"),
        ("50 % %", "", "not a finite number"),
        ("425 tokens", "character/question", "wrong unit"),
        ("days", "second", "not a finite number"),
        ("1" * 5000, "", "too long"),
        (True, "", "not a quantity"),
        (None, "", "not a quantity"),
        ([1], "", "not a quantity"),
        ("__import__('os')", "", "not a finite number"),
    ],
)
def test_refuses_with_what_is_allowed(text, unit, why):
    with pytest.raises(units.QuantityError, match=why) as caught:
        units.read(text, unit, "30 days")
    assert "30 days" in str(caught.value)


def test_a_number_alone_has_the_unit_where_that_is_clear():
    assert units.read("2", "second", bare=True) == units.read(2.0, "second", bare=True) == 2
    assert units.read("0.05 s", "millisecond", bare=True) == 50
    with pytest.raises(units.QuantityError, match="no unit"):
        units.read("2 million", "second", bare=True)


@given(st.integers(min_value=1, max_value=10**15), st.integers(min_value=0, max_value=999))
def test_commas_stand_between_thousands_and_nowhere_else(whole, decimals):
    assert units.read(f"{whole:,}", "") == whole
    with pytest.raises(units.QuantityError, match="decimal comma|not a finite number"):
        units.read(f"0,{decimals:03}", "")


def test_a_number_of_any_length_is_refused_in_a_line():
    for given_number in ("1" * 100_000, 10**100_000, -(10**5000), ["1" * 100_000] * 1000, {"a": {"b": [10**5000]}}):
        with pytest.raises(units.QuantityError) as caught:
            units.read(given_number, "token", "30 days")
        assert len(str(caught.value)) < 150


@given(st.floats(min_value=1e-30, max_value=1e30))
def test_a_number_is_read_back_as_it_was_written(value):
    assert units.read(repr(value), "token") == value


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_a_quantity_survives_writing_to_the_digits_shown(seconds):
    assert units.read(units.write(seconds, "day"), "second") == pytest.approx(seconds, rel=1e-3)


@given(st.text(max_size=120) | st.binary(max_size=40) | st.lists(st.integers()) | st.none() | st.complex_numbers())
def test_anything_else_is_refused_and_nothing_hangs(value):
    with contextlib.suppress(units.QuantityError):
        assert math.isfinite(units.read(value, "second", "30 days"))


def test_writes_as_people_write():
    assert units.write(2_592_000, "day") == "30 days"
    assert units.write(86_400, "day") == "1 day"
    assert units.write(156e12, "TFLOPS") == "156 TFLOPS"
    assert units.write(0.5, "%") == "50%"
    assert units.write(175e9, "") == "175e9"
