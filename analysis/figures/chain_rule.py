"""Pre-training on poems, and the probability of a text by the chain rule."""

import math
from typing import Any

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.comparing import share
from analysis.figures.render import figure
from analysis.figures.tooltips import tips

_SOURCE = "computed by analysis/networks/poem_chain.py; weights in data/weights/poem_models.npz"


def loss_by_step(log: pd.DataFrame, kind: str) -> alt.LayerChart:
    """Return the losses of one kind while it was pre-trained, on what it learns from and on unseen poems."""
    names = {"loss": "Poems that it learns from", "held_out_loss": "Unseen poems"}
    steps = log[log["kind"] == kind]
    long = steps.melt("step", value_vars=list(names), var_name="on", value_name="nats").replace({"on": names})
    first, last, least = steps.iloc[0], steps.iloc[-1], steps.loc[steps["held_out_loss"].idxmin()]
    return figure(
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            x=alt.X("step:Q", title="Optimizer steps"),
            y=alt.Y("nats:Q", title="Loss, nats a token", scale=alt.Scale(zero=False)),
            color=alt.Color("on:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1)),
            tooltip=tips("on:N | On", "step:Q | Step | ,", "nats:Q | Loss, nats | .3f"),
        )
        .properties(height=260),
        title=f"{kind} learns to predict poems that it never saw",
        subtitle=(
            f"On unseen poems, {kind}'s loss falls from {numerals.significant(first['held_out_loss'])} to "
            f"{numerals.significant(least['held_out_loss'])} nats a token by step {numerals.whole(least['step'])}; on those it "
            f"learns from, to {numerals.significant(last['loss'])}."
        ),
        description="Lines of the loss by optimizer step. "
        + "; ".join(
            f"step {row.step:.0f}: {row.loss:.2f} on poems learned from, {row.held_out_loss:.2f} on unseen ones"
            for row in steps.iloc[[0, 1, len(steps) // 2, -1]].itertuples()
        )
        + ".",
        source="data/weights/poem_models_log.csv, written by training/poem_models.py",
    )


def factors(chains: dict[str, pd.DataFrame]) -> alt.LayerChart:
    """Return the factors of the chain rule of each text, see `poem_chain.factors`: one bar a character, as surprise."""
    frame = pd.concat(
        [
            chain.assign(
                text=text,
                surprise=-chain["log_probability"],
                label=[f"P({row.character}{f'|{row.before}' if row.before else ''})" for row in chain.itertuples()],
                place=range(len(chain)),
            )
            for text, chain in chains.items()
        ]
    )
    totals = {text: chain["log_probability"].sum() for text, chain in chains.items()}
    best = max(totals, key=totals.__getitem__)
    sums = ", and to ".join(f"{-total:.1f} nats for {text}" for text, total in totals.items())
    frame["row"] = [f"{row.text}: {row.label}" for row in frame.itertuples()]
    y = alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelExpr="split(datum.label, ': ')[1]", labelLimit=160))
    base = alt.Chart(frame).encode(y=y)
    colour = alt.Color("text:N", title=None, sort=list(chains), legend=alt.Legend(columns=1))
    return figure(
        alt.layer(
            base.mark_bar().encode(
                x=alt.X("surprise:Q", title="Surprise −ln P, nats"),
                color=colour,
                tooltip=tips("text:N | Text", "label:N | Factor", "surprise:Q | Surprise, nats | .2f"),
            ),
            base.mark_text(align="left", dx=4).encode(x="surprise:Q", text=alt.Text("surprise:Q", format=".1f")),
        ).properties(height=26 * len(frame)),
        title="A line's surprise is the sum over its characters",
        subtitle=(f"The surprises add up to {sums}: {best} is likelier."),
        description="Bars of the surprise of each character given those before it: "
        + "; ".join(f"{row.label} {row.surprise:.2f}" for row in frame.itertuples())
        + ".",
        source=_SOURCE,
    )


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `poem_chain.compared` as a table of text."""
    return pd.DataFrame(
        [
            {
                "Text": row.text,
                "Swapped": row.swapped,
                "Ratio": numerals.scientific(ratio(row), 2),
                "Rarest pair": f"{numerals.whole(row.pairs)}×",
            }
            for row in frame.itertuples()
        ]
    )


def ratio(row: Any) -> float:
    """Return how many times as likely the text of a row of `poem_chain.compared` is as its swapped form."""
    return math.exp(row.log_probability - row.log_probability_swapped)


def order_found(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the share of lines whose own order is likelier, by the place of the swap; see `poem_chain.order_found`."""
    named = frame.assign(line=[f"Lines of {length} characters" for length in frame["length"]])
    least = frame.loc[frame["right"].idxmin()]
    shares = [share(row.right * row.lines, row.lines) for row in frame.itertuples()]
    lowest = share(least["right"] * least["lines"], least["lines"])
    alike = sum((order - lowest).side() == 0 for order in shares) - 1
    total = (frame["right"] * frame["lines"]).sum() / frame["lines"].sum()
    chance = alt.Chart(pd.DataFrame([{"right": 0.5}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y="right:Q")
    return figure(
        alt.layer(
            alt.Chart(named)
            .mark_line(point=True)
            .encode(
                x=alt.X("place:O", title="First of the two characters that are swapped", axis=alt.Axis(labelAngle=0)),
                y=alt.Y("right:Q", title="The line as written is likelier", axis=alt.Axis(format="%"),
                        scale=alt.Scale(domain=[0.4, 1])),
                color=alt.Color("line:N", title=None, legend=alt.Legend(columns=1)),
                tooltip=tips("line:N | Of", "place:O | Swapped from", "right:Q | Likelier as written | .1%",
                             "lines:Q | Lines | ,"),
            ),
            chance,
        ).properties(height=260),
        title="The model knows the order of characters",
        subtitle=(
            f"Of unseen lines, {numerals.percent(total)} are likelier as written than with two neighbours swapped; fewest, "
            f"{lowest.written(numerals.percent)}, where the swap begins at character {least['place']:.0f} of "
            f"{least['length']:.0f}{f', and at {alike} other places within noise of that' if alike else ''}."
        ),
        description="Share of lines that are likelier as written, by the place of the swap; the dashed line is guessing. "
        + "; ".join(f"{row.line}, place {row.place}: {numerals.percent(row.right)}" for row in named.itertuples())
        + ".",
        source=f"{_SOURCE}; first lines of poems that it was not trained on",
    )  # fmt: skip
