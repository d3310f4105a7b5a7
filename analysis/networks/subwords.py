"""Vocabularies of pieces of words, learned from text by byte-pair encoding (Sennrich et al. 2016), and what they cut a text into.

A list begins with single characters. Then, again and again, the two neighbours that stand side by side most often become one
token. A text is cut from the left, always at the longest token that fits, as BERT's tokenizer does; a character that is in
no list costs its bytes in UTF-8, a token each.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from analysis import facts
from analysis.networks import poems

#: How many pairs have been joined, step by step.
STEPS = (0, 8, 32, 128, 512)
#: The most frequent characters that a list begins with.
_CHARACTERS = 2000
#: Where English text is split before anything is joined: a word takes the space before it along.
_WORDS = re.compile(r" ?[A-Za-z]+| ?\d+| ?[^\sA-Za-z\d]+")
_LINES = re.compile(rf"[{poems.COMMA}{poems.STOP}]|[^{poems.COMMA}{poems.STOP}]+")


@dataclass(frozen=True)
class Pieces:
    """What was learned from one text: its `characters`, most frequent first, and the tokens `joined`, in their order."""

    characters: tuple[str, ...]
    joined: tuple[str, ...]

    def tokens(self, steps: int) -> set[str]:
        """Return the tokens after so many joins."""
        return {*self.characters, *self.joined[:steps]}


def learned(words: Iterable[str], joins: int = STEPS[-1]) -> Pieces:
    """Return the pieces that byte-pair encoding learns from `words`, across whose ends nothing is joined.

    Of pairs that are as frequent, the first in the order of characters is joined. It ends early where no pair comes twice.
    """
    counts = Counter(words)
    characters: Counter[str] = Counter()
    for text, count in counts.items():
        for character in text:
            characters[character] += count
    split = [(list(text), count) for text, count in counts.items()]
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, (parts, count) in enumerate(split):
        for pair in zip(parts, parts[1:], strict=False):
            pairs[pair] += count
            where[pair].add(number)
    pairs = Counter({pair: count for pair, count in pairs.items() if count > 1})  # the count of a pair that is there never grows
    joined: list[str] = []
    while len(joined) < joins:
        most = max(pairs.values(), default=0)
        if most < 2:
            break
        best = min(pair for pair, count in pairs.items() if count == most)
        joined.append("".join(best))
        for number in sorted(where.pop(best)):
            parts, count = split[number]
            for pair in zip(parts, parts[1:], strict=False):
                pairs[pair] -= count
                where[pair].discard(number)
            parts[:] = _join(parts, best)
            for pair in zip(parts, parts[1:], strict=False):
                pairs[pair] += count
                where[pair].add(number)
    frequent = sorted(characters, key=lambda character: (-characters[character], character))[:_CHARACTERS]
    return Pieces(tuple(frequent), tuple(dict.fromkeys(joined)))


def _join(parts: list[str], pair: tuple[str, str]) -> list[str]:
    made: list[str] = []
    place = 0
    while place < len(parts):
        both = tuple(parts[place : place + 2]) == pair
        made.append("".join(pair) if both else parts[place])
        place += 1 + both
    return made


@cache
def english() -> Pieces:
    """Return what is learned from the definitions of this book's glossary."""
    return learned(word for text in facts.read("glossary")["definition"] for word in _WORDS.findall(f" {text}"))


@cache
def chinese() -> Pieces:
    """Return what is learned from the poems for pre-training, whose lines and marks are its words."""
    return learned(part for text in poems.of_use(poems.PRETRAINING)["text"] for part in _LINES.findall(text))


def cut(text: str, tokens: set[str]) -> list[tuple[str, int]]:
    """Return the pieces that a text is cut into, each with how many tokens it costs: one, or the bytes of a character."""
    longest = max(map(len, tokens), default=1)
    pieces: list[tuple[str, int]] = []
    place = 0
    while place < len(text):
        token = next((text[place : place + size] for size in range(longest, 0, -1) if text[place : place + size] in tokens), None)
        piece = token or text[place]
        pieces.append((piece, 1 if token else len(piece.encode())))
        place += len(piece)
    return pieces
