"""Tables of the chapters on learning, as DataFrames of text."""

import math
from collections.abc import Sequence

import pandas as pd

from analysis import numerals
from analysis.networks import reach, recall
from analysis.networks.learning_curves import EXAMPLES, examples_needed


def digits_needed(frame: pd.DataFrame, targets: Sequence[float] = (0.8, 0.9, 0.95)) -> pd.DataFrame:
    """Return how many digits bring each model to each accuracy, and how much it knows by heart of the fewest.

    `frame` is what `learning_curves.by_examples` returns.
    """
    rows = []
    for model, of_model in frame.groupby("model", sort=False):
        curve = of_model.groupby("examples")["accuracy"].mean()
        few = of_model[of_model["examples"] == EXAMPLES[0]]
        weights = of_model["weights"].iloc[0]
        rows.append(
            {"Model": model, "Weights": "–" if math.isnan(weights) else numerals.whole(weights)}
            | {f"Digits for {numerals.percent(target)}": needed(curve, target) for target in targets}
            | {
                f"Right of the {EXAMPLES[0]} learned from": numerals.percent(few["learnt"].mean()),
                "Of unseen ones then": numerals.percent(few["accuracy"].mean()),
            }
        )
    return pd.DataFrame(rows)


def needed(curve: pd.Series, target: float) -> str:
    """Return how many digits bring a `curve` to the accuracy `target`, as text."""
    examples = examples_needed(curve, target)
    return numerals.significant(examples, 2) if math.isfinite(examples) else f"more than {numerals.whole(curve.index[-1])}"


def serial_work(lengths: Sequence[int]) -> pd.DataFrame:
    """Return, for sequences of these `lengths`, how many products wait for each other in the recurrent layer and in
    attention, and the FLOP of each, at the widths of the recall task."""
    return pd.DataFrame(
        [
            {"Tokens": numerals.whole(length)}
            | {
                f"{name}: {column}": text
                for kind, name in (("plain", "RNN"), ("attention", "Attention"))
                for column, text in (
                    ("in a row", numerals.whole(reach.products_in_a_row(kind, length))),
                    ("FLOP", numerals.words(reach.flop(kind, length, recall.SYMBOLS + 1, recall.WIDTH))),
                )
            }
            for length in lengths
        ]
    )
