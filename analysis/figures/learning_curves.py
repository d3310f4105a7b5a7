"""Performance against the amount of data, for models of several sizes."""

import altair as alt
import pandas as pd

from analysis import comparing, numerals
from analysis.figures.bands import bands, listed
from analysis.figures.learning import SOURCE
from analysis.figures.render import figure
from analysis.figures.tooltips import tips


def curves(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the error on unseen digits by examples and model, in bands over the seeds, both axes logarithmic.

    `frame` is what `learning_curves.by_examples` returns.
    """
    named = frame.assign(name=[_name(row) for row in frame.itertuples()], error=1 - frame["accuracy"])
    few, many = frame["examples"].min(), frame["examples"].max()
    # No error at all has no place on a logarithmic axis; one digit of the unseen is the least that can be told apart.
    named["error"] = named["error"].clip(lower=1e-3)
    return figure(
        bands(
            named,
            over="examples",
            value="error",
            by="name",
            x=alt.X(
                "examples:Q",
                title="Digits learned from",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=sorted(frame["examples"].unique()), format=",d"),
            ),
            y=alt.Y(
                "error:Q",
                title="Unseen digits labelled wrong",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=[0.003, 0.01, 0.03, 0.1, 0.3, 1], format="~%"),
            ),
            tooltip=tips(
                "name:N | Model",
                "examples:Q | Digits",
                "error:Q | Error, mean | .1%",
                "low:Q | Lowest | .1%",
                "high:Q | Highest | .1%",
            ),
        ),
        title="How methods learn from a few examples, and from many",
        subtitle=(
            f"Of unseen digits, most are labelled right from {few} by the {_best(frame, few)}; from {numerals.whole(many)}, by "
            f"the {_best(frame, many)}."
        ),
        description="Share of unseen digits labelled wrong by number of digits learned from, both logarithmic, means over "
        "seeds. " + listed(named, over="examples", value="error", by="name", text=lambda share: numerals.percent(share)) + ".",
        source=f"{SOURCE}; support vector machine: scikit-learn",
    )


def _best(frame: pd.DataFrame, examples: int) -> str:
    """Return the model that labels most right from so many examples, with those that chance does not tell from it."""
    draws = frame[frame["examples"] == examples].pivot(index="seed", columns="model", values="accuracy")
    leading = comparing.leaders(draws)
    names = [leading[0].lower(), *(f"the {name.lower()}" for name in leading[1:])]
    best = comparing.mean(draws[leading[0]]).written(lambda share: numerals.percent(share, 3))
    return f"{' or '.join(names)} ({best}{', within noise' if leading[1:] else ''})"


def _name(row) -> str:
    return row.model if pd.isna(row.weights) else f"{row.model}: {numerals.whole(row.weights)} weights"
