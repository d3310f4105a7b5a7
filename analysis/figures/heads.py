"""Multi-head attention: how it is put together, what each head looks at, and what it is worth."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.heatmap import heatmap, stacked
from analysis.figures.render import figure
from analysis.networks import heads
from analysis.networks.attention import MultiHeadAttended, MultiHeadAttention

_TRAINED, _FREE = "Trained", "Nothing to train"
_SOURCE = "the translator in data/weights/, computed by analysis/networks/heads.py"
_PARTS = {"encoder": "Encoder", "decoder": "Decoder", "cross": "Cross"}


def assembly(layer: MultiHeadAttention, n_tokens: int) -> alt.LayerChart:
    """Return how multi-head attention of the shape of `layer` is put together, with the parameters of each part."""
    d_model, n_heads = layer.output.weight.shape[1], layer.n_heads
    d_k = d_model // n_heads
    names, projections = ("Query", "Key", "Value"), (layer.query, layer.key, layer.value)
    square = f"{d_model} × {d_model}"
    total = sum(part.parameters for part in (*projections, layer.output))
    boxes = [
        Box("x", ["Input", f"{n_tokens} × {d_model}"], 0, span=3),
        *(
            Box(name, [f"{name} matrix", square, numerals.whole(part.parameters)], 1, column=column, kind=_TRAINED)
            for column, (name, part) in enumerate(zip(names, projections, strict=True))
        ),
        Box("split", ["Cut into heads", f"{n_heads} × ({n_tokens} × {d_k}), three times"], 2, span=3, kind=_FREE),
        Box("attend", ["Scaled dot-product attention", f"{n_heads} times: {n_tokens} × {n_tokens} shares"], 3, span=3,
            kind=_FREE),
        Box("join", ["Side by side", f"{n_tokens} × ({n_heads} · {d_k}) = {n_tokens} × {d_model}"], 4, span=3,
            kind=_FREE),
        Box("o", ["Output matrix", square, numerals.whole(layer.output.parameters)], 5, span=3, kind=_TRAINED),
        Box("out", ["Output", f"{n_tokens} × {d_model}"], 6, span=3),
    ]  # fmt: skip
    arrows = [
        *(Arrow("x", name) for name in names),
        *(Arrow(name, "split", mark) for name, mark in zip(names, "QKV", strict=True)),
        Arrow("split", "attend"), Arrow("attend", "join"), Arrow("join", "o"), Arrow("o", "out"),
    ]  # fmt: skip
    return diagram(
        boxes,
        arrows,
        title="Each head works in a part of the width",
        subtitle=(
            f"Multi-head attention has {numerals.whole(total)} parameters, in four matrices of {d_model} × "
            f"{d_model} and "
            f"their biases; its {n_heads} heads work in {d_k} dimensions each."
        ),
        description=f"Flow of multi-head attention over {n_tokens} tokens, with shapes and parameters.",
        source="shapes of the translator, analysis/networks/translator.py",
    )


def maps(attended: MultiHeadAttended, tokens: Sequence[str], layer: int) -> alt.LayerChart:
    """Return the weights of every head of one layer of the encoder, counted from 1, one head below the other."""
    least, most = _overlaps(attended.weights)
    return figure(
        stacked(
            {f"Head {head}": weights for head, weights in enumerate(attended.weights, start=1)},
            rows=tokens,
            columns=tokens,
            row_title="Query",
            column_title="Key",
            value_title="Attention weight",
            limit=1,
            cell_height=18,
        ),
        title="What each head looks at",
        subtitle=(
            f"Of the {len(attended.weights)} heads of layer {layer}, the two most alike put {numerals.percent(most)} "
            f"of their attention on the same tokens, the two least alike {numerals.percent(least)}."
        ),
        description="Heat maps of attention weights, one a head. "
        + "; ".join(
            f"head {head}: "
            + ", ".join(f"{token} looks most at {tokens[row.argmax()]}" for token, row in zip(tokens, weights, strict=True))
            for head, weights in enumerate(attended.weights, start=1)
        ),
        source=_SOURCE,
    )


def _overlaps(weights: np.ndarray) -> tuple[float, float]:
    """Return the least and the most weight that two heads put on the same keys, on average over the queries."""
    pairs = [np.minimum(weights[i], weights[j]).sum(axis=-1).mean() for i in range(len(weights)) for j in range(i)]
    return float(min(pairs)), float(max(pairs))


def queries(attended: MultiHeadAttended, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the queries of every head, one below the other: the same tokens, multiplied by different matrices."""
    n_heads, _, d_k = attended.queries.shape
    units = attended.queries / np.linalg.norm(attended.queries, axis=-1, keepdims=True)
    cosines = [abs((units[i] * units[j]).sum(axis=-1)).mean() for i in range(n_heads) for j in range(i)]
    return figure(
        _by_head(attended.queries, tokens),
        title="Each head asks a question of its own",
        subtitle=(
            f"The same {len(tokens)} tokens ask {n_heads} different questions: the amount of the cosine between the "
            "queries of two "
            f"heads averages {numerals.significant(float(np.mean(cosines or [1])), 2)}."
        ),
        description=f"Heat maps of the queries of {n_heads} heads, {len(tokens)} rows and {d_k} columns each.",
        source=_SOURCE,
    )


def outputs(attended: MultiHeadAttended, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the output of every head, one below the other."""
    n_heads, _, d_k = attended.heads.shape
    return figure(
        _by_head(attended.heads, tokens),
        title="Side by side, the heads' outputs are as wide as the input",
        subtitle=f"{n_heads} heads leave {n_heads} matrices of {len(tokens)} × {d_k}.",
        description=f"Heat maps of the output of {n_heads} heads, {len(tokens)} rows and {d_k} columns each.",
        source=_SOURCE,
    )


def _by_head(vectors: np.ndarray, tokens: Sequence[str]) -> alt.LayerChart:
    return stacked(
        {f"Head {head}": vector for head, vector in enumerate(vectors, start=1)},
        rows=tokens,
        row_title=None,
        column_title="Component",
        value_title="Value",
        signed=True,
        cell_height=18,
    )


def added(contributions: np.ndarray, tokens: Sequence[str]) -> alt.LayerChart:
    """Return how much each head adds to the output for each token, from `contributions` (n_heads, tokens, d_model)."""
    norms = np.linalg.norm(contributions, axis=-1)
    shares = norms.sum(axis=1) / norms.sum()
    most = shares.argmax()
    return figure(
        heatmap(
            norms,
            rows=[f"Head {head}" for head in range(1, len(norms) + 1)],
            columns=tokens,
            row_title=None,
            column_title="Token",
            value_title="Length of what the head adds",
            cell_height=34,
            written=".1f",
        ),
        title="The output is a sum over heads",
        subtitle=(
            f"Head {most + 1} adds most, {numerals.percent(shares[most])} of all "
            "lengths; even "
            f"shares would be {numerals.percent(1 / len(norms))}."
        ),
        description="Heat map of the length of the vector that each head adds for each token. "
        + "; ".join(f"head {head}: {numerals.percent(share)} of all lengths" for head, share in enumerate(shares, start=1)),
        source=_SOURCE,
    )


def looks(shares: pd.DataFrame, n_numbers: int) -> alt.LayerChart:
    """Return what share of its attention each head of the encoder gives to which token, from `heads.looks`."""
    kinds = [column for column in shares if column not in ("layer", "head")]
    top = heads.strongest(shares)
    names = [f"{row.layer}.{row.head}" if row.head else "Even shares" for row in shares.itertuples()]
    return figure(
        heatmap(
            shares[kinds].to_numpy(float),
            rows=names,
            columns=kinds,
            row_title="Layer.head",
            column_title="Share of the attention on",
            value_title="Share",
            limit=1,
            cell_height=22,
            written=".2f",
        ),
        title=f"Head {top['head']} of layer {top['layer']} looks for “{top['kind']}”",
        subtitle=(
            f"Head {top['head']} of layer {top['layer']} gives {numerals.percent(top['share'])} of its attention to "
            f"“{top['kind']}”; "
            f"even shares would give {numerals.percent(top['even'])}."
        ),
        description=f"Heat map of the mean share of attention on kinds of tokens, over {n_numbers} numbers. "
        + "; ".join(
            f"{name}: " + ", ".join(f"{kind} {numerals.percent(row[kind])}" for kind in kinds)
            for name, (_, row) in zip(names, shares.iterrows(), strict=True)
        ),
        source=_SOURCE,
    )


def losses(lost: pd.DataFrame, accuracy: float, n_numbers: int) -> alt.LayerChart:
    """Return the accuracy that the translator loses without each head, from `heads.losses`, in percentage points."""
    grid = lost.pivot_table(index=["part", "layer"], columns="head", values="lost", sort=False)
    worst = lost.loc[lost["lost"].idxmax()]
    harmless = (lost["lost"] < 0.01).sum()
    return figure(
        heatmap(
            100 * grid.to_numpy(),
            rows=[f"{_PARTS[part]} {layer}" for part, layer in grid.index],
            columns=[f"Head {head}" for head in grid.columns],
            row_title=None,
            column_title=None,
            value_title="Accuracy lost, percentage points",
            limit=100,
            cell_height=28,
            written=".1f",
        ),
        title="Which heads are missed when they are silenced",
        subtitle=(
            f"Of {len(lost)} heads, {harmless} can be silenced alone for less than a percentage point of accuracy; "
            "without head "
            f"{worst['head']} of {_PARTS[worst['part']].lower()} layer {worst['layer']}, "
            f"{numerals.percent(accuracy)} falls to {numerals.percent(accuracy - worst['lost'])}."
        ),
        description=f"Heat map of the accuracy on {n_numbers} unseen numbers that is lost when one head adds nothing. "
        + "; ".join(
            f"{_PARTS[row.part].lower()} layer {row.layer} head {row.head}: {100 * row.lost:.1f}" for row in lost.itertuples()
        ),
        source=_SOURCE,
    )
