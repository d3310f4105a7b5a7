"""Drafts of speculative decoding: who makes them, how many, and how often they are accepted, from published rates.

A model trained to predict further tokens (multi-token prediction, MTP) drafts with the layers that do; for any other, a head
of one layer that was trained for it (EAGLE-3; Li et al. 2025). Rates depend on the text and the draft's training:
data/draft_acceptance.csv has what was published, as accepted drafts or as tokens a step, from which the rate follows as if
each draft had the same chance.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.inference import pass_time
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.serving.serving_queue import ServingError
from analysis.suggest import nearest

#: Numbers of tokens that a head drafts a step, of which the search takes the best.
LENGTHS = (1, 2, 3)
#: The draft of a model that has none of its own.
HEAD = "EAGLE-3"
#: The text of which rates are taken where nothing else is said; and the name of rates over texts of all kinds.
TEXT, ALL_TEXTS = "conversation", "mixed"
_BISECTIONS = 40


@dataclass(frozen=True)
class Drafts:
    """`tokens` drafted a step by `method`, each accepted with probability `acceptance` if those before it were.

    `memory_share` is what the draft's weights add to the model's.
    """

    method: str
    tokens: int
    acceptance: float
    memory_share: float = 0.0

    @property
    def tokens_per_step(self) -> float:
        """Tokens that a step writes, on average."""
        return float(pass_time.tokens_per_step(self.tokens, self.acceptance))


def of_model(model: Architecture, text: str = TEXT) -> tuple[Drafts, ...]:
    """Return the drafts that `model` can have for a kind of `text`.

    Its own layers draft where its shape has some, or a published rate is of them: as many tokens as there are layers, since
    one that is used again was not trained for it; weights that are not known are a layer's. A head drafts any of `LENGTHS`.
    Raises ServingError for a text of which no rate is published.
    """
    rows = published()
    if not model.mtp_layers and model.name not in set(rows["model"][rows["method"] == "MTP"]):
        return tuple(Drafts(HEAD, tokens, acceptance(HEAD, text), 1 / model.n_layers) for tokens in LENGTHS)
    count = sum(copies for _, copies in model.mtp_layers) or 1
    share = ledger.mtp_parameters(model) / ledger.parameters(model) or 1 / model.n_layers
    return (Drafts("MTP", count, acceptance("MTP", text), share),)


@cache
def acceptance(method: str, text: str = TEXT) -> float:
    """Return the probability that a draft by `method` is accepted: the median of those published for `text`.

    Where none is, that of texts of all kinds. Raises ServingError for a method or a text without a row.
    """
    table = published()
    for what, name in (("method", method), ("text", text)):
        if name not in set(table[what]):
            known = sorted(set(table[what]))
            raise ServingError(f"{what} {name!r} of drafts is not one of {', '.join(known)}{nearest(name, known)}")
    rows = table[table["method"] == method]
    rows = rows[rows["text"] == (text if text in set(rows["text"]) else ALL_TEXTS)]
    return float(rows["acceptance"].median())


@cache
def published() -> pd.DataFrame:
    """Return the rows of data/draft_acceptance.csv with the `acceptance` of one draft, computed where tokens a step are said."""
    rows = facts.read("draft_acceptance")
    computed = [_solved(row.tokens_per_step, row.draft_tokens) for row in rows.itertuples()]
    return rows.assign(acceptance=rows["acceptance"].fillna(pd.Series(computed, index=rows.index)))


def _solved(tokens_per_step: float, drafted: float) -> float:
    """Return the acceptance at which `drafted` tokens make `tokens_per_step`, by bisection; NaN where that is not known."""
    if not np.isfinite(tokens_per_step):
        return np.nan
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        short = pass_time.tokens_per_step(drafted, middle) < tokens_per_step
        low, high = (middle, high) if short else (low, middle)
    return high
