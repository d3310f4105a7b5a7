"""Attention step by step, with the numbers of a trained head; and why scores are divided by √d_k."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.heatmap import heatmap, stacked
from analysis.figures.render import figure
from analysis.networks.attention import MultiHeadAttended

_SOURCE = "the translator in data/weights/, computed by analysis/networks/attention.py"
_SHAPES = "shapes of the translator, analysis/networks/translator.py"
#: Most tokens whose weights are written as numbers, too: more do not fit on a phone.
_WRITTEN = 7
_DIVIDED, _NOT = "Divided by the root of the width", "Not divided"
_MEASURES = {
    "keys": "Keys that a query looks at, e to the entropy",
    "sensitivity": "Share of a gradient that passes the softmax",
}


def flow(n_queries: int, n_keys: int, d_k: int, d_v: int) -> alt.LayerChart:
    """Return the steps of scaled dot-product attention with the shapes of one head."""
    scores = f"{n_queries} × {n_keys}"
    boxes = [
        Box("q", ["Q", f"{n_queries} × {d_k}"], 0, column=0),
        Box("k", ["K", f"{n_keys} × {d_k}"], 0, column=1),
        Box("v", ["V", f"{n_keys} × {d_v}"], 0, column=2),
        Box("product", ["Q Kᵀ", f"scores, {scores}"], 1, span=2, kind="Product of matrices"),
        Box("scale", [f"÷ √{d_k} = {numerals.plain(np.sqrt(d_k))}", scores], 2, span=2, kind="Number by number"),
        Box("mask", ["Mask", "hidden keys get −∞"], 3, span=2, kind="Number by number"),
        Box("softmax", ["Softmax", "each row adds up to 1"], 4, span=2, kind="Number by number"),
        Box("mix", ["Weights × V", f"{n_queries} × {d_v}"], 5, span=3, kind="Product of matrices"),
        Box("out", ["Output of the head", f"{n_queries} × {d_v}"], 6, span=3),
    ]
    arrows = [
        Arrow("q", "product"), Arrow("k", "product"), Arrow("product", "scale"), Arrow("scale", "mask"),
        Arrow("mask", "softmax"), Arrow("softmax", "mix", f"shares, {scores}"), Arrow("v", "mix"), Arrow("mix", "out"),
    ]  # fmt: skip
    multiplications = n_queries * n_keys * (d_k + d_v)
    return diagram(
        boxes,
        arrows,
        title="Attention is two matrix products, with nothing to train",
        subtitle=(
            f"One head over {n_keys} tokens: two products of matrices, {numerals.whole(multiplications)} "
            "multiplications, "
            "and nothing in it to be trained."
        ),
        description="Flow of scaled dot-product attention from queries, keys and values to the output of one head.",
        source=_SHAPES,
    )


def vectors(attended: MultiHeadAttended, head: int, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the queries, keys and values of one head, counted from 0, for each of the `tokens`."""
    d_k = attended.queries.shape[-1]
    return figure(
        stacked(
            {
                "Queries q, what a token asks": attended.queries[head],
                "Keys k, what it can be found by": attended.keys[head],
                "Values v, what it hands over": attended.values[head],
            },
            rows=tokens,
            row_title=None,
            column_title="Component",
            value_title="Value",
            signed=True,
        ),
        title="Each token gets a query, a key and a value",
        subtitle=f"Each of the {len(tokens)} tokens gets three vectors of {d_k} numbers from three matrices that were trained.",
        description=f"Three heat maps of {len(tokens)} rows, {', '.join(tokens)}, and {d_k} columns: queries, keys and values.",
        source=_SOURCE,
    )


def matrices(attended: MultiHeadAttended, head: int, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the weights of one head, counted from 0, as numbers: each row a query, each column a key."""
    weights = attended.weights[head]
    query, key = np.unravel_index(weights.argmax(), weights.shape)
    return figure(
        heatmap(
            weights,
            rows=tokens,
            columns=tokens,
            row_title="Query",
            column_title="Key",
            value_title="Attention weight",
            limit=1,
            cell_height=30 if len(tokens) <= _WRITTEN else 22,
            written=".2f" if len(tokens) <= _WRITTEN else None,
        ),
        title="Every token shares out its attention",
        subtitle=(
            f"Every row adds up to 1. The largest attention weight, {numerals.significant(weights[query, key], 2)}, is that of "
            f"“{tokens[key]}” for “{tokens[query]}”."
        ),
        description="Heat map of attention weights. "
        + "; ".join(
            f"{token} looks most at {tokens[row.argmax()]}, {numerals.significant(row.max(), 2)}"
            for token, row in zip(tokens, weights, strict=True)
        ),
        source=_SOURCE,
    )


def division(widths: pd.DataFrame, n_keys: int) -> alt.LayerChart:
    """Return over how many keys the weights of random queries are spread, by width, with and without the division."""
    data = widths.assign(way=np.where(widths["divided"], _DIVIDED, _NOT))
    last = data[data["d_k"] == data["d_k"].max()].set_index("way")
    x = alt.X(
        "d_k:Q", title="Width of a head", scale=alt.Scale(type="log", base=2), axis=alt.Axis(tickCount=6, labelSeparation=4)
    )
    base = alt.Chart(data).encode(
        x=x,
        y=alt.Y("keys:Q", title=f"Keys looked at, of {n_keys}", scale=alt.Scale(domain=[0, n_keys])),
        color=alt.Color("way:N", title=None, sort=[_DIVIDED, _NOT], legend=alt.Legend(columns=1)),
        tooltip=[
            alt.Tooltip("d_k:Q", title="Width of a head"),
            alt.Tooltip("way:N", title="Scores"),
            alt.Tooltip("deviation:Q", title="Standard deviation of scores", format=".2f"),
            alt.Tooltip("keys:Q", title=_MEASURES["keys"], format=".2f"),
            alt.Tooltip("sensitivity:Q", title=_MEASURES["sensitivity"], format=".2f"),
        ],
    )
    return figure(
        alt.layer(base.mark_line(), base.mark_point(opacity=1)).properties(height=260),
        title="Without division, attention narrows to a few keys",
        subtitle=(
            f"Random queries of {int(data['d_k'].max())} components look at "
            f"{numerals.significant(last.loc[_NOT, 'keys'], 2)} of "
            f"{n_keys} keys if scores are not divided, and at {numerals.significant(last.loc[_DIVIDED, 'keys'], 2)} "
            "if they are."
        ),
        description=f"Lines of the effective number of keys of {n_keys}, by width. "
        + "; ".join(f"width {row.d_k}, {row.way.lower()}: {numerals.significant(row.keys, 2)} keys" for row in data.itertuples()),
        source="random vectors, computed by analysis/networks/dispersion.py",
    )
