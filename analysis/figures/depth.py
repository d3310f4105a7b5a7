"""Networks of different depth, with and without an activation between their layers."""

from itertools import pairwise

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.bands import bands, listed
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.learning import SOURCE
from analysis.figures.render import figure
from analysis.figures.tiles import tiles
from analysis.figures.tooltips import tips
from analysis.networks import activations, dense, digits
from analysis.networks.depth import Collapse, Depths

_KINDS = {True: "With an activation after each hidden layer", False: "Without: linear layers only"}


def of_depths(depths: Depths) -> alt.LayerChart:
    """Return the diagram of networks without a hidden layer, with one, and with as many as the deepest has."""
    shown = (0, 1, depths.deepest)
    boxes, arrows, last = [], [], depths.deepest + 1
    for column, depth in enumerate(shown):
        widths = depths.widths(depth)
        rows = [0, *range(1, depth + 1), last]
        texts = [
            ["Input", f"{widths[0]} pixels"],
            *[[f"Hidden {number}", f"{depths.width} units"] for number in range(1, depth + 1)],
            ["Output", f"{widths[-1]} classes"],
        ]
        kinds = ["Input layer", *["Hidden layer"] * depth, "Output layer"]
        boxes += [
            Box(f"{column}.{row}", text, row, column, kind=kind) for row, text, kind in zip(rows, texts, kinds, strict=True)
        ]
        arrows += [
            Arrow(f"{column}.{start}", f"{column}.{end}", numerals.whole(dense.parameters(pair)))
            for (start, end), pair in zip(pairwise(rows), pairwise(widths), strict=True)
        ]
    totals = [numerals.whole(dense.parameters(depths.widths(depth))) for depth in shown]
    return diagram(
        # The legend follows the order of the boxes: from input to output.
        sorted(boxes, key=lambda box: ("Input layer", "Hidden layer", "Output layer").index(box.kind)),
        arrows,
        title="The same task, without and with hidden layers",
        subtitle=f"Without a hidden layer there are {totals[0]} weights, with one {totals[1]}, and {totals[2]} with "
        f"{depths.deepest}.",
        description="Three networks side by side, each from the pixels at the top to the classes at the bottom; the number "
        "beside an arrow counts the weights and biases of the layer.",
        source="counted from the notebook's settings",
    )


def by_depth(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the accuracy on the question whether a digit is odd, by depth, with an activation and without."""
    named = frame.assign(kind=frame["activation"].map(_KINDS))
    means = named.groupby(["activation", "depth"])["accuracy"].mean()
    deepest, linear = int(frame["depth"].max()), means[False]
    return figure(
        bands(
            named.sort_values("activation", ascending=False, kind="stable"),
            over="depth",
            value="accuracy",
            by="kind",
            x=alt.X("depth:Q", title="Hidden layers", axis=alt.Axis(values=sorted(frame["depth"].unique()), format="d")),
            y=alt.Y(
                "accuracy:Q",
                title="Accuracy on unseen digits",
                scale=alt.Scale(zero=False, nice=True),
                axis=alt.Axis(format=".0%"),
            ),
            tooltip=tips(
                "kind:N | Network",
                "depth:Q | Hidden layers",
                "accuracy:Q | Mean | .1%",
                "low:Q | Lowest | .1%",
                "high:Q | Highest | .1%",
            ),
        ),
        title="What depth does without an activation, and with one",
        subtitle=(
            f"Odd or even: without an activation, accuracy stays between {numerals.percent(linear.min(), 3)} and "
            f"{numerals.percent(linear.max(), 3)} at any depth; with it, {deepest} hidden layers reach "
            f"{numerals.percent(means[True][deepest], 3)}."
        ),
        description="Accuracy by number of hidden layers, means over seeds. "
        + listed(named, over="depth", value="accuracy", by="kind", text=lambda share: numerals.percent(share, 3))
        + ".",
        source=SOURCE,
    )


def templates(collapsed: Collapse, depth: int) -> alt.LayerChart:
    """Return the columns of the single layer as images: what adds to the score of each class, and what takes from it."""
    weight = collapsed.linear.weight
    side = digits.SIDE
    return figure(
        tiles(
            [weight[:, label].reshape(side, side) for label in range(digits.CLASSES)],
            [f"score of {label}" for label in range(digits.CLASSES)],
            columns=5,
        ),
        title="Without activation, hidden layers collapse into one layer",
        subtitle=(
            f"{depth} hidden layers without activation, {numerals.whole(collapsed.network.parameters)} weights, are these "
            f"{numerals.whole(collapsed.linear.parameters)}: a template for each class, and a bias."
        ),
        description="Ten images, one a class: the weight of each pixel in the score of that class, positive or negative.",
        source=SOURCE,
    )


def bends() -> alt.LayerChart:
    """Return the usual activation functions as curves."""
    frame = activations.values()
    x = alt.X("input:Q", title="What comes in", scale=alt.Scale(nice=False), axis=alt.Axis(format="~g"))
    y = alt.Y("output:Q", title="What goes on")
    base = alt.Chart(frame).encode(
        x=x,
        y=y,
        color=alt.Color("activation:N", title=None, sort=list(activations.KINDS), legend=alt.Legend(columns=2)),
        tooltip=tips("activation:N | Activation", "input:Q | In | .2f", "output:Q | Out | .3f"),
    )
    lowest = frame.loc[frame[frame["activation"] == "GELU"]["output"].idxmin()]
    dip = f"\N{MINUS SIGN}{numerals.significant(-lowest.output, 2)}"
    return figure(
        alt.layer(base.mark_line(aria=False)).properties(height=280),
        title="Four activations, four ways to bend a line",
        subtitle=f"All let large numbers pass. Below zero the ReLU is flat, and the GELU dips to {dip} first.",
        description="Output against input, from minus four to four, for the activations "
        + ", ".join(activations.KINDS)
        + "; all are near zero for negative inputs and near the input itself for positive ones.",
        source="computed from the formulas, by analysis/networks/activations.py",
    )
