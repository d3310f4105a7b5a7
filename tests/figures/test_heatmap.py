"""A heat map draws every cell, under names that may repeat."""

import re

import numpy as np
import pytest
import vl_convert

from analysis.figures import render, theme
from analysis.figures.heatmap import heatmap


def _svg(chart, *, dark=False):
    return vl_convert.vegalite_to_svg(
        {**chart.to_dict(), "width": 300, "config": theme.config(dark=dark)}, vl_version=render.VEGALITE
    )


def _draw(matrix, **options):
    return heatmap(np.array(matrix), row_title="Query", column_title="Key", value_title="Weight", **options)


def test_cells_and_repeated_names_are_all_there():
    names = ["one", "hundred", "one"]
    svg = _svg(_draw([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], rows=names[:2], columns=names, written=".1f"))
    texts = re.findall(r">([^<>]+)</text>", svg)
    assert texts.count("one") == 3
    assert "0.1 0.2 0.7 0.3 0.3 0.4" in " ".join(texts), "row by row"
    assert "undefined" not in svg


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_the_middle_of_signed_colours(dark):
    spec = _svg(_draw([[-2.0, 0.0, 1.0]], signed=True), dark=dark)
    low, middle, high = theme.config(dark=dark)["range"]["diverging"][::2]
    fills = re.findall(r'fill="(rgb\([^"]*\)|#[0-9a-f]{6})"', spec)
    assert _hex(fills) >= {low, middle}
    assert high not in _hex(fills), "the limit is the largest amount, of either sign"


def _hex(fills):
    return {
        fill if fill.startswith("#") else "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", fill)) for fill in fills
    }


def test_a_matrix_of_nothing_is_drawn():
    assert "NaN" not in _svg(_draw([[0.0, 0.0]]))
