"""The decoder at work: where it looks, what it may not see, and how it chooses the next token."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import sliders
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.heatmap import heatmap, too_wide
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.networks import decoding, translator
from analysis.networks.decoding import Generated
from analysis.networks.vocabulary import Vocabulary

_VOCABULARY = translator.VOCABULARY
_SOURCE = "analysis/networks/translator.py, weights in data/weights/translator.npz"
_CANDIDATES = 6
_SHARE = alt.Scale(domain=[0, 1])
#: As `numerals.probability` writes it.
_PROBABILITY = (
    "datum.probability < 1e-4 ? '< 0.01%' : datum.probability > 1 - 1e-4 ? '> 99.99%' : format(datum.probability, '.2~p')"
)


def alignment(generated: Generated, layer: int, aligned: float) -> alt.LayerChart:
    """Return the cross-attention of decoder layer `layer`, the mean of its heads: numeral by word.

    `aligned` is the share of digits, over many numbers, at whose writing it is strongest on the word that says them.
    """
    weights = generated.decoded.layers[layer - 1].cross_attention.weights.mean(axis=0)
    words = [_VOCABULARY.tokens[token] for token in generated.encoded.tokens]
    written = [_VOCABULARY.tokens[token] for token in generated.tokens]
    strongest = "; ".join(f"{token} at {words[row.argmax()]}" for token, row in zip(written, weights, strict=True))
    return figure(
        heatmap(weights, rows=written, columns=words, row_title="Numeral being written", column_title="Word of the source",
                value_title="Weight of the cross-attention"),
        title="The decoder looks from word to word",
        subtitle=(
            f"To write {''.join(_VOCABULARY.read(generated.tokens))}, as decoder layer {layer} sees it. Over unseen "
            f"numbers it looks most at the word that says the digit for {numerals.percent(aligned)} of digits."
        ),
        description=f"Heat map of cross-attention, mean over heads. Each numeral looks most: {strongest}.",
        source=_SOURCE,
    )  # fmt: skip


def masks(tokens: Sequence[int], padding: int, vocabulary: Vocabulary = _VOCABULARY) -> alt.LayerChart:
    """Return what each position of `tokens` may see in the decoder's self-attention, and which mask hides the rest."""
    names = [vocabulary.tokens[token] for token in tokens]
    kinds = ("Seen", "Hidden: it comes later", "Hidden: it is padding")
    rows = []
    for query in range(len(tokens)):
        for key, token in enumerate(tokens):
            kind = kinds[2] if token == padding else kinds[1] if key > query else kinds[0]
            rows.append({"query": query, "key": key, "kind": kind})
    frame = pd.DataFrame(rows)
    seen = int((frame["kind"] == kinds[0]).sum())
    listed = "[" + ", ".join(f"'{name}'" for name in names) + "][datum.value]"
    axis = {"labelExpr": listed, "domain": False, "ticks": False, "grid": False, "labelOverlap": False}
    return figure(
        alt.Chart(frame)
        .mark_rect(style="cells", opacity=0.75)
        .encode(
            x=alt.X("key:O", title="Position that is looked at", axis=alt.Axis(labelAngle=-45 if too_wide(names) else 0, **axis)),
            y=alt.Y("query:O", title="Position that looks", axis=alt.Axis(**axis)),
            color=alt.Color("kind:N", title=None, sort=kinds, scale=alt.Scale(domain=kinds), legend=alt.Legend(columns=1)),
            tooltip=tips("kind:N | Mask"),
        )
        .properties(height=34 * len(names)),
        title="Masks hide padding and what is still to come",
        subtitle=f"Of {len(tokens) ** 2} pairs of positions the two masks leave {seen}.",
        description="Which position may look at which: "
        + "; ".join(f"{name} sees {min(row + 1, sum(token != padding for token in tokens))}" for row, name in enumerate(names))
        + ".",
        source="computed by analysis/networks/attention.py",
    )


def steps(generated: Generated, most: int = 6) -> alt.LayerChart:
    """Return the decoder's steps as a diagram: what it was fed, what it chose, and that this is fed the next time."""
    n, width = len(generated.encoded.tokens), generated.encoded.output.shape[-1]
    boxes = [Box("memory", ["Encoder's output", f"{n} × {width}, the same at every step"], 0, 0, span=3)]
    arrows = []
    shown = generated.steps[:most]
    for number, step in enumerate(shown):
        fed = [f"Step {number + 1}: it is fed", translator.fed(step)]
        boxes.append(Box(f"fed{number}", fed, number + 1, 0, span=1.7, kind="Fed"))
        chosen = _VOCABULARY.tokens[step.chosen]
        chance = numerals.probability(step.probabilities[step.chosen])
        boxes.append(Box(f"out{number}", [chosen, chance], number + 1, 2, kind="Chosen"))
        arrows += [Arrow(f"fed{number}", f"out{number}"), Arrow("memory", f"out{number}", side="right")]
        if number:
            arrows.append(Arrow(f"out{number - 1}", f"fed{number}"))
    return diagram(
        boxes,
        arrows,
        title="Each step is fed what the steps before chose",
        subtitle=(
            f"{len(generated.steps)} steps write {''.join(_VOCABULARY.read(generated.tokens))}; each begins with the start token."
            f"{f' The first {most} are drawn.' if len(generated.steps) > most else ''}"
        ),
        description="The decoder's steps as a diagram, each with what is fed, what is chosen, and its probability.",
        source=_SOURCE,
    )


def candidates(generated: Generated, step: int, temperature: float) -> alt.LayerChart:
    """Return the likeliest tokens at each step with their probabilities; sliders choose step and temperature."""
    count = len(generated.steps)
    which = sliders.slider("decoding_step", "Step", step, 1, count, 1)
    heat = sliders.slider("decoding_temperature", "Temperature", temperature, min(0.1, temperature), max(10, temperature), 0.1)
    rows = []
    for number, written in enumerate(generated.steps, start=1):
        for rank, token in enumerate(np.argsort(-written.logits)):
            rows.append(
                {
                    "step": number,
                    "rank": rank,
                    "token": _VOCABULARY.tokens[token],
                    "logit": float(written.logits[token]),
                    "gap": float(written.logits[token] - written.logits.max()),
                    "fed": translator.fed(written),
                }
            )
    frame = pd.DataFrame(rows).round(4)
    shown = generated.steps[step - 1]
    probabilities = decoding.at_temperature(shown.logits.astype(float), temperature)
    order = np.argsort(-probabilities)[:_CANDIDATES]
    listed = ", ".join(f"{_VOCABULARY.tokens[token]} {numerals.probability(probabilities[token])}" for token in order)
    base = (
        alt.Chart(frame)
        .transform_filter("datum.step == decoding_step")
        .transform_calculate(raised="exp(datum.gap / decoding_temperature)")
        .transform_joinaggregate(all="sum(raised)")
        .transform_calculate(probability="datum.raised / datum.all")
        .transform_filter(f"datum.rank < {_CANDIDATES}")
        .encode(y=alt.Y("rank:O", axis=None, scale=alt.Scale(paddingInner=0.6, paddingOuter=0.4)))
    )
    bars = base.mark_bar().encode(
        x=alt.X("probability:Q", title="Probability of the next token", scale=_SHARE, axis=alt.Axis(format="%")),
        tooltip=tips("token:N | Token", "probability:Q | Probability | .3~%", "logit:Q | Logit | .2f", "fed:N | Fed so far"),
    )
    names = base.mark_text(align="left", baseline="bottom", dx=2, dy=-9, fontSize=14).encode(x=alt.value(0), text="token:N")
    chances = (
        base.transform_calculate(written=_PROBABILITY)
        .mark_text(align="right", baseline="bottom", dy=-9)
        .encode(x=alt.value("width"), text="written:N")
    )
    fed = (
        alt.Chart(frame[frame["rank"] == 0])
        .transform_filter("datum.step == decoding_step")
        .transform_calculate(said="'Fed: ' + datum.fed")
        .mark_text(align="left", baseline="bottom", dx=2, dy=-4, fontStyle="italic")
        .encode(x=alt.value(0), y=alt.value(0), text="said:N")
    )
    best = _VOCABULARY.tokens[order[0]]
    return figure(
        alt.layer(bars, names, chances, fed).properties(height=46 * _CANDIDATES).add_params(which, heat),
        title="The next numeral is chosen from these probabilities",
        subtitle=(
            f"At step {step} and temperature {numerals.plain(temperature)}, {best} has "
            f"{numerals.probability(probabilities[order[0]])}; the other {len(_VOCABULARY) - 1} tokens share the rest."
        ),
        description=f"Bars of the probability of the likeliest next tokens at step {step}: {listed}.",
        source=f"{_SOURCE}; softmax of the logits over the temperature",
    )


def right_by_temperature(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the share of sampled tokens and of whole sampled translations that are right, by temperature."""
    kinds = list(dict.fromkeys(frame["kind"]))
    at_one = frame[frame["temperature"] == 1].set_index("kind")["right"]
    hot = frame[frame["temperature"] == frame["temperature"].max()].set_index("kind")["right"]
    return figure(
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("temperature:Q", title="Temperature", axis=alt.Axis(tickCount=6)),
            y=alt.Y("right:Q", title="Right when sampled", axis=alt.Axis(format="%"), scale=_SHARE),
            color=alt.Color("kind:N", title=None, sort=kinds),
            tooltip=tips("kind:N | Of", "temperature:Q | Temperature", "right:Q | Right | .3~%"),
        )
        .properties(height=220),
        title="Temperature spoils whole translations first",
        subtitle=(
            f"Sampled at temperature 1, {numerals.percent(at_one[kinds[1]], 4)} of translations are right; at "
            f"{numerals.plain(frame['temperature'].max())}, {numerals.percent(hot[kinds[0]])} of tokens are, and "
            f"{numerals.probability(hot[kinds[1]])} of translations."
        ),
        description="Two falling lines by temperature: "
        + "; ".join(
            f"{kind.lower()} from {numerals.percent(rows['right'].iloc[0], 3)} to {numerals.probability(rows['right'].iloc[-1])}"
            for kind, rows in frame.groupby("kind", sort=False)
        )
        + ".",
        source="computed, not drawn: products of the probabilities of the right tokens, on held-out numbers",
    )
