"""GPT-1 to GPT-3: the parameters that their papers print, beside those that the ledger counts from the shape.

GPT-2's printed sizes are smaller than its shapes. Counted with the vocabulary of GPT-1, all four agree to the printed
digit: the paper seems to have counted with the older vocabulary. The paper does not say so; the arithmetic does.
"""

from dataclasses import replace

import pandas as pd

from analysis import facts
from analysis.models import breakdown, ledger
from analysis.models.architecture import load
from analysis.suggest import nearest

#: Sizes whose shape the GPT-3 paper misprints, as data/gpt3_sizes.csv has them.
MISPRINTED = ("GPT-3 XL", "GPT-3 13B")


class FamilyError(ValueError):
    """A model that is not among GPT-1 to GPT-3; the message names the nearest."""


def table() -> pd.DataFrame:
    """Return GPT-1 to GPT-3 by date: what is printed, what is counted, and whether the two agree to the last digit.

    `other` is the count under the explanation of `why`, where the printed size or shape needs one, and `other_agrees`
    whether that is what is printed. `apart` and `other_apart` are shares of the printed size.
    """
    frame = facts.read("gpt_family")
    frame["counted"] = [ledger.parameters(load(name)) for name in frame["model"]]
    others = [_other(name) for name in frame["model"]]
    frame["other"] = [count for count, _ in others]
    frame["why"] = [why for _, why in others]
    for counted, apart, agrees in (("counted", "apart", "agrees"), ("other", "other_apart", "other_agrees")):
        frame[apart] = frame[counted] / frame["printed_parameters"] - 1
        frame[agrees] = (frame[counted] - frame["printed_parameters"]).abs() <= frame["printed_step"] / 2
    return frame


def of(name: str) -> pd.Series:
    """Return the row of one model. Raises FamilyError."""
    frame = table().set_index("model")
    if name not in frame.index:
        raise FamilyError(f"model {name!r} is not among GPT-1 to GPT-3{nearest(name, frame.index)}")
    return frame.loc[name]


def _other(name: str) -> tuple[float, str]:
    """Return another count of the model's parameters and what it rests on; NaN and nothing where none is needed."""
    shape = load(name)
    if name.startswith("GPT-2"):
        return ledger.parameters(replace(shape, vocab_size=load("GPT-1").vocab_size)), "with GPT-1's vocabulary"
    if name in MISPRINTED:
        row = facts.read("gpt3_sizes").set_index("model").loc[name]
        printed = breakdown.with_width_and_heads(shape, int(row["d_model"]), int(row["n_heads"]))
        return ledger.parameters(printed), "from the printed shape"
    return float("nan"), ""
