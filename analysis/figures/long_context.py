"""Models of unlike layers as the context grows: what one request keeps in memory, and what one more token costs."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips

_SOURCE = "this book's ledger, from the models' published configurations"
_TOKENS = alt.Axis(values=[4096, 16_384, 65_536, 262_144, 1_048_576], labelExpr="format(datum.value / 1024, ',') + 'k'")


def memory(frame: pd.DataFrame) -> alt.LayerChart:
    """Return what one request keeps, by context; `frame` is `by_context.table`'s."""
    frame = frame.assign(gigabytes=frame["cache_bytes"] / 1e9)
    ends = _ends(frame, "gigabytes")
    return _lines(
        frame,
        "gigabytes",
        "Memory of one request, GB",
        title="Memory at long contexts depends on the kind of layers",
        subtitle=(
            f"At {_tokens(frame)} tokens one request of {ends.index[-1]} keeps {_written(ends.iloc[-1])} GB, of {ends.index[0]} "
            f"{_written(ends.iloc[0])} GB."
        ),
        unit="GB",
    )


def work(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the FLOP of one token, by the context at whose end it is; `frame` is `by_context.table`'s."""
    frame = frame.assign(gigaflop=frame["flop"] / 1e9)
    first, last = (frame.groupby("model", sort=False)["gigaflop"].agg(which) for which in ("first", "last"))
    grown = (last / first).sort_values()
    return _lines(
        frame,
        "gigaflop",
        "Work of one token, billion FLOP",
        title="Work at long contexts depends on the kind of layers",
        subtitle=(
            f"From {int(frame['context'].min()):,} to {_tokens(frame)} tokens of context, a token's work grows "
            f"{_times(grown.iloc[-1])} in {grown.index[-1]}, {_times(grown.iloc[0])} in {grown.index[0]}."
        ),
        unit="billion FLOP",
    )


def _lines(frame: pd.DataFrame, column: str, axis: str, *, title: str, subtitle: str, unit: str) -> alt.LayerChart:
    frame = frame.assign(label=[f"{row.model}: {row.kind}" for row in frame.itertuples()])
    labels = list(frame["label"].unique())  # in one order, so that a model has one colour in both figures
    powers = [10.0**power for power in range(-3, 8) if frame[column].min() / 10 < 10.0**power < frame[column].max() * 10]
    legend = alt.Legend(orient="top", columns=1, labelLimit=600)
    base = alt.Chart(frame[["label", "context", column]]).encode(
        alt.X("context:Q", title="Context, tokens (k = 1,024)", scale=alt.Scale(type="log", base=2, nice=False), axis=_TOKENS),
        alt.Y(f"{column}:Q", title=axis, scale=alt.Scale(type="log"), axis=alt.Axis(values=powers, format=",~g")),
        alt.Color("label:N", title=None, scale=alt.Scale(domain=labels), legend=legend),
    )
    tooltip = tips("label:N | Model", "context:Q | Context, tokens | ,.0f", f"{column}:Q | {axis} | ,.3~r")
    chart = base.mark_line() + base.mark_point(size=120, opacity=0).encode(tooltip=tooltip)
    at_ends = frame.groupby("label", sort=False)[column].agg(["first", "last"])
    return figure(
        chart.properties(height=300),
        title=title,
        subtitle=subtitle,
        description=f"Lines over the context, both axes logarithmic, from {int(frame['context'].min()):,} to {_tokens(frame)} "
        "tokens: "
        + "; ".join(f"{label}, {_written(low)} to {_written(high)} {unit}" for label, (low, high) in at_ends.iterrows())
        + ".",
        source=_SOURCE,
    )


def _ends(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the values at the longest context by model, the least first."""
    return frame.groupby("model", sort=False)[column].last().sort_values(kind="stable")


def _tokens(frame: pd.DataFrame) -> str:
    return f"{int(frame['context'].max()):,}"


def _written(value: float) -> str:
    return numerals.significant(value, 2 if value < 100 else 3)


def _times(factor: float) -> str:
    return f"{numerals.significant(factor, 2)}-fold"
