"""GPT-1 to GPT-3: the parameters that papers print, beside those that the ledger counts from the shapes as printed.

GPT-2's printed sizes are smaller than its shapes. Counted with the vocabulary of GPT-1, all four agree to the printed
digit: the paper seems to have counted with the older vocabulary. The paper does not say so; the arithmetic does.
"""

from dataclasses import replace

import pandas as pd

from analysis import facts
from analysis.models import breakdown, ledger
from analysis.models.architecture import Architecture, load
from analysis.suggest import nearest

#: Sizes whose shape the GPT-3 paper misprints, as data/gpt3_sizes.csv has them.
MISPRINTED = ("GPT-3 XL", "GPT-3 13B")
#: Its own paper prints no size; that of GPT-2 does, for its smallest model, "equivalent to the original GPT".
PRINTS_NO_SIZE = "GPT-1"


class FamilyError(ValueError):
    """A model that is not among GPT-1 to GPT-3; the message names the nearest."""


def table() -> pd.DataFrame:
    """Return GPT-1 to GPT-3 by date: what is printed, what is counted, and whether the two agree to the last digit.

    `counted` is from the shape as printed; `other` the count under the explanation of `why`, where the two need one. `apart`
    and `other_apart` are shares of the printed size; `own` says whether a model's own paper prints its size.
    """
    frame = facts.read("gpt_family")
    frame["own"] = frame["model"] != PRINTS_NO_SIZE
    frame["counted"] = [ledger.parameters(as_printed(name)) for name in frame["model"]]
    others = [_other(name) for name in frame["model"]]
    frame["other"] = [count for count, _ in others]
    frame["why"] = [why for _, why in others]
    for counted, apart, agrees in (("counted", "apart", "agrees"), ("other", "other_apart", "other_agrees")):
        frame[apart] = frame[counted] / frame["printed_parameters"] - 1
        frame[agrees] = (frame[counted] - frame["printed_parameters"]).abs() <= frame["printed_step"] / 2
    return frame


def model(name: str) -> pd.Series:
    """Return the row of one model. Raises FamilyError."""
    frame = table().set_index("model")
    if name not in frame.index:
        raise FamilyError(f"model {name!r} is not among GPT-1 to GPT-3{nearest(name, frame.index)}")
    return frame.loc[name]


def as_printed(name: str) -> Architecture:
    """Return the shape of a model as its paper prints it, misprints included."""
    if name not in MISPRINTED:
        return load(name)
    row = facts.read("gpt3_sizes").set_index("model").loc[name]
    return breakdown.with_width_and_heads(load(name), int(row["d_model"]), int(row["n_heads"]))


def _other(name: str) -> tuple[float, str]:
    """Return another count of the model's parameters and what it rests on; NaN and nothing where none is needed."""
    if name.startswith("GPT-2"):
        return ledger.parameters(replace(load(name), vocab_size=load("GPT-1").vocab_size)), "with GPT-1's vocabulary"
    if name in MISPRINTED:
        return ledger.parameters(load(name)), "from the shape put right"
    return float("nan"), ""
