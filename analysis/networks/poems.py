"""The poems that the small language models read: quatrains of the Tang and the Song, token by character.

A poem is written as `A，B。C，D。` in traditional script, between a start and an end token. Every use has its own poems.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.networks import language_model
from analysis.networks.vocabulary import Vocabulary

#: What a poem is for: to pre-train on, to label a task with, or to test.
PRETRAINING, LABELLED, TEST = "pre-training", "labelled", "test"
DYNASTIES = ("Tang", "Song")

#: Stands for a character that is hidden; stands between two texts.
MASK, DELIMITER = "<mask>", "<delim>"
COMMA, STOP = "，", "。"

#: Tokens of the longest poem: four lines of seven characters, each with its mark, between start and end; and a delimiter.
CONTEXT = 4 * 8 + 3


@cache
def table() -> pd.DataFrame:
    """Return `data/poems.csv`: by poem its `use`, `dynasty`, `author`, `lines` (a tuple of four) and `text` as it is read."""
    frame = facts.read("poems")
    frame["lines"] = [tuple(text.split()) for text in frame["text"]]
    frame["text"] = frame["lines"].map(written)
    return frame


def of_use(use: str) -> pd.DataFrame:
    """Return the poems of one use, counted from 0."""
    return table()[table()["use"] == use].reset_index(drop=True)


@cache
def vocabulary() -> Vocabulary:
    """Return the tokens: special ones and marks, then the characters by how often pre-training shows them."""
    counts = Counter(character for text in of_use(PRETRAINING)["text"] for character in text)
    marks = (COMMA, STOP)
    characters = sorted(set(counts) - set(marks), key=lambda character: (-counts[character], character))
    return Vocabulary.from_words((MASK, DELIMITER), marks, characters)


def written(lines: Iterable[str]) -> str:
    """Return lines with their marks: a comma after the first of two, a full stop after the second."""
    return "".join(line + (COMMA, STOP)[number % 2] for number, line in enumerate(lines))


def tokens(texts: Iterable[str]) -> np.ndarray:
    """Return each text between start and end, as a batch of token numbers (texts, n), padded. Raises PromptError."""
    words = vocabulary()
    most = CONTEXT - 2
    return words.batch([[words.start, *language_model.read(words, text, most, "text"), words.end] for text in texts])
