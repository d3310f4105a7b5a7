"""The probability of a text by the chain rule, and which order of its characters the small GPT finds likelier."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from analysis.networks import language_model, poem_models, poems
from analysis.networks.poem_models import readable
from analysis.settings import Settings


class Chain(Settings):
    """A text; the `swap`, the first of two neighbours that change places, counted from 1; and texts to compare it with,
    in which the same two change places."""

    text: str = "一顆蘋果"
    swap: int = Field(2, ge=1)
    others: tuple[str, ...] = ("一片孤雲", "一枝春色", "一葉孤舟", "一杯春酒", "萬里無雲")

    @field_validator("text")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        return readable(text)

    @field_validator("others")
    @classmethod
    def _others_can_be_read(cls, others: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(readable, others))

    @model_validator(mode="after")
    def _has_a_neighbour(self) -> "Chain":
        shortest = min(map(len, (self.text, *self.others)))
        if self.swap >= shortest:
            raise ValueError(f"swap: {self.swap} is not valid: the shortest text has {shortest} characters, so allowed are 1 to "
                             f"{shortest - 1}")  # fmt: skip
        return self


def swapped(text: str, place: int) -> str:
    """Return `text` with the characters at `place` and after it, counted from 1, in each other's place."""
    return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


def factors(text: str) -> pd.DataFrame:
    """Return by character the text `before` it, the `character`, and its `log_probability` given what is before, in nats."""
    tokens = np.array([poems.vocabulary().start, *poems.vocabulary().numbers(text)])
    log_p = language_model.next_log_probabilities(poem_models.load("GPT"), tokens)
    return pd.DataFrame(
        {
            "before": [text[:place] for place in range(len(text))],
            "character": list(text),
            "log_probability": log_p.astype(float),
        }
    )


def compared(texts: Iterable[str], place: int) -> pd.DataFrame:
    """Return for each text its `swapped` form, the log-probabilities of both, and how often its characters are trained on.

    `rarest` is the count of its rarest character in the poems of pre-training, `pairs` that of its rarest pair of neighbours.
    """
    trained = "".join(poems.of_use(poems.PRETRAINING)["text"])
    rows = []
    for text in texts:
        other = swapped(text, place)
        rows.append(
            {
                "text": text,
                "swapped": other,
                "log_probability": factors(text)["log_probability"].sum(),
                "log_probability_swapped": factors(other)["log_probability"].sum(),
                "rarest": min(map(trained.count, text)),
                "pairs": min(trained.count(text[start : start + 2]) for start in range(len(text) - 1)),
            }
        )
    return pd.DataFrame(rows)


def order_found(use: str = poems.TEST) -> pd.DataFrame:
    """Return how often the first lines of the poems of a use are likelier as they are than with two neighbours swapped.

    Columns: `length` of the line, `place` of the first of the two, counted from 1, `lines` in which they differ, and `right`,
    the share that is likelier as it is.
    """
    words, model = poems.vocabulary(), poem_models.load("GPT")
    comma = words.numbers(poems.COMMA)
    first = poems.of_use(use)["lines"].str[0]
    rows = []
    for length, lines in first.groupby(first.str.len()):
        numbered = np.array([[words.start, *words.numbers(line), *comma] for line in lines])
        likelihood = language_model.next_log_probabilities(model, numbered).sum(axis=-1)
        for place in range(1, length):
            other = numbered.copy()
            other[:, [place, place + 1]] = other[:, [place + 1, place]]
            differs = (other != numbered).any(axis=1)
            likelier = likelihood > language_model.next_log_probabilities(model, other).sum(axis=-1)
            rows.append({"length": length, "place": place, "lines": differs.sum(), "right": likelier[differs].mean()})
    return pd.DataFrame(rows)


def couplets_found(use: str = poems.TEST) -> float:
    """Return the share of couplets that are likelier as they are than with their two lines swapped."""
    words, model = poems.vocabulary(), poem_models.load("GPT")
    pairs = [lines[start : start + 2] for lines in poems.of_use(use)["lines"] for start in (0, 2)]

    def likelihoods(tokens: np.ndarray) -> np.ndarray:
        log_p = language_model.next_log_probabilities(model, tokens)
        return np.where(np.isin(tokens[:, 1:], (words.padding, words.end)), 0, log_p).sum(axis=-1)

    as_they_are, swapped_lines = (
        language_model.in_batches(likelihoods, poems.tokens(map(poems.written, these)))
        for these in (pairs, [pair[::-1] for pair in pairs])
    )
    return float((as_they_are > swapped_lines).mean())
