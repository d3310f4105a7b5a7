"""The recurrent network unrolled, and how far back it reaches beside attention."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.bands import bands, listed
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.networks import reach, recall
from analysis.networks.recurrent import PlainRNN

_SOURCE = "computed by analysis/networks/reach.py from data/weights/recall.npz"
_LEARNT = 0.99
_GUESS = 1 / recall.SYMBOLS
_SHARE = alt.Axis(format=".0%")


def unrolled(network: recall.Reader) -> alt.LayerChart:
    """Return the diagram of a plain recurrent `network`, unrolled over four tokens."""
    carrier = network.carrier
    if not isinstance(carrier, PlainRNN):
        raise ValueError(f"network: {type(carrier).__name__} is not a plain RNN")
    inputs, width = carrier.input.shape
    boxes, arrows = [], []
    for token in range(4):
        column = 1.3 * token  # room for the arrows between the states
        boxes += [
            Box(f"x{token}", [f"Token {token + 1}", f"{inputs} wide"], 2, column),
            Box(f"h{token}", [f"State {token + 1}", f"{width} wide"], 1, column, kind="State"),
        ]
        arrows.append(Arrow(f"x{token}", f"h{token}", "W"))
        if token:
            arrows.append(Arrow(f"h{token - 1}", f"h{token}", "U"))
    boxes.append(Box("answer", ["Answer", f"{recall.SYMBOLS} wide"], 0, 3.9))
    arrows.append(Arrow("h3", "answer", "V"))
    parts = [numerals.whole(part) for part in (carrier.input.size, carrier.recurrent.size, network.readout.parameters)]
    return diagram(
        boxes,
        arrows,
        title="One set of weights reads every token",
        subtitle=f"The same {parts[0]} weights W and {parts[1]} weights U serve at every token; {parts[2]} weights V and "
        "biases read the answer off the last state.",
        description="A recurrent network unrolled over four tokens: each token and the state before it make the next "
        "state, from left to right; the last state gives the answer.",
        source="drawn from the trained network, data/weights/recall.npz",
    )


def by_distance(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the accuracy in the recall task by the distance to what has to be remembered, in bands over the seeds."""
    means = frame.groupby(["kind", "distance"])["accuracy"].mean()
    farthest = int(frame["distance"].max())
    chart = bands(
        frame,
        over="distance",
        value="accuracy",
        by="kind",
        x=alt.X(
            "distance:Q",
            title="Tokens between the marked one and the end",
            scale=alt.Scale(type="symlog", constant=1, nice=False),
            axis=alt.Axis(values=[0, 1, 3, 8, 16, 32, 64, 128, 256], format="d"),
        ),
        y=alt.Y("accuracy:Q", title="Symbols named right", scale=alt.Scale(domain=[0, 1]), axis=_SHARE),
        tooltip=tips(
            "kind:N | Network",
            "distance:Q | Distance, tokens",
            "accuracy:Q | Mean | .1%",
            "low:Q | Lowest | .1%",
            "high:Q | Highest | .1%",
        ),
    )
    marks = [
        alt.Chart(pd.DataFrame({"accuracy": [_GUESS]})).mark_rule(strokeDash=[4, 4], aria=False).encode(y="accuracy:Q"),
        alt.Chart(pd.DataFrame({"accuracy": [_GUESS], "text": ["guessing"]}))
        .mark_text(align="left", baseline="bottom", dx=4, dy=-3)
        .encode(x=alt.value(0), y="accuracy:Q", text="text:N"),
    ]
    if farthest >= recall.LENGTH:
        trained = pd.DataFrame({"distance": [recall.LENGTH - 1], "text": ["trained up to here"]})
        marks += [
            alt.Chart(trained).mark_rule(strokeDash=[4, 4], aria=False).encode(x="distance:Q"),
            alt.Chart(trained)
            .mark_text(align="right", baseline="bottom", dx=-5)
            .encode(x="distance:Q", y=alt.datum(0.25), text="text:N"),
        ]
    plain, gated, attention = (means[name][farthest] for name in recall.KINDS.values())
    return figure(
        alt.layer(chart, *marks).properties(height=320),
        title="How far back each network remembers",
        subtitle=(
            f"Over {farthest} tokens the plain RNN still names {numerals.percent(plain)} of the marked symbols, the gated "
            f"one {numerals.percent(gated)}, attention {numerals.percent(attention)}."
        ),
        description=f"Accuracy by distance, means over seeds; guessing gets {numerals.percent(_GUESS, 3)}. "
        + listed(frame, over="distance", value="accuracy", by="kind", text=numerals.percent)
        + " tokens.",
        source=_SOURCE,
    )


def while_learning(log: pd.DataFrame) -> alt.LayerChart:
    """Return the accuracy in the recall task while the networks learnt it; `log` is data/weights/recall_log.csv."""
    named = log.assign(name=log["kind"].map(recall.KINDS))
    plain, gated, attention = recall.KINDS.values()
    last = named[named["step"] == named["step"].max()].groupby("name")["accuracy"].mean()
    done = reach.learnt_at(log, _LEARNT)
    return figure(
        bands(
            named,
            over="step",
            value="accuracy",
            by="name",
            x=alt.X("step:Q", title="Steps of training", scale=alt.Scale(nice=False), axis=alt.Axis(format=",d")),
            y=alt.Y("accuracy:Q", title="Symbols named right", scale=alt.Scale(domain=[0, 1]), axis=_SHARE),
            tooltip=tips("name:N | Network", "step:Q | Step | ,", "accuracy:Q | Mean | .1%"),
        ),
        title="How soon each network learns to remember",
        subtitle=(
            f"{numerals.percent(_LEARNT)} right: attention after {numerals.whole(done[attention])} steps, the gated RNN "
            f"after {numerals.whole(done[gated])}; the plain RNN is at {numerals.percent(last[plain])} after "
            f"{numerals.whole(log['step'].max())}."
        ),
        description="Accuracy in training by step, means over seeds. "
        + listed(
            named[named["step"].isin(named["step"].drop_duplicates().iloc[[0, 4, 9, 24, 49]])],
            over="step",
            value="accuracy",
            by="name",
            text=numerals.percent,
        )
        + " steps.",
        source="data/weights/recall_log.csv, written by training/recall.py",
    )
