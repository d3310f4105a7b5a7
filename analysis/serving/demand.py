"""What a day asks of a service: questions, characters and tokens by language and tokenizer, and their hours.

The deck counts a question and its answer as one number of characters and spreads them evenly over the day. Here the
prompt and the answer stand apart, since reading a token and writing one cost different things, and the day has hours.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario
from analysis.suggest import nearest

DAY_SECONDS = 86400.0
HOURS = 24

#: Short names of the texts that data/tokenizer_ratios.csv counts. The deck's 字 are Chinese characters alone.
TEXTS = {
    "Chinese characters": "zh: this deck, Chinese characters only",
    "Chinese with punctuation": "zh: this deck, Chinese characters and Chinese punctuation only",
    "Chinese with numbers and English": "zh: this deck (whole text, 57% Chinese characters, whitespace removed)",
    "classical Chinese": "zh: Analects (Lunyu)",
    "English news": "en: Brown corpus news (ca01-ca20)",
    "English drama": "en: tinyshakespeare (first 300k chars)",
}


class DemandError(ValueError):
    """A demand that can't be; the message names the quantity, what was given and what is allowed."""


@dataclass(frozen=True)
class Demand:
    """Questions a day, and the tokens of each: numbers, or arrays of one shape.

    A share `cached` of the prompt's tokens is known from an earlier question and is not read again.
    `peak_to_mean` is the load of the busiest hour over the day's mean; 1 is a flat day.
    """

    questions_per_day: PerCase
    prompt_tokens: PerCase
    answer_tokens: PerCase
    cached: PerCase = 0.0
    peak_to_mean: PerCase = 1.0

    def __post_init__(self) -> None:
        within(DemandError, "questions_per_day", self.questions_per_day, 0)
        within(DemandError, "prompt_tokens", self.prompt_tokens, 0)
        within(DemandError, "answer_tokens", self.answer_tokens, 0)
        within(DemandError, "cached", self.cached, 0, 1)
        within(DemandError, "peak_to_mean", self.peak_to_mean, 1)

    @property
    def input_tokens_per_day(self) -> PerCase:
        """Tokens of all prompts of a day, those known from earlier ones included."""
        return self.questions_per_day * self.prompt_tokens

    @property
    def output_tokens_per_day(self) -> PerCase:
        """Tokens of all answers of a day."""
        return self.questions_per_day * self.answer_tokens

    @property
    def questions_per_second(self) -> PerCase:
        """Questions a second, on the mean of the day."""
        return self.questions_per_day / DAY_SECONDS

    @property
    def peak_questions_per_second(self) -> PerCase:
        """Questions a second in the busiest hour."""
        return self.questions_per_second * self.peak_to_mean


def of_visits(
    visits_per_day: PerCase,
    questions_per_visit: PerCase,
    characters_per_question: PerCase,
    answer_share: PerCase,
    tokens_per_character: PerCase,
    **more: Any,
) -> Demand:
    """Return the demand of a day's visits; `answer_share` (0 to 1) of a question's characters are the answer's.

    Its tokens are those of `sizing.tokens_per_day`. Raises DemandError.
    """
    within(DemandError, "visits_per_day", visits_per_day, 0)
    within(DemandError, "questions_per_visit", questions_per_visit, 0)
    within(DemandError, "characters_per_question", characters_per_question, 0)
    within(DemandError, "answer_share", answer_share, 0, 1)
    within(DemandError, "tokens_per_character", tokens_per_character, 0)
    tokens = sizing.tokens_per_day(1.0, 1.0, characters_per_question, tokens_per_character)
    questions = visits_per_day * questions_per_visit
    return Demand(questions, tokens * (1 - answer_share), tokens * answer_share, **more)


def of_scenario(scenario: Scenario, answer_share: PerCase, **more: Any) -> Demand:
    """Return the demand that `scenario` assumes, with `answer_share` of its characters in the answers."""
    return of_visits(
        scenario.visits_per_day,
        scenario.questions_per_visit,
        scenario.characters_per_question,
        answer_share,
        scenario.tokens_per_character,
        **more,
    )


# Tokenizers ----------------------------------------------------------------------------------------------------------


@cache
def tokenizer_ratios() -> pd.DataFrame:
    """Return tokens a character (and an English word, NaN for Chinese) by tokenizer and text, one row a pair."""
    rows = facts.read("tokenizer_ratios")
    named = {text: name for name, text in TEXTS.items()}
    return pd.DataFrame(
        {
            "tokenizer": rows["tokenizer"],
            "text": rows["text"].map(named).fillna(rows["text"]),
            "language": rows["text"].str[:2].map({"zh": "Chinese", "en": "English"}),
            "tokens_per_character": rows["tokens"] / rows["chars"],
            "tokens_per_word": (rows["tokens"] / rows["words_en"]).where(rows["text"].str.startswith("en")),
        }
    )


def tokens_per_character(tokenizer: str, text: str = "Chinese characters") -> float:
    """Return the tokens that one character of `text` becomes. Raises DemandError for an unknown name."""
    ratios = tokenizer_ratios().set_index(["tokenizer", "text"])["tokens_per_character"]
    for what, name, known in (("tokenizer", tokenizer, ratios.index.levels[0]), ("text", text, TEXTS)):
        if name not in known:
            hint = nearest(name, known)
            raise DemandError(f"{what} {name!r} is not in data/tokenizer_ratios.csv{hint} Known: {', '.join(known)}")
    return float(ratios[tokenizer, text])


# The day -------------------------------------------------------------------------------------------------------------


@cache
def measured_profile(service: str = "conversation", days: str = "working days") -> np.ndarray:
    """Return 24 weights of mean 1, one an hour of universal time, of a measured `service` (data/load_profile.csv).

    `days` is "working days", "weekend" or "week". One week of one provider in 2024: a whole country's or one
    product's day is less even than a world-wide one, so treat it as one of several possible days.
    """
    rows = facts.read("load_profile")
    chosen = {"working days": (0, 5), "weekend": (5, 7), "week": (0, 7)}
    for what, name, known in (("service", service, sorted(set(rows["service"]))), ("days", days, chosen)):
        if name not in known:
            raise DemandError(f"{what} {name!r} is not one of {', '.join(known)}{nearest(name, known)}")
    starts = pd.to_datetime(rows["starts"])
    first, last = chosen[days]
    wanted = (rows["service"] == service) & (starts.dt.day_of_week >= first) & (starts.dt.day_of_week < last)
    hourly = rows[wanted].groupby(starts.dt.hour)["requests_per_minute"].mean().to_numpy()
    weights: np.ndarray = hourly / hourly.mean()
    return weights


def profile(peak_to_mean: float, shape: np.ndarray | None = None) -> np.ndarray:
    """Return 24 weights of mean 1 whose largest is `peak_to_mean`: `shape` drawn towards the mean, or away from it.

    An assumption, not a measurement; `shape` is the measured day of conversations if left out. Raises DemandError
    where an hour would have less than nothing.
    """
    shape = measured_profile() if shape is None else np.asarray(shape, dtype=float)
    if shape.shape != (HOURS,) or (shape < 0).any() or not shape.sum() > 0:
        raise DemandError(f"a daily profile has {HOURS} weights, none negative and not all 0; given: {shape.tolist()}")
    within(DemandError, "peak_to_mean", peak_to_mean, 1)
    weights = shape / shape.mean()
    if peak_to_mean == 1:
        return np.ones(HOURS)
    if weights.max() == 1:
        raise DemandError("a flat shape has no peak that could be raised; give another shape")
    factor = (peak_to_mean - 1) / (weights.max() - 1)
    stretched: np.ndarray = 1 + (weights - 1) * factor
    if stretched.min() < 0:
        most = 1 + (weights.max() - 1) / (1 - weights.min())
        raise DemandError(f"peak_to_mean {peak_to_mean:g} leaves an hour below nothing with this shape; allowed: 1 to {most:.3g}")
    return stretched


def peak_to_mean(weights: PerCase) -> float:
    """Return the load of the busiest hour over the mean."""
    weights = np.asarray(weights, dtype=float)
    return float(weights.max() / weights.mean())


def request_lengths(service: str = "conversation") -> pd.DataFrame:
    """Return the measured lengths of prompts and answers of `service` (data/request_lengths.csv), by quantity.

    `variation` is the squared coefficient of variation: variance over the mean squared.
    """
    rows = facts.read("request_lengths")
    if service not in set(rows["service"]):
        known = sorted(set(rows["service"]))
        raise DemandError(f"service {service!r} is not one of {', '.join(known)}{nearest(service, known)}")
    rows = rows[rows["service"] == service].set_index("quantity")
    rows["variation"] = (rows["standard_deviation_tokens"] / rows["mean_tokens"]) ** 2
    return rows


# Published demand ----------------------------------------------------------------------------------------------------

#: Periods of published figures, in days.
_PERIODS = {"minute": 1 / 1440, "day": 1.0, "week": 7.0, "month": 365 / 12, "year": 365.0}


def published(what: str) -> pd.DataFrame:
    """Return published demand a day: `what` is "searches", "tokens" or "messages". Raises DemandError.

    Columns: date (the middle of the period that the source names), organisation, product, per_day, verified, note.
    Where tokens that are read and written are published apart, one row has their sum in place of both.
    """
    kinds = ("searches", "tokens", "messages")
    if what not in kinds:
        raise DemandError(f"published demand of {what!r} is not known{nearest(what, kinds)} Known: {', '.join(kinds)}")
    rows = facts.read("demand")
    units = {f"{what}/{name}": days for name, days in _PERIODS.items()}
    rows = rows[rows["unit"].isin(units) & ~rows["metric"].str.startswith("peak")].reset_index(drop=True)
    rows["per_day"] = rows["value"] / rows["unit"].map(units)
    parts = rows["metric"].isin(["input tokens per day", "output tokens per day"])
    keys = ["date", "organisation"]
    summed = (
        rows[parts]
        .groupby([*keys, "product"], as_index=False)
        .agg(per_day=("per_day", "sum"), verified=("verified", "first"), note=("note", "first"))
    )
    doubled = rows.set_index(keys).index.isin(summed.set_index(keys).index)
    rows = pd.concat([rows[~doubled], summed], ignore_index=True)
    rows["date"] = rows["date"].map(_middle)
    columns = ["date", "organisation", "product", "per_day", "verified", "note"]
    return rows[columns].sort_values(["organisation", "product", "date"], ignore_index=True)


def published_parts(organisation: str) -> dict[str, float]:
    """Return the tokens a day that `organisation` reads ("input") and writes ("output"). Raises DemandError."""
    rows = facts.read("demand")
    metrics = {"input tokens per day": "input", "output tokens per day": "output"}
    parts = rows[rows["metric"].isin(metrics)]
    said = parts[parts["organisation"] == organisation]
    if said.empty:
        known = sorted(set(parts["organisation"]))
        hint = nearest(organisation, known)
        raise DemandError(f"{organisation!r} publishes no such tokens{hint} Known: {', '.join(known)}")
    return {metrics[row.metric]: float(row.value) for row in said.itertuples()}


def _middle(date: str) -> pd.Timestamp:
    """Return the middle of a day, month or year, or of a range of years (`2012/2015`)."""
    first, last = date.split("/") if "/" in date else (date, date)
    begin, end = pd.Period(first).start_time, pd.Period(last).end_time
    return (begin + (end - begin) / 2).normalize()
