"""The 30 answers of which GPT-2 was surest: is it right as often as its probabilities say? From data/gpt2_answers.csv."""

import numpy as np
import pandas as pd

from analysis import comparing, facts
from analysis.bounds import within


class AnswerError(ValueError):
    """A number of groups that can't be formed; the message says what is allowed."""


def table() -> pd.DataFrame:
    """Return the answers by probability, with `right` as a truth value."""
    frame = facts.read("gpt2_answers")
    return frame.assign(right=frame["correct"] == "yes")


def calibration(groups: int = 3) -> pd.DataFrame:
    """Return the answers in `groups` of about the same size, surest first: mean probability, share right, interval.

    The interval of the share is Clopper and Pearson's. Raises AnswerError.
    """
    frame = table()
    within(AnswerError, "groups", groups, 1, len(frame))
    parts = np.array_split(frame.sort_values("probability", ascending=False).index, int(groups))
    rows = []
    for part in (frame.loc[index] for index in parts):
        low, high = comparing.interval(int(part["right"].sum()), len(part))
        rows.append(
            {
                "answers": len(part),
                "from": part["probability"].min(),
                "to": part["probability"].max(),
                "probability": part["probability"].mean(),
                "right": part["right"].mean(),
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def expected() -> float:
    """Return how many answers would be right if each were with its own probability."""
    return float(table()["probability"].sum())


def chance_of_as_many() -> float:
    """Return the probability that at least as many answers are right as were, if each is with its own probability.

    The exact distribution of a sum of independent trials: one convolution an answer.
    """
    frame = table()
    distribution = np.ones(1)
    for probability in frame["probability"]:
        distribution = np.convolve(distribution, [1 - probability, probability])
    return float(distribution[int(frame["right"].sum()) :].sum())
