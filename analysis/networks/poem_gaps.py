"""What GPT and BERT see of a poem: how predictions depend on other characters, and which character they put into a gap."""

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from analysis import comparing
from analysis.networks import language_model, poem_models, poems
from analysis.networks.attention import softmax
from analysis.networks.language_model import LanguageModel
from analysis.settings import Settings

FILL, CONTINUE = "Fill a gap", "Go on"


class Gap(Settings):
    """A text that both models read, and the `gap` in it: a character, counted from 1."""

    text: str = "千山鳥飛絕，萬逕人蹤滅。孤舟蓑笠翁，獨釣寒江雪。"
    gap: int = Field(7, ge=1)
    poems: int = Field(400, ge=1, le=len(poems.of_use(poems.TEST)))

    @field_validator("text")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        return poem_models.readable(text)

    @model_validator(mode="after")
    def _is_a_character(self) -> "Gap":
        if self.gap > len(self.text):
            raise ValueError(f"gap: {self.gap} is not valid: the text has {len(self.text)} characters; allowed are 1 to that")
        if self.text[self.gap - 1] in (poems.COMMA, poems.STOP):
            raise ValueError(f"gap: {self.gap} is not valid: there stands the mark {self.text[self.gap - 1]!r}, not a character")
        return self


def influence(model: LanguageModel, text: str, replacements: int = 8) -> np.ndarray:
    """Return by how much the prediction at each character changes when one character is replaced, (of, replaced).

    It is half the sum of the changes of all probabilities, from 0 to 1, and a mean over the `replacements`, the most
    frequent characters. GPT predicts a character from those before it; from BERT it is hidden.
    """
    words = poems.vocabulary()
    tokens = np.array([words.start, *words.numbers(text), words.end])
    first = words.numbers(poems.STOP)[0] + 1
    usual = _at_each(model, tokens[None])[0]
    influences = np.zeros((len(text), len(text)))
    for replaced in range(len(text)):
        changed = np.repeat(tokens[None], replacements, axis=0)
        changed[:, replaced + 1] = first + np.arange(replacements)
        others = changed[changed[:, replaced + 1] != tokens[replaced + 1]]
        influences[:, replaced] = (np.abs(_at_each(model, others) - usual).sum(axis=-1) / 2).mean(axis=0)
    return influences


def at_gap(kind: str, text: str, gap: int) -> np.ndarray:
    """Return the probability of every token at the character `gap` of `text`, counted from 1, (vocabulary,)."""
    words = poems.vocabulary()
    tokens = np.array([[words.start, *words.numbers(text), words.end]])
    return np.exp(_log_probabilities(kind, tokens, np.array([gap])))[0]


def right_at_gaps(count: int, seed: int = 0) -> pd.DataFrame:
    """Return how well each model predicts one character in each of `count` test poems, drawn by `seed`.

    To fill the gap, BERT sees all the rest; to go on, it sees what is before, and the marks. GPT sees what is before it in
    both. Columns: `task`, `kind`, `right`, the share whose likeliest character is right, `loss`, in nats, each with its
    standard error (`±`), and `over`, by how much the loss is above GPT's on the same characters.
    """
    generator = np.random.default_rng(seed)
    table = poems.of_use(poems.TEST).sample(count, random_state=seed)
    tokens = poems.tokens(table["text"])
    characters = tokens > poems.vocabulary().numbers(poems.STOP)[0]
    gaps = np.array([generator.choice(np.flatnonzero(row)) for row in characters])
    wanted = tokens[np.arange(count), gaps]
    later = characters & (np.arange(tokens.shape[1]) > gaps[:, None])
    without_later = np.where(later, poems.vocabulary().numbers([poems.MASK])[0], tokens)
    rows = []
    for task, seen in ((FILL, tokens), (CONTINUE, without_later)):
        losses: dict[str, np.ndarray] = {}
        for kind in poem_models.KINDS:
            log_p = _log_probabilities(kind, seen, gaps)
            losses[kind] = -log_p[np.arange(count), wanted]
            parts = {
                "right": comparing.share((log_p.argmax(axis=-1) == wanted).sum(), count),
                "loss": comparing.mean(losses[kind]),
                "over": comparing.mean(losses[kind] - losses["GPT"]),
            }
            values = {name: part.value for name, part in parts.items()}
            rows.append({"task": task, "kind": kind} | values | {f"{name} ±": part.error for name, part in parts.items()})
    return pd.DataFrame(rows)


def _log_probabilities(kind: str, tokens: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return the log-probabilities of the token at the place `gaps` (n,) of each row of `tokens` (n, length)."""
    model, words = poem_models.load(kind), poems.vocabulary()
    if not model.architecture.causal:
        tokens = tokens.copy()
        tokens[np.arange(len(tokens)), gaps] = words.numbers([poems.MASK])[0]
    at = gaps - 1 if model.architecture.causal else gaps

    def read(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
        mask = model.mask(rows.shape[1]) & (rows != words.padding)[:, None, :]
        at_places = model(rows, mask).normed[np.arange(len(rows)), places]
        return language_model.log_softmax(at_places @ model.unembedding)

    return language_model.in_batches(read, tokens, at)


def _at_each(model: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    """Return the probabilities of each character of `tokens` (rows, n + 2), (rows, n, vocabulary); BERT's is hidden."""
    if model.architecture.causal:
        return model(tokens[:, :-2]).probabilities
    mask_token = poems.vocabulary().numbers([poems.MASK])[0]
    log_p = []
    for place in range(1, tokens.shape[1] - 1):
        hidden = tokens.copy()
        hidden[:, place] = mask_token
        log_p.append(softmax(model(hidden).normed[:, place] @ model.unembedding))
    return np.stack(log_p, axis=1)
