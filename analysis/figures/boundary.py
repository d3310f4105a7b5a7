"""Learning seen: the boundary that a small network draws between two kinds of points, after more and more updates."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.networks import boundary
from analysis.networks.boundary import FRAME, Seen

ROWS, COLUMNS = 22, 34
_HEIGHT, _STRIP, _GAP = 300, 70, 26  # of the plane, of the curve of the loss below it, and between them, in px
_AT = "datum.place == walk_updates"


def learning_seen(seen: list[Seen], language: str = "en") -> alt.LayerChart:
    """Return the plane with its points, the network's probabilities and folds, and the loss; a slider goes through updates."""
    points, kinds = boundary.points()
    start = len(seen) // 2
    slider = walk.slider("walk_updates", word("updates_step", language), len(seen) - 1, start)
    told = [
        word("updates_said", language, updates=numerals.whole(state.updates), loss=numerals.significant(state.loss, 2),
             right=state.right, points=len(kinds))
        for state in seen
    ]  # fmt: skip
    said = walk.said({str(place): text for place, text in enumerate(told)}, "walk_updates")
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=FRAME[:2], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[_HEIGHT + _GAP + _STRIP, 0], nice=False, zero=False))
    # The ends of the ramp lie beyond 0 and 1, so that points stand out where the network is sure.
    first = alt.Color(
        "probability:Q", legend=None, scale=alt.Scale(domain=[-0.5, 1.5], domainMid=0.5, range="diverging", interpolate="rgb")
    )
    cells = alt.Chart(_cells(seen)).transform_calculate(probability="datum.percent[walk_updates] / 100")
    folds = pd.DataFrame(
        [
            {"place": place, "x": x1, "y": _down(y1), "x2": x2, "y2": _down(y2)}
            for place, state in enumerate(seen)
            for x1, y1, x2, y2 in state.folds
        ]
    ).round(3)
    marks = pd.DataFrame(
        {
            "x": points[:, 0].round(3),
            "y": _down(points[:, 1]).round(2),
            "across": points[:, 0].round(3),
            "up": points[:, 1].round(3),
            "kind": [word(("first_kind", "second_kind")[kind], language) for kind in kinds],
        }
    )
    told_of = [
        alt.Detail("kind:N", title=word("kind", language)),
        alt.Detail("across:Q", title="x₁"),
        alt.Detail("up:Q", title="x₂"),
    ]
    circles, triangles = (marks[marks["kind"] == word(name, language)] for name in ("first_kind", "second_kind"))
    losses = _losses(seen)
    curve = [alt.Detail("updates:Q", title=word("updates", language)), alt.Detail("loss:Q", title=word("loss", language))]
    here = alt.Chart(losses).transform_filter(_AT)
    tooltip = tips(f"updates:Q | {word('updates', language)} | ,", f"loss:Q | {word('loss', language)} | .3f")
    return figure(
        alt.layer(
            cells.mark_rect(stroke=None, aria=False).encode(x=x, x2="right:Q", y=y, y2="bottom:Q", color=first),
            alt.Chart(folds)
            .transform_filter(_AT)
            .mark_rule(style="diagram-arrow", strokeDash=[5, 4], strokeWidth=1.2, aria=False)
            .encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
            alt.Chart(circles).mark_point(style="diagram-sample", shape="circle", size=42, aria=False)
            .encode(x=x, y=y, detail=told_of),
            alt.Chart(triangles).mark_point(style="diagram-hollow", shape="triangle-up", size=52, aria=False)
            .encode(x=x, y=y, detail=told_of),
            alt.Chart(losses).mark_line(style="diagram-line", aria=False, strokeWidth=2).encode(x=x, y=y, order="place:Q"),
            alt.Chart(losses).mark_point(style="diagram-sample", size=14).encode(x=x, y=y, detail=curve, tooltip=tooltip),
            here.mark_point(style="diagram-line", filled=True, size=110, opacity=1).encode(x=x, y=y, tooltip=tooltip),
            alt.Chart(pd.DataFrame([{"x": FRAME[0], "y": _HEIGHT + _GAP - 8, "text": word("loss", language)}]))
            .mark_text(align="left", baseline="middle", style="diagram-detail").encode(x=x, y=y, text="text:N"),
            here.transform_calculate(text=f"format(datum.loss, '.2f') + ' · ' + format(datum.updates, ',') "
                                          f"+ ' {word('updates_short', language)}'")
            .mark_text(align="right", baseline="middle", fontWeight=600)
            .encode(x=alt.value("width"), y=alt.value(_HEIGHT + _GAP - 8), text="text:N"),
        ).properties(height=_HEIGHT + _GAP + _STRIP).add_params(slider, said),
        title="Learning bends a boundary, fold by fold",
        subtitle=(
            f"{boundary.HIDDEN} hidden units with {numerals.whole(_weights())} weights tell {len(kinds)} points apart. Blue: it "
            "says circle; orange: triangle. Each dashed line is where one unit begins to count."
        ),
        description="A plane of points of two kinds in two arcs that reach into each other; its colour is the probability that "
        f"the network gives the one kind. Below it the loss by updates. {told[0]} {told[start]} {told[-1]}",
        source="an experiment of this book: a network of one hidden layer, trained while the notebook runs",
    )  # fmt: skip


def _weights() -> int:
    return (2 + 1) * boundary.HIDDEN + (boundary.HIDDEN + 1) * 2


def _down(up: np.ndarray | float) -> np.ndarray | float:
    """Return a height in the plane as px from the top."""
    return (FRAME[3] - up) / (FRAME[3] - FRAME[2]) * _HEIGHT


def _cells(seen: list[Seen]) -> pd.DataFrame:
    left, right = FRAME[:2]
    wide, tall = (right - left) / COLUMNS, _HEIGHT / ROWS
    return pd.DataFrame(
        [
            {
                "x": round(left + column * wide, 3),
                "right": round(left + (column + 1.04) * wide, 3),
                "y": round(row * tall, 1),
                "bottom": round((row + 1.04) * tall, 1),
                "percent": [round(100 * float(state.probability[row, column])) for state in seen],
            }
            for row in range(ROWS)
            for column in range(COLUMNS)
        ]
    )


def _losses(seen: list[Seen]) -> pd.DataFrame:
    """Return the loss by place, as a curve over the width of the plane; the steps are even, as the slider's are."""
    most = max(state.loss for state in seen)
    left, right = FRAME[:2]
    return pd.DataFrame(
        [
            {
                "place": place,
                "x": left + (right - left) * (0.01 + 0.98 * place / (len(seen) - 1)),
                "y": _HEIGHT + _GAP + _STRIP * (1 - 0.92 * state.loss / most),
                "updates": state.updates,
                "loss": round(state.loss, 4),
            }
            for place, state in enumerate(seen)
        ]
    )
