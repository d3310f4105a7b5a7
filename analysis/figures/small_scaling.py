"""How the loss of small language models falls with what they read and with their size."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.networks import poem_scaling
from analysis.networks.poem_scaling import Law

_SOURCE = "data/generated/poem_scaling.csv, measured by training/poem_scaling.py; law: Kaplan et al. 2020, fitted here"


def loss_by_tokens(frame: pd.DataFrame, law: Law) -> alt.LayerChart:
    """Return the loss against the tokens read, a line of the fitted law for each size."""
    largest = poem_scaling.slope(poem_scaling.most(frame, "parameters"), "tokens")
    return figure(
        _losses(frame, law, over="tokens", by="parameters", x_title="Tokens of different poems read", group="{} parameters"),
        title="Each doubling of the text brings the loss down",
        subtitle=(
            f"Twice the poems lower the loss of the largest model by {numerals.percent(1 - 2**-largest.exponent)}; the exponent "
            f"is {numerals.significant(largest.exponent, 2)}."
        ),
        description=_description(frame, "tokens"),
        source=_SOURCE,
    )


def loss_by_size(frame: pd.DataFrame, law: Law) -> alt.LayerChart:
    """Return the loss against the parameters, a line of the fitted law for each amount of text."""
    full = poem_scaling.slope(poem_scaling.most(frame, "tokens"), "parameters")
    return figure(
        _losses(frame, law, over="parameters", by="tokens", x_title="Parameters, embeddings left out", group="{} tokens"),
        title="Each doubling of the parameters brings the loss down",
        subtitle=(
            f"On all the poems, twice the parameters lower the loss by {numerals.percent(1 - 2**-full.exponent)}; the exponent "
            f"is {numerals.significant(full.exponent, 2)}."
        ),
        description=_description(frame, "parameters"),
        source=_SOURCE,
    )


def _losses(frame: pd.DataFrame, law: Law, *, over: str, by: str, x_title: str, group: str) -> alt.LayerChart:
    values = np.sort(frame[by].unique())
    names = {value: group.format(numerals.whole(value)) for value in values}
    reach = np.geomspace(frame[over].min(), frame[over].max(), 40)
    lines = pd.concat(
        [pd.DataFrame({over: reach, "loss": law.loss(**{by: value, over: reach}), "group": names[value]}) for value in values]
    )
    shown = frame.assign(group=frame[by].map(names))[["parameters", "tokens", "loss", "group"]]
    ticks = axes.round_values(frame[over].min(), frame[over].max())
    x = alt.X(f"{over}:Q", title=x_title, scale=alt.Scale(type="log", nice=False, padding=12),
              axis=alt.Axis(values=ticks, labelExpr=axes.SHORT))  # fmt: skip
    low, high = frame["loss"].min() * 0.99, frame["loss"].max() * 1.01
    y = alt.Y("loss:Q", title="Loss on unseen poems, nats a token", scale=alt.Scale(type="log", nice=False, domain=[low, high]),
              axis=alt.Axis(values=np.arange(4, 8, 0.25).tolist(), format=".2f"))  # fmt: skip
    colour = alt.Color("group:O", title=None, sort=list(names.values()), legend=alt.Legend(columns=1))
    tooltip = tips("parameters:Q | Parameters | ,", "tokens:Q | Tokens | ,", "loss:Q | Loss, nats | .3f")
    return alt.layer(
        alt.Chart(lines).mark_line(strokeDash=[5, 3], clip=True).encode(x=x, y=y, color=colour),
        alt.Chart(shown).mark_point(filled=True, size=60, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
    ).properties(height=320)


def _description(frame: pd.DataFrame, over: str) -> str:
    return (
        f"Loss against {over}, both logarithmic: points as measured, dashed lines of the fitted law. "
        + "; ".join(f"{row.parameters:,.0f} parameters, {row.tokens:,.0f} tokens: {row.loss:.3f}" for row in frame.itertuples())
        + "."
    )
