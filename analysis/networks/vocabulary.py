"""The vocabulary (词表): all tokens that a network knows, each with its number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

PADDING, START, END = "<pad>", "<start>", "<end>"
_SPECIAL = (PADDING, START, END)


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of all languages, in the order of their numbers; the first three stand for padding, start and end."""

    tokens: tuple[str, ...]

    @classmethod
    def from_words(cls, *languages: Iterable[str]) -> "Vocabulary":
        """Return the vocabulary of the given words, the special tokens before them."""
        return cls((*_SPECIAL, *(word for language in languages for word in language)))

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def padding(self) -> int:
        return self.tokens.index(PADDING)

    @property
    def start(self) -> int:
        return self.tokens.index(START)

    @property
    def end(self) -> int:
        return self.tokens.index(END)

    @cached_property
    def numbered(self) -> dict[str, int]:
        """The number of each token."""
        return {token: number for number, token in enumerate(self.tokens)}

    def numbers(self, tokens: Iterable[str]) -> list[int]:
        """Return the number of each of the `tokens`. Raises KeyError for one that is not in the vocabulary."""
        return [self.numbered[token] for token in tokens]

    def read(self, numbers: Iterable[int]) -> list[str]:
        """Return the tokens of the `numbers` up to the first end, without start and padding."""
        tokens = []
        for number in numbers:
            if number == self.end:
                break
            if number not in (self.start, self.padding):
                tokens.append(self.tokens[number])
        return tokens

    def batch(self, sequences: Sequence[Sequence[int]], length: int | None = None) -> np.ndarray:
        """Return sequences of token numbers as one array (sequences, length), the shorter ones padded at their end."""
        length = max(map(len, sequences)) if length is None else length
        padded = np.full((len(sequences), length), self.padding)
        for row, sequence in enumerate(sequences):
            padded[row, : len(sequence)] = sequence
        return padded
