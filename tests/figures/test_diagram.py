"""Diagrams hold what they are given, fit on a phone, and lead their arrows from edge to edge."""

import re
from itertools import pairwise

import pytest
import vl_convert

from analysis.figures import render, theme
from analysis.figures.diagram import (
    PHONE_WIDTH,
    Arrow,
    Box,
    Frame,
    _path,
    _places,
    diagram,
    text_width,
)

BOXES = (
    Box("data", ["Data", "64 numbers"], 0),
    Box("wide", ["Hidden layer", "64 × 32 weights"], 1, kind="Layer"),
    Box("sum", ["Sum"], 2, kind="Addition"),
    Box("aside", ["Another", "with three", "lines"], 2, column=1, kind="Layer"),
)
ARROWS = (Arrow("data", "wide", "64"), Arrow("wide", "sum"), Arrow("wide", "sum", side="left"), Arrow("sum", "aside", "a"))


def _draw(boxes=BOXES, arrows=ARROWS, frames=(Frame(("wide", "sum"), "twice"),)):
    return diagram(boxes, arrows, frames, title="A diagram of some boxes", description="A test.", source="none")


def test_the_description_names_every_box_in_order():
    description = _draw().to_dict()["usermeta"]["description"]
    assert description == (
        "A test. The boxes, from top to bottom: Data: 64 numbers; Hidden layer: 64 × 32 weights; Sum; Another: with three, lines."
    )


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_is_drawn_within_a_phone(dark):
    spec = {key: value for key, value in _draw().to_dict().items() if key not in ("config", "title", "usermeta")}
    svg = vl_convert.vegalite_to_svg(
        {**spec, "width": PHONE_WIDTH, "config": theme.config(dark=dark)}, vl_version=render.VEGALITE
    )
    texts = set(re.findall(r">([^<>]+)</text>", svg))
    assert {"Data", "64 numbers", "Hidden layer", "Another", "lines", "twice", "a", "Layer", "Addition"} <= texts
    assert float(re.search(r'width="(\d+)"', svg)[1]) < 390
    assert "NaN" not in svg


def test_a_long_text_is_refused():
    long = Box("long", ["A name too long for one of two columns"], 0)
    with pytest.raises(ValueError, match=r"box 'long': 'A name .* does not fit into the \d+ px"):
        _draw([*BOXES, long])
    assert _draw([*BOXES, Box("long", long.lines, 3, span=2)])


def test_an_arrow_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="there is no box 'date'; there are: data, wide"):
        _draw(arrows=[Arrow("date", "sum")])
    with pytest.raises(ValueError, match="two boxes have the key 'data'"):
        _draw([*BOXES, BOXES[0]])


def test_boxes_of_a_row_lie_below_those_of_the_row_before():
    places, height = _places(BOXES, (Frame(("wide", "sum"), "twice"),))
    assert places["data"].bottom < places["wide"].top < places["wide"].bottom < places["sum"].top
    assert places["sum"].middle == places["aside"].middle
    assert places["aside"].bottom < height


def test_arrows_end_at_the_edges_of_their_boxes():
    places, _ = _places(BOXES, ())
    for arrow in ARROWS:
        start, end = places[arrow.start], places[arrow.end]
        path = _path(arrow, start, end)
        for place, (across, down) in ((start, path[0]), (end, path[-1])):
            assert across in (place.left, place.right) or down in (place.top, place.bottom)
            assert place.left <= across <= place.right
            assert place.top <= down <= place.bottom
        for (x0, y0), (x1, y1) in pairwise(path):
            assert x0 == x1 or y0 == y1, "every piece is level or upright"


def test_chinese_text_is_wider():
    assert text_width("注意力") > 3 * text_width("a")
