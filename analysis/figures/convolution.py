"""The convolutional network: what it does to a digit, what its weights cost, and what equally many do elsewhere."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.bands import bands, listed
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.learning import SOURCE
from analysis.figures.render import figure
from analysis.figures.tiles import tiles
from analysis.figures.tooltips import tips
from analysis.networks import shared_weights
from analysis.networks.convolution import KERNEL, POOL, ConvolutionalNetwork

_SHOWN = 3


def flow(network: ConvolutionalNetwork, side: int) -> alt.LayerChart:
    """Return the diagram of the network, with the shapes that flow and the weights of each part."""
    channels = network.kernels.shape[1]
    positions = side - KERNEL + 1
    pooled = positions // POOL
    kernels = network.kernels.size + network.bias.size
    classes = network.readout.weight.shape[1]
    counts = numerals.whole(kernels), numerals.whole(network.readout.parameters)
    return diagram(
        [
            Box("image", ["Image", f"{side} × {side} pixels"], 0),
            Box("convolution", [f"{channels} kernels of {KERNEL} × {KERNEL}", f"{counts[0]} weights and biases"], 1,
                kind="With weights"),
            Box("activation", ["Activation", "max(0, x): no weights"], 2, kind="Without"),
            Box("pooling", ["Pooling", f"largest of {POOL} × {POOL}: no weights"], 3, kind="Without"),
            Box("readout", ["Linear layer", f"{counts[1]} weights and biases"], 4, kind="With weights"),
            Box("scores", ["Scores", f"of {classes} classes"], 5),
        ],
        [
            Arrow("image", "convolution", f"{side} × {side}"),
            Arrow("convolution", "activation", f"{positions} × {positions} × {channels}"),
            Arrow("activation", "pooling", f"{positions} × {positions} × {channels}"),
            Arrow("pooling", "readout", f"{pooled} × {pooled} × {channels} = {pooled**2 * channels}"),
            Arrow("readout", "scores", f"{classes}"),
        ],
        title="A few kernels do all of the looking",
        subtitle=f"{channels} kernels have {counts[0]} of the network's {numerals.whole(network.parameters)} weights.",
        description="A convolutional network from top to bottom, with the shape of what flows beside each arrow.",
        source="counted from the notebook's settings",
    )  # fmt: skip


def steps(network: ConvolutionalNetwork, image: np.ndarray, label: int) -> alt.LayerChart:
    """Return a digit on its way through the kernels that answer it most, one row a kernel."""
    responses, active, pooled, scores = (step[0] for step in network.steps(image[None]))
    chosen = np.argsort(-pooled.sum(axis=(0, 1)))[:_SHOWN]
    images, captions = [], []
    for kernel in chosen:
        images += [image, network.kernels[:, kernel].reshape(KERNEL, KERNEL)]
        images += [step[..., kernel] for step in (responses, active, pooled)]
        captions += ["digit", f"kernel {kernel + 1}", "product", "max(0, x)", "pooled"]
    answer = int(scores.argmax())
    return figure(
        tiles(images, captions, columns=5),
        title=f"A handwritten {label}, as the kernels see it",
        subtitle=(
            f"An unseen {label} through {len(chosen)} of {network.kernels.shape[1]} trained kernels; the network "
            f"{'labels it right' if answer == label else f'takes it for a {answer}'}."
        ),
        description="Rows of small images, one row a kernel: the digit, the kernel, the product of the kernel with each "
        "window, what the activation leaves of it, and the largest of each block of four.",
        source=SOURCE,
    )


def weights_by_side(channels: int) -> alt.LayerChart:
    """Return the weights of a layer by the side of the image, if they are shared, and if they are not."""
    counts = {side: shared_weights.by_kind(side, channels) for side in shared_weights.SIDES}
    frame = pd.DataFrame(
        [{"side": side, "kind": kind, "weights": count} for side, by_kind in counts.items() for kind, count in by_kind.items()]
    )
    first, last = shared_weights.SIDES[0], shared_weights.SIDES[-1]
    lines = alt.Chart(frame).encode(
        x=alt.X(
            "side:Q",
            title="Side of the image, pixels",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=list(shared_weights.SIDES), format="d"),
        ),
        y=alt.Y(
            "weights:Q",
            title="Weights and biases",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(values=[10**power for power in range(1, 13, 2)], labelExpr=axes.SHORT),
        ),
        color=alt.Color("kind:N", title=None, sort=list(counts[first]), legend=alt.Legend(columns=1)),
        tooltip=tips("kind:N | Layer", "side:Q | Side, pixels", "weights:Q | Weights | ,"),
    )
    return figure(
        alt.layer(lines.mark_line(aria=False), lines.mark_point(size=50, opacity=1)).properties(height=280),
        title="A convolution keeps its weights at any picture size",
        subtitle=(
            f"On {first} × {first} pixels a convolution has {numerals.whole(counts[first]['Convolution'])} weights and a "
            f"dense layer of the same reach {numerals.whole(counts[first]['Dense'])}; on {last} × {last}, still "
            f"{numerals.whole(counts[last]['Convolution'])} against {numerals.words(counts[last]['Dense'])}."
        ),
        description=f"Weights of a layer that maps an image to {channels} maps, by the side of the image, both "
        "logarithmic. "
        + "; ".join(
            f"{kind}: {numerals.whole(counts[first][kind])} at {first} pixels, {numerals.words(counts[last][kind])} at {last}"
            for kind in counts[first]
        )
        + ".",
        source="counted by analysis/networks/shared_weights.py",
    )


def at_equal_weights(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the accuracy by weights of convolutions and of dense networks, in bands over the seeds."""
    means = frame.groupby(["kind", "weights"], sort=False)["accuracy"].mean()
    few, many = ({kind: means[kind].iloc[end] for kind in ("Convolution", "Dense")} for end in (0, -1))
    least, most = (numerals.whole(means["Convolution"].index[end]) for end in (0, -1))
    return figure(
        bands(
            frame,
            over="weights",
            value="accuracy",
            by="kind",
            x=alt.X(
                "weights:Q",
                title="Weights and biases",
                scale=alt.Scale(type="log", nice=False, padding=8),
                axis=alt.Axis(values=[200, 400, 800, 1600], format="d"),
            ),
            y=alt.Y("accuracy:Q", title="Accuracy on unseen digits", scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%")),
            tooltip=tips(
                "kind:N | Network",
                "weights:Q | Weights | ,",
                "accuracy:Q | Mean | .1%",
                "low:Q | Lowest | .1%",
                "high:Q | Highest | .1%",
            ),
        ),
        title="A convolution and a dense network with equal weights",
        subtitle=(
            f"With about {least} weights a convolution gets {numerals.percent(few['Convolution'], 3)} right and a dense "
            f"network {numerals.percent(few['Dense'], 3)}; with about {most}, {numerals.percent(many['Convolution'], 3)} "
            f"and {numerals.percent(many['Dense'], 3)}."
        ),
        description="Accuracy by number of weights, means over seeds. "
        + listed(frame, over="weights", value="accuracy", by="kind", text=lambda share: numerals.percent(share, 3))
        + " weights.",
        source=SOURCE,
    )
