"""Ticks as a chart draws them, against how people write the numbers."""

import re

import altair as alt
import pandas as pd
import pytest
import vl_convert

from analysis.figures import ticks
from analysis.figures.render import VEGALITE


def _labels(expression, values):
    axis = alt.Axis(values=values, labelExpr=expression, labelOverlap=False)
    scale = alt.Scale(type="log", domain=[min(values) / 2, max(values) * 2])
    chart = alt.Chart(pd.DataFrame({"x": values})).mark_point().encode(x=alt.X("x:Q", axis=axis, scale=scale))
    svg = vl_convert.vegalite_to_svg(chart.properties(width=2000).to_dict(), vl_version=VEGALITE)
    return re.findall(r">([^<>]+)</text>", svg.partition("role-axis-title")[0])


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (ticks.COUNT, {0.001: "0.001", 0.5: "0.5", 1: "1", 500: "500", 1e4: "10k", 5e6: "5M", 1e11: "100B", 2e12: "2T", 1e18: "10¹⁸"}),
        (ticks.POWER, {1e3: "10³", 1e9: "10⁹", 1e10: "10¹⁰", 1e15: "10¹⁵", 1e20: "10²⁰", 1e27: "10²⁷"}),
    ],
)
def test_ticks_are_written_as_people_write_them(expression, written):
    assert _labels(expression, list(written)) == list(written.values())
