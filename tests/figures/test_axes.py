"""Vega itself evaluates the expressions of labels."""

import altair as alt
import pandas as pd
import pytest
import vl_convert

from analysis.figures import axes


def _shown(expression: str, value: float) -> str:
    chart = alt.Chart(pd.DataFrame({"value": [value]})).transform_calculate(label=expression).mark_text().encode(text="label:N")
    return vl_convert.vegalite_to_svg(chart.to_json())


@pytest.mark.parametrize(("value", "label"), [(1, "10⁰"), (1e3, "10³"), (1e15, "10¹⁵"), (1e29, "10²⁹")])
def test_powers_of_ten(value, label):
    assert f">{label}<" in _shown(axes.POWERS, value)


@pytest.mark.parametrize(
    ("value", "label"),
    [(3.15e23, "3.15 × 10²³"), (1e20, "1 × 10²⁰"), (9.996e5, "1 × 10⁶"), (9.994e5, "9.99 × 10⁵"), (1000, "1 × 10³")],
)
def test_scientific(value, label):
    assert f">{label}<" in _shown(axes.scientific("datum.value"), value)


@pytest.mark.parametrize(("value", "label"), [(1e8, "100 million"), (1e10, "10 billion"), (1e13, "10 trillion")])
def test_counts(value, label):
    assert f">{label}<" in _shown(axes.COUNTS, value)


@pytest.mark.parametrize(
    ("value", "label"),
    [(0.001, "0.001"), (1, "1"), (500, "500"), (1e4, "10k"), (5e6, "5M"), (1e11, "100B"), (2e12, "2T"), (1e18, "10¹⁸")],
)
def test_short_counts(value, label):
    assert f">{label}<" in _shown(axes.SHORT, value)


def test_ticks_of_a_logarithmic_axis_are_round_and_within_its_ends():
    assert axes.round_values(3_312, 150_080) == [5e3, 1e4, 2e4, 5e4, 1e5]
    assert axes.round_values(1, 1e4) == [1, 10, 100, 1e3, 1e4]
