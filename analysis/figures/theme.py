"""One look for all charts, in light and dark.

A chart carries no colours of its own: it names a role, and the page puts the theme of the moment in.
"""

from dataclasses import dataclass

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"

#: Categorical colours in the order in which charts use them. They were found by a search for six that are far apart in
#: lightness or hue as readers with all cones and with two kinds of them see it; tests/figures/test_theme.py measures it.
LIGHT = ("#1c62ba", "#924d0d", "#33a392", "#b96efe", "#414a58", "#fa5649")
DARK = ("#3399f6", "#fea519", "#94cea1", "#fcc4fe", "#919191", "#ff4e3f")

#: Ends of the ramp for ordered categories, small to large.
_LIGHT_RAMP = ("#4a8fd0", "#0b2f55")
_DARK_RAMP = ("#3f75ab", "#dbeafd")
_RAMP_STEPS = 8

#: Labels of an axis that stand closer than this side by side, in px, are thinned out.
LABELS_APART = 10

#: Colours of a heat map: from nothing, which is the page's own ground, to much; and through nothing, from minus to plus.
_LIGHT_HEAT, _DARK_HEAT = ("#eef1f5", "#8db4da", "#1f62ab", "#08397a"), ("#1f262f", "#2b5788", "#4f93dc", "#86c5ff")
_LIGHT_SIGNED = ("#9c3f04", "#e3935a", "#f1f2f4", "#6ba3d6", "#124f86")
_DARK_SIGNED = ("#ffb978", "#a8612b", "#20262e", "#33689c", "#93c5f7")

_LIGHT_INK = {"text": "#1f2430", "soft": "#5b6472", "line": "#c3c9d2", "grid": "#e6e9ee", "page": "#ffffff"}
_DARK_INK = {"text": "#e6e8ec", "soft": "#a9b2c0", "line": "#525b68", "grid": "#2f3640", "page": "#14181e"}
#: The ground of pages in the dark theme.
DARK_GROUND = _DARK_INK["page"]


@dataclass(frozen=True)
class Palette:
    """Categorical colours, in the order in which charts use them, on a light and on a dark ground."""

    light: tuple[str, ...] = LIGHT
    dark: tuple[str, ...] = DARK


#: The palette of the book.
BOOK = Palette()


def config(*, dark: bool, palette: Palette = BOOK) -> dict:
    """Return the Vega-Lite configuration of the light or the dark theme."""
    ink, ramp = (_DARK_INK, _DARK_RAMP) if dark else (_LIGHT_INK, _LIGHT_RAMP)
    colours = palette.dark if dark else palette.light
    return {
        "background": "transparent",
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "range": {
            "category": list(colours),
            "ordinal": _between(*ramp),
            "heatmap": list(_DARK_HEAT if dark else _LIGHT_HEAT),
            "diverging": list(_DARK_SIGNED if dark else _LIGHT_SIGNED),
        },
        "axis": {
            "labelColor": ink["soft"],
            "titleColor": ink["text"],
            "domainColor": ink["line"],
            "tickColor": ink["line"],
            "gridColor": ink["grid"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "labelOverlap": "greedy",
            "tickCount": 6,
        },
        # Side by side, numbers run into one another sooner than rows do, and the first into the lowest of the other axis.
        "axisX": {"labelSeparation": LABELS_APART, "labelPadding": 5},
        "legend": {
            "orient": "top",
            "direction": "horizontal",
            "columns": 2,
            "labelColor": ink["text"],
            "titleColor": ink["soft"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelLimit": 320,
            "symbolType": "circle",
        },
        "text": {"color": ink["text"], "fontSize": 12},
        "rule": {"color": ink["soft"]},
        "tick": {"color": ink["soft"]},
        "mark": {"color": colours[0]},
        "line": {"strokeWidth": 2.5},
        "point": {"filled": True, "size": 90},
        "bar": {"cornerRadiusEnd": 2},
        "style": {
            "cells": {"stroke": ink["page"], "strokeWidth": 2},
            "diagram-ground": {"color": ink["page"]},
            "diagram-outline": {"color": ink["soft"], "strokeWidth": 1},
            "diagram-arrow": {"color": ink["soft"], "strokeWidth": 1.5},
            "diagram-head": {"color": ink["soft"], "size": 60},
            "diagram-name": {"color": ink["text"], "fontWeight": 600},
            "diagram-sample": {"fill": ink["text"], "stroke": ink["text"], "strokeWidth": 1.5, "opacity": 1},
            "diagram-hollow": {"fill": "transparent", "stroke": ink["text"], "strokeWidth": 1.5, "opacity": 1},
            "diagram-warning": {"color": colours[1], "fontWeight": 600},
            "diagram-detail": {"color": ink["soft"]},
        },
    }


def _between(start: str, end: str) -> list[str]:
    """Return colours in even steps from `start` to `end`."""
    ends = [[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in (start, end)]
    shares = [step / (_RAMP_STEPS - 1) for step in range(_RAMP_STEPS)]
    return ["#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*ends, strict=True)) for share in shares]
