"""Training and inference, and the elements of machine learning, on handwritten digits."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tiles import tiles
from analysis.figures.tooltips import tips
from analysis.networks import dense, digits
from analysis.networks.attention import softmax
from analysis.networks.digits import Digits
from analysis.networks.learning import Network, Recipe

SOURCE = "computed by analysis/networks; digits: Alpaydin and Kaynak 1998, as scikit-learn has them"


def training_and_inference(recipe: Recipe) -> alt.LayerChart:
    """Return the diagram of the two phases: one changes the weights, the other only uses them."""
    network = " → ".join(map(str, recipe.widths))
    weights = numerals.whole(dense.parameters(recipe.widths))
    loss = "squared error" if recipe.squared else "cross-entropy"
    return diagram(
        [
            Box("examples", [f"{numerals.whole(recipe.examples)} digits", "with labels"], 0, kind="Training"),
            Box("learning", ["Network", network], 1, kind="Training"),
            Box("loss", ["Loss", loss], 2, kind="Training"),
            Box("optimizer", [recipe.optimizer, "changes weights"], 3, kind="Training"),
            Box("unseen", ["An unseen digit", f"{digits.SIDE} × {digits.SIDE} pixels"], 0, 1, kind="Inference"),
            Box("frozen", ["The same network", f"{weights} frozen"], 1, 1, kind="Inference"),
            Box("shares", ["Probabilities", f"of {digits.CLASSES} classes"], 2, 1, kind="Inference"),
            Box("label", ["Label"], 3, 1, kind="Inference"),
        ],
        [
            Arrow("examples", "learning", f"batch of {recipe.batch}"),
            Arrow("learning", "loss", "scores"),
            Arrow("loss", "optimizer", "gradient"),
            Arrow("optimizer", "learning", side="left"),
            Arrow("learning", "frozen"),
            Arrow("unseen", "frozen"),
            Arrow("frozen", "shares"),
            Arrow("shares", "label", "largest"),
        ],
        title="Training goes round in a loop; inference goes through once",
        subtitle=f"The network has {weights} weights.",
        description="Two columns. Training: digits with labels go through the network, the loss compares, the optimizer "
        "changes the weights, and so on. Inference: an unseen digit goes through the frozen weights to a label.",
        source="drawn from the notebook's settings",
    )


def loss_by_epoch(history: pd.DataFrame) -> alt.Chart:
    """Return the loss on the digits learned from and on unseen ones, by epoch."""
    names = {"learn_loss": "Digits that it learns from", "unseen_loss": "Unseen digits"}
    long = history.melt("epoch", value_vars=list(names), var_name="on", value_name="loss").replace({"on": names})
    first, last = history.iloc[0], history.iloc[-1]
    shown = numerals.whole(last["epoch"])
    return figure(
        alt.Chart(long)
        .mark_line(point=True)
        .encode(
            x=alt.X("epoch:Q", title="Epoch: passes over the digits", axis=alt.Axis(format="d", tickMinStep=1)),
            y=alt.Y("loss:Q", title="Loss, nats", scale=alt.Scale(domainMin=0)),
            color=alt.Color("on:N", title=None, sort=list(names.values())),
            tooltip=tips("on:N | On", "epoch:Q | Epoch", "loss:Q | Loss, nats | .3f"),
        )
        .properties(height=260),
        title="Epoch by epoch, the network learns to read digits",
        subtitle=(
            f"In {shown} epochs the loss on unseen digits falls from {numerals.significant(first['unseen_loss'])} to "
            f"{numerals.significant(last['unseen_loss'])} nats, on those it learns from to "
            f"{numerals.significant(last['learn_loss'])}."
        ),
        description="Lines of the cross-entropy by epoch. "
        + "; ".join(
            f"epoch {row.epoch:.0f}: {row.learn_loss:.3f} on digits learned from, {row.unseen_loss:.3f} on unseen ones"
            for row in history.iloc[[0, 1, len(history) // 2, -1]].itertuples()
        )
        + ".",
        source=SOURCE,
    )


def labelled(network: Network, unseen: Digits, count: int = 12) -> alt.LayerChart:
    """Return unseen digits with the label and its probability; those that are labelled wrong come first."""
    shares = softmax(network(unseen.x))
    given = shares.argmax(axis=-1)
    wrong = np.flatnonzero(given != unseen.labels)
    right = np.flatnonzero(given == unseen.labels)
    chosen = [*wrong[: count // 3], *right[: count - min(len(wrong), count // 3)]]
    captions = [
        f"{given[n]}: {numerals.percent(shares[n].max())}" + (f"\nis a {unseen.labels[n]}" if n in wrong else "") for n in chosen
    ]
    side = digits.SIDE
    return figure(
        tiles([unseen.x[n].reshape(side, side) for n in chosen], captions, columns=4),
        title="How the trained network labels digits that it never saw",
        subtitle=(
            f"With frozen weights it labels {numerals.whole(len(right))} of {numerals.whole(len(unseen))} unseen digits "
            f"right; here {numerals.whole(min(len(wrong), count // 3))} that it does not, and others."
        ),
        description="Images of digits with the network's label: "
        + "; ".join(caption.replace("\n", ", ") for caption in captions)
        + ".",
        source=SOURCE,
    )


def by_element(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the accuracy by element and variant, a point for each seed."""
    means = frame.groupby("variant", sort=False)["accuracy"].mean()
    first = frame["variant"].iloc[0]
    named = frame.assign(
        label=[
            f"{row.variant if row.variant != first else 'All as in the recipe'}: {numerals.percent(means[row.variant], 3)}"
            for row in frame.itertuples()
        ]
    )
    spread = frame.groupby("element", sort=False)["accuracy"].min()
    least = means.drop(first).idxmin()
    return figure(
        rows(
            named[["label", "element", "accuracy"]],
            label="label",
            mark="point",
            x=alt.X(
                "accuracy:Q",
                title="Accuracy on unseen digits, a point for each seed",
                scale=alt.Scale(domain=[min(0.9, float(spread.min())), 1], nice=True),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            colour=alt.Color("element:N", title=None, sort=list(spread.index)),
            tooltip=tips("element:N | Element", "label:N | Variant, mean", "accuracy:Q | Accuracy | .1%"),
        ),
        title="The recipe, with one element changed at a time",
        subtitle=(
            f"The recipe reaches {numerals.percent(means[first], 3)}; with one element changed alone, anything from "
            f"{numerals.percent(means.drop(first).min(), 3)} ({least.lower()}) to "
            f"{numerals.percent(means.drop(first).max(), 3)}."
        ),
        description="Points of accuracy by element and variant, means: "
        + "; ".join(f"{variant} {numerals.percent(mean, 3)}" for variant, mean in means.items())
        + ".",
        source=SOURCE,
    )
