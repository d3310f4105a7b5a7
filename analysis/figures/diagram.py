"""Diagrams drawn from a configuration: boxes in a grid, arrows between them, frames around them.

A drawing function turns a configuration into `Box`es with the shapes and counts that it computes, so that the diagram
changes with the configuration. Columns share the width of the page; a text that would not fit on a phone is refused.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import pandas as pd

from analysis.figures.render import figure

#: The width that a diagram has on a phone of 390 px, and what a character of its text takes of it, in px.
PHONE_WIDTH = 326
_NARROW, _WIDE = 6.6, 12.5
_LINE, _PADDING, _GAP = 16, 7, 30
_MARGIN = 0.04  # of a column, left free on each side of a box
_FRAME = 9  # what a frame keeps clear around its boxes, in px
_FRAME_TITLE = 18
_LANE = 0.12  # of a column, beside the boxes, for arrows that go around


@dataclass(frozen=True)
class Box:
    """One box: `lines` of text, the first of them its name, at `column` and `row`, both counted from 0.

    `span` is the number of columns that it covers. Boxes of one `kind` share a colour, and the legend names it; a box
    without is drawn as a plain outline, for data that flow.
    """

    key: str
    lines: Sequence[str]
    row: int
    column: float = 0
    span: float = 1
    kind: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow from the box `start` to the box `end`, with a `label` such as the shape of what flows.

    It runs straight where it can, else with one bend; `side` takes it around what lies between, as a residual does.
    """

    start: str
    end: str
    label: str = ""
    side: Literal["", "left", "right"] = ""


@dataclass(frozen=True)
class Frame:
    """A dashed frame around the boxes `around`, with a `label` at its head, such as how often they are repeated."""

    around: Sequence[str]
    label: str


@dataclass(frozen=True)
class _Place:
    """Where a box lies: `left` and `right` in columns, `top` and `bottom` in px."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def across(self) -> float:
        return (self.left + self.right) / 2

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def diagram(
    boxes: Sequence[Box],
    arrows: Sequence[Arrow] = (),
    frames: Sequence[Frame] = (),
    *,
    title: str,
    subtitle: str = "",
    description: str,
    source: str,
) -> alt.LayerChart:
    """Return the diagram as a figure; its description names every box, from top to bottom.

    Raises ValueError for a text that is wider than its box on a phone, an arrow or a frame to a box that there is not,
    and two boxes of one key.
    """
    _check(boxes, arrows, frames)
    places, height = _places(boxes, frames)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=_domain(boxes, arrows), nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False, zero=False))
    names = {box.key: box.lines[0] for box in boxes}
    layers = [*_frames(frames, places, names, x, y), *_arrows(arrows, places, names, x, y), *_boxes(boxes, places, x, y)]
    named = "; ".join(": ".join([box.lines[0], ", ".join(box.lines[1:])]).rstrip(": ") for box in _reading_order(boxes))
    return figure(
        alt.layer(*layers).properties(height=height),
        title=title,
        subtitle=subtitle,
        description=f"{description} The boxes, from top to bottom: {named}.",
        source=source,
    )


def text_width(text: str) -> float:
    """Return about how wide `text` is drawn, in px at 12 px; characters of East Asian width take twice a Latin one's."""
    return sum(_WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW for character in text)


def _domain(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> list[float]:
    """Return the first and the last column, with a lane for arrows that go around."""
    sides = {arrow.side for arrow in arrows}
    return [-_LANE * ("left" in sides), max(box.column + box.span for box in boxes) + _LANE * ("right" in sides)]


def _check(boxes: Sequence[Box], arrows: Sequence[Arrow], frames: Sequence[Frame]) -> None:
    keys = [box.key for box in boxes]
    if doubled := {key for key in keys if keys.count(key) > 1}:
        raise ValueError(f"two boxes have the key {min(doubled)!r}")
    wanted = [key for arrow in arrows for key in (arrow.start, arrow.end)] + [key for frame in frames for key in frame.around]
    if missing := set(wanted) - set(keys):
        raise ValueError(f"there is no box {min(missing)!r}; there are: {', '.join(keys)}")
    first, last = _domain(boxes, arrows)
    column = PHONE_WIDTH / (last - first)
    for box in boxes:
        for line in box.lines:
            _check_fits(f"box {box.key!r}", line, (box.span - 2 * _MARGIN) * column)
    for frame in frames:
        around = [box for box in boxes if box.key in frame.around]
        wide = max(box.column + box.span for box in around) - min(box.column for box in around)
        _check_fits("frame", frame.label, wide * column / 2)  # the other half is for an arrow that comes in


def _check_fits(what: str, text: str, room: float) -> None:
    if text_width(text) > room:
        raise ValueError(
            f"{what}: {text!r} is about {text_width(text):.0f} px wide and does not fit into the {room:.0f} px that it "
            "has on a phone; shorten it, or give the box a larger span"
        )


def _places(boxes: Sequence[Box], frames: Sequence[Frame]) -> tuple[dict[str, _Place], float]:
    """Return where each box lies, and the height of the whole in px; a row is as high as its tallest box."""
    framed = {frame.around: [box.row for box in boxes if box.key in frame.around] for frame in frames}
    opens, closes = {min(rows) for rows in framed.values()}, {max(rows) for rows in framed.values()}
    places: dict[str, _Place] = {}
    top = 2.0
    for row in range(max(box.row for box in boxes) + 1):
        in_row = [box for box in boxes if box.row == row]
        tall = max((len(box.lines) for box in in_row), default=0) * _LINE + 2 * _PADDING
        top += (_FRAME_TITLE + _FRAME) * (row in opens)
        for box in in_row:
            height = len(box.lines) * _LINE + 2 * _PADDING
            above = top + (tall - height) / 2
            places[box.key] = _Place(box.column + _MARGIN, box.column + box.span - _MARGIN, above, above + height)
        top += tall + _GAP + _FRAME * (row in closes)
    return places, top - _GAP + 4


def _reading_order(boxes: Sequence[Box]) -> list[Box]:
    return sorted(boxes, key=lambda box: (box.row, box.column))


def _boxes(boxes: Sequence[Box], places: dict[str, _Place], x: alt.X, y: alt.Y) -> Iterator[alt.Chart]:
    data = pd.DataFrame(
        [
            {"kind": box.kind, "x": place.left, "right": place.right, "y": place.top, "bottom": place.bottom}
            | {"box": box.lines[0], "holds": "; ".join(box.lines[1:])}
            for box in boxes
            for place in [places[box.key]]
        ]
    )
    # A page's background under the tint: an arrow that passes behind a box stays behind it.
    yield (
        alt.Chart(data)
        .mark_rect(style="diagram-ground", cornerRadius=5, aria=False)
        .encode(x=x, x2="right:Q", y=y, y2="bottom:Q", detail=_said(box="Box", kind="Kind", holds="What it holds"))
    )
    for coloured, chosen in ((False, data[data["kind"] == ""]), (True, data[data["kind"] != ""])):
        if chosen.empty:
            continue
        shown = alt.Chart(chosen).encode(x=x, x2="right:Q", y=y, y2="bottom:Q")
        if coloured:
            kinds = list(dict.fromkeys(chosen["kind"]))
            legend = alt.Legend(title=None, symbolType="square") if len(kinds) > 1 else None
            colour = {"scale": alt.Scale(domain=kinds), "legend": legend}
            yield shown.mark_rect(cornerRadius=5, fillOpacity=0.16, strokeWidth=1.5, aria=False).encode(
                fill=alt.Fill("kind:N", **colour), stroke=alt.Stroke("kind:N", **colour)
            )
        else:
            yield shown.mark_rect(style="diagram-outline", filled=False, cornerRadius=5, aria=False)
    for style, numbers in (("diagram-name", (0,)), ("diagram-detail", range(1, 9))):
        texts = pd.DataFrame(
            [
                {"x": place.across, "y": place.top + _PADDING + _LINE * (number + 0.5), "text": box.lines[number]}
                for box in boxes
                for place in [places[box.key]]
                for number in numbers
                if number < len(box.lines)
            ]
        )
        if len(texts):
            yield alt.Chart(texts).mark_text(style=style, baseline="middle").encode(x=x, y=y, text="text:N")


def _said(**titles: str) -> list[alt.Detail]:
    """Return the fields that a drawn part says, with their titles: they change nothing in the picture, but are its data."""
    return [alt.Detail(f"{name}:N", title=title) for name, title in titles.items()]


def _arrows(arrows: Sequence[Arrow], places: dict[str, _Place], names: dict[str, str], x: alt.X, y: alt.Y) -> Iterator[alt.Chart]:
    if not arrows:
        return
    paths = [_path(arrow, places[arrow.start], places[arrow.end]) for arrow in arrows]
    points = pd.DataFrame(
        [
            {"arrow": number, "step": step, "x": across, "y": down}
            | {"start": names[arrow.start], "end": names[arrow.end], "label": arrow.label}
            for number, (arrow, path) in enumerate(zip(arrows, paths, strict=True))
            for step, (across, down) in enumerate(path)
        ]
    )
    said = _said(start="Arrow from", end="to", label="with")
    yield (
        alt.Chart(points)
        .mark_line(style="diagram-arrow", aria=False)
        .encode(x=x, y=y, detail=[alt.Detail("arrow:N"), *said], order="step:O")
    )
    heads = pd.DataFrame([{"x": path[-1][0], "y": path[-1][1], "angle": _angle(path)} for path in paths])
    # The head's tip, not its middle, touches the box.
    for angle, shift in ((180, (0, -4)), (0, (0, 4)), (90, (-4, 0)), (270, (4, 0))):
        chosen = heads[heads["angle"] == angle]
        if len(chosen):
            yield (
                alt.Chart(chosen)
                .mark_point(style="diagram-head", shape="triangle", angle=angle, xOffset=shift[0], yOffset=shift[1], aria=False)
                .encode(x=x, y=y)
            )
    labelled = [
        {"x": across, "y": down, "text": arrow.label, "beside": beside}
        for arrow, path in zip(arrows, paths, strict=True)
        if arrow.label
        for across, down, beside in [_label_at(arrow, path)]
    ]
    for beside, (align, baseline, dx, dy) in {
        "right": ("left", "middle", 7, 0),
        "above": ("center", "bottom", 0, -5),
    }.items():
        chosen = pd.DataFrame([label for label in labelled if label["beside"] == beside])
        if len(chosen):
            yield (
                alt.Chart(chosen)
                .mark_text(style="diagram-detail", align=align, baseline=baseline, dx=dx, dy=dy)
                .encode(x=x, y=y, text="text:N")
            )


def _path(arrow: Arrow, start: _Place, end: _Place) -> list[tuple[float, float]]:
    """Return the corners of an arrow, in columns and px."""
    if arrow.side:
        left = arrow.side == "left"
        lane = min(start.left, end.left) - 0.1 if left else max(start.right, end.right) + 0.1
        first, last = (start.left, end.left) if left else (start.right, end.right)
        return [(first, start.middle), (lane, start.middle), (lane, end.middle), (last, end.middle)]
    if start.top < end.bottom and end.top < start.bottom:  # side by side
        return (
            [(start.right, end.middle), (end.left, end.middle)]
            if start.right <= end.left
            else [(start.left, end.middle), (end.right, end.middle)]
        )
    down = start.bottom <= end.top
    leaves, enters = (start.bottom, end.top) if down else (start.top, end.bottom)
    shared = max(start.left, end.left), min(start.right, end.right)
    if shared[0] < shared[1]:  # one above the other
        narrower = start if start.right - start.left < end.right - end.left else end
        across = narrower.across if shared[0] <= narrower.across <= shared[1] else sum(shared) / 2
        return [(across, leaves), (across, enters)]
    turn = enters - _GAP / 2 if down else enters + _GAP / 2
    return [(start.across, leaves), (start.across, turn), (end.across, turn), (end.across, enters)]


def _angle(path: list[tuple[float, float]]) -> int:
    """Return how the head at the end of `path` is turned: 0 looks up, 90 to the right."""
    (x0, y0), (x1, y1) = path[-2:]
    if y0 == y1:
        return 90 if x1 > x0 else 270
    return 180 if y1 > y0 else 0


def _label_at(arrow: Arrow, path: list[tuple[float, float]]) -> tuple[float, float, str]:
    """Return where the label of an arrow stands: beside its last upright piece, or above a level one."""
    (x0, y0), (x1, y1) = path[-2:]
    if arrow.side:
        return path[1][0], (path[1][1] + path[2][1]) / 2, "right"
    if y0 == y1:
        return (x0 + x1) / 2, y0, "above"
    near = min(abs(y1 - y0), _GAP) / 2  # close to where the arrow leaves, clear of the title of a frame
    return x1, y0 + (near if y1 > y0 else -near), "right"


def _frames(frames: Sequence[Frame], places: dict[str, _Place], names: dict[str, str], x: alt.X, y: alt.Y) -> Iterator[alt.Chart]:
    if not frames:
        return
    data = pd.DataFrame(
        [
            {
                "x": min(place.left for place in around) - _MARGIN + 0.005,
                "right": max(place.right for place in around) + _MARGIN - 0.005,
                "y": min(place.top for place in around) - _FRAME - _FRAME_TITLE,
                "bottom": max(place.bottom for place in around) + _FRAME,
                "text": frame.label,
                "around": ", ".join(names[key] for key in frame.around),
            }
            for frame in frames
            for around in [[places[key] for key in frame.around]]
        ]
    )
    yield (
        alt.Chart(data)
        .mark_rect(style="diagram-outline", filled=False, cornerRadius=8, strokeDash=[5, 4], aria=False)
        .encode(x=x, x2="right:Q", y=y, y2="bottom:Q", detail=_said(text="Frame", around="Around"))
    )
    yield (
        alt.Chart(data)
        .mark_text(style="diagram-detail", align="left", baseline="top", dx=6, dy=6)
        .encode(x=x, y=y, text="text:N")
    )
