"""The number translator at work: what goes in and out, how it learned, and what its encoder's layers hold."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.diagram import Arrow, Box, diagram, text_width
from analysis.figures.heatmap import stacked
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.models.architecture import Architecture
from analysis.networks import translator
from analysis.networks.decoding import Generated
from analysis.networks.transformer import Stacked
from analysis.networks.vocabulary import PADDING

_LINE_WIDTH = 280  # of a box's text on a phone, in px
_LAYER = alt.X("layer:O", title="Encoder layer (0: what enters the first)", axis=alt.Axis(labelAngle=0))


def in_and_out(arch: Architecture, generated: Generated) -> alt.LayerChart:
    """Return one translation as a diagram: words in, numerals out, with the shapes between."""
    read = translator.VOCABULARY.read(generated.encoded.tokens)
    written = translator.VOCABULARY.read(generated.tokens)
    n, m = len(generated.encoded.tokens), len(generated.steps)
    boxes = [
        Box("in", ["English", *_wrapped(read)], 0),
        Box("encoder", [f"Encoder, {arch.n_encoder_layers} layers", "all words at once, in one pass"], 1, kind="Encoder"),
        Box("vectors", ["One vector a token", f"{n} × {arch.d_model} numbers, the end token's included"], 2),
        Box("decoder", [f"Decoder, {arch.n_layers} layers", f"one numeral a pass, {m} passes"], 3, kind="Decoder"),
        Box("out", ["Chinese", *_wrapped(written)], 4),
    ]
    arrows = [Arrow(*ends) for ends in (("in", "encoder"), ("encoder", "vectors"), ("vectors", "decoder"), ("decoder", "out"))]
    return diagram(
        boxes,
        arrows,
        title="English words go in, Chinese numerals come out",
        subtitle=f"{len(read)} English words go in, {len(written)} Chinese numerals come out: {''.join(written)}.",
        description="A translation by the trained network, as a diagram.",
        source="analysis/networks/translator.py, weights in data/weights/translator.npz",
    )


def learning(log: pd.DataFrame, batch: int) -> alt.LayerChart:
    """Return the loss on training tokens and on held-out numbers, by examples seen."""
    names = {"loss": "Training, since the point before", "held_out_loss": "Held-out numbers"}
    frame = log[log["step"] > 1].assign(examples=lambda rows: rows["step"] * batch)
    long = frame.melt(["examples"], value_vars=list(names), var_name="kind", value_name="nats").replace({"kind": names})
    last = log.iloc[-1]
    early = log[log["held_out_accuracy"] > 0.9].iloc[0]
    return figure(
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            x=alt.X("examples:Q", title="Examples seen", axis=alt.Axis(labelExpr=axes.SHORT, tickCount=4)),
            y=alt.Y("nats:Q", title="Loss, nats a token", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=4, format="~g")),
            color=alt.Color("kind:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1)),
            tooltip=tips("kind:N | Loss on", "examples:Q | Examples | ,", "nats:Q | Nat a token | .2g"),
        )
        .properties(height=220),
        title="The translator learns numbers that it never saw",
        subtitle=(
            f"After {numerals.whole(early['step'] * batch)} examples {numerals.percent(early['held_out_accuracy'])} of held-out "
            f"numbers are right; after {numerals.whole(last['step'] * batch)}, {numerals.percent(last['held_out_accuracy'], 3)}."
        ),
        description="Two falling lines of loss, logarithmic, by examples seen: "
        + "; ".join(
            f"{name.lower()} from {numerals.significant(frame[key].iloc[0], 2)} to "
            f"{numerals.significant(frame[key].iloc[-1], 2)} nat"
            for key, name in names.items()
        )
        + ".",
        source="data/weights/translator_log.csv, written by training/translator.py",
    )


def through_encoder(encoded: Stacked, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the vectors of the `tokens` as they enter the encoder, and as they leave each of its layers."""
    blocks = {"What enters the first layer": encoded.input}
    blocks |= {f"After layer {number}": layer.output for number, layer in enumerate(encoded.layers, start=1)}
    n, width = encoded.input.shape
    return figure(
        stacked(blocks, rows=tokens, row_title=None, column_title="Component", value_title="Value", signed=True, cell_height=16),
        title="Layer by layer, the vectors keep their shape and turn",
        subtitle=(
            f"{n} vectors of {width} numbers enter each layer, and {n} of {width} leave it. After {len(encoded.layers)} layers a "
            f"vector has a cosine of {numerals.signed(cosine_to_input(encoded))} with the one that entered, on average."
        ),
        description=(
            f"{len(blocks)} heat maps of {n} rows, {', '.join(tokens)}, and {width} columns: the vectors before the first layer "
            "and after each."
        ),
        source="analysis/networks/translator.py, weights in data/weights/translator.npz",
    )


def cosine_to_input(encoded: Stacked) -> float:
    """Return the mean cosine between what leaves the encoder, (n, d_model), and what entered it."""
    entered, left = encoded.input, encoded.output
    lengths = np.linalg.norm(entered, axis=-1) * np.linalg.norm(left, axis=-1)
    return float(((entered * left).sum(axis=-1) / lengths).mean())


def by_layer(frame: pd.DataFrame) -> alt.LayerChart:
    """Return what a linear probe reads off a digit word's vector, by layer."""
    properties = list(dict.fromkeys(frame["property"]))
    last = frame["layer"].max()
    ends = frame[frame["layer"].isin([0, last])].pivot(index="property", columns="layer", values="accuracy")
    gain = (ends[last] - ends[0]).idxmax()
    loss = (ends[last] - ends[0]).idxmin()
    return figure(
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=_LAYER,
            y=alt.Y("accuracy:Q", title="Right answers of the probe", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("property:N", title=None, sort=properties, legend=alt.Legend(columns=1)),
            strokeDash=alt.StrokeDash("property:N", sort=properties, legend=None),
            tooltip=tips(
                "property:N | Property",
                "layer:O | Layer",
                "accuracy:Q | Right | .1%",
                "guessing:Q | Guessing the most frequent | .1%",
            ),
        )
        .properties(height=260),
        title="What can be read off the vectors, layer by layer",
        subtitle=(
            f"{_lower(gain)} can be read off {numerals.percent(ends.loc[gain, 0])} of the vectors that enter and "
            f"{numerals.percent(ends.loc[gain, last])} of those that leave; {_lower(loss, False)} goes from "
            f"{numerals.percent(ends.loc[loss, 0])} to {numerals.percent(ends.loc[loss, last])}."
        ),
        description="Share of digit words of held-out numbers whose property a linear probe reads off the vector, by layer: "
        + "; ".join(
            f"{name.lower()} " + ", ".join(numerals.percent(share) for share in rows["accuracy"])
            for name, rows in frame.groupby("property", sort=False)
        )
        + ".",
        source="measured by analysis/networks/number_probes.py on numbers that training never showed",
    )


def likeness(frame: pd.DataFrame) -> alt.LayerChart:
    """Return how like each other the vectors of digit words are, by layer, for three kinds of pair."""
    kinds = list(dict.fromkeys(frame["pair"]))
    last = frame["layer"].max()
    ends = frame[frame["layer"].isin([0, last])].pivot(index="pair", columns="layer", values="cosine")
    other_power, other_digit = kinds[1], kinds[2]
    return figure(
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=_LAYER,
            y=alt.Y("cosine:Q", title="Mean cosine of two vectors"),
            color=alt.Color("pair:N", title=None, sort=kinds, legend=alt.Legend(columns=1)),
            tooltip=tips("pair:N | Pair", "layer:O | Layer", "cosine:Q | Cosine | .2f", "pairs:Q | Pairs | ,"),
        )
        .properties(height=220),
        title="Layers sort digits by their power of ten",
        subtitle=(
            "The same digit at two powers of ten: cosine "
            f"{numerals.signed(ends.loc[other_power, 0])} as it enters, "
            f"{numerals.signed(ends.loc[other_power, last])} as it leaves. Two digits at one power: "
            f"{numerals.signed(ends.loc[other_digit, 0])} and {numerals.signed(ends.loc[other_digit, last])}."
        ),
        description="Mean cosine between vectors of digit words by layer: "
        + "; ".join(
            f"{name.lower()} " + ", ".join(numerals.signed(value) for value in rows["cosine"])
            for name, rows in frame.groupby("pair", sort=False)
        )
        + ".",
        source="measured by analysis/networks/number_probes.py on numbers that training never showed",
    )


def _wrapped(words: list[str]) -> list[str]:
    """Return the words in lines that fit into a box on a phone; numerals stand without spaces."""
    lines = [""]
    for word in (word for word in words if word != PADDING):
        longer = lines[-1] + (" " if lines[-1] and word.isascii() else "") + word
        if text_width(longer) > _LINE_WIDTH:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _lower(name: str, first: bool = True) -> str:
    return name if first else name[0].lower() + name[1:]
