"""The substitution task: each sequence has a rule of its own, and shows it by examples (GPT-3's figure 1.1 in miniature).

A rule is a permutation: it replaces each of 16 small letters by a capital of its own, as a simple cipher does. A sequence
is a letter, its capital, another letter, its capital, and so on; letters may come again. What follows a letter can be known
only from the examples before it, since no rule is used twice. `python -m training.substitution` trains a model of each size.
"""

from functools import cache

import numpy as np

from analysis.networks import language_model, weights
from analysis.networks.language_model import LanguageModel
from analysis.networks.vocabulary import Vocabulary
from analysis.suggest import nearest

LETTERS = "abcdefghijklmnop"
SYMBOLS = len(LETTERS)
#: The most examples that a model reads before a query.
EXAMPLES = 32
#: Small letters are the tokens from 0, capitals those from SYMBOLS; the task needs no padding, start or end.
VOCABULARY = Vocabulary((*LETTERS, *LETTERS.upper()))
_HEAD = 16  # the width of a head

#: How `training/substitution.py` trains each size: steps, sequences a step, and what they are drawn from.
STEPS, BATCH, SEED = 2000, 32, 20320
#: The first SHORT_STEPS of them read more sequences, each of this many examples: looking up is found sooner where there is less
#: to look through.
SHORT, SHORT_STEPS = 8, 1200

ARCHITECTURES = {
    size: language_model.architecture(
        f"Substitution, {size}",
        vocabulary=len(VOCABULARY),
        context=2 * EXAMPLES + 1,
        n_layers=layers,
        d_model=width,
        n_heads=width // _HEAD,
        tied=False,
    )
    for size, layers, width in (("small", 2, 16), ("medium", 2, 32), ("large", 2, 64))
}
SIZES = tuple(ARCHITECTURES)


def rules(count: int, random: np.random.Generator) -> np.ndarray:
    """Return `count` rules, (count, SYMBOLS): the number of the capital that stands for each letter, any permutation alike."""
    return np.argsort(random.random((count, SYMBOLS)), axis=-1)


def sequences(rule: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """Return each of `letters` (count, n), numbers from 0, followed by its capital under `rule` (count, SYMBOLS), as tokens
    (count, 2n)."""
    capitals = SYMBOLS + np.take_along_axis(rule, letters, axis=-1)
    return np.stack([letters, capitals], axis=-1).reshape(len(letters), -1)


def drawn(count: int, random: np.random.Generator, examples: int = EXAMPLES) -> np.ndarray:
    """Return `count` sequences of `examples` and one query with its answer, (count, 2 · examples + 2), each of a rule of its
    own; each letter is any of SYMBOLS, alike and independent of the others."""
    return sequences(rules(count, random), random.integers(SYMBOLS, size=(count, examples + 1)))


def training_sequences(step: int, random: np.random.Generator) -> np.ndarray:
    """Return the sequences that training reads at `step`, counted from 1: as `drawn`, but the letters of each are any of so few,
    as often one alone as all that could be shown.

    Where letters come again often, there is more to learn from each sequence. What is right to answer stays the same: the rule
    says nothing of which letters come.
    """
    examples = SHORT if step <= SHORT_STEPS else EXAMPLES
    count = BATCH * EXAMPLES // examples
    few = random.integers(1, min(SYMBOLS, examples) + 1, size=(count, 1))
    tables = np.argsort(random.random((count, SYMBOLS)), axis=-1)
    letters = np.take_along_axis(tables, (random.random((count, examples + 1)) * few).astype(int), axis=-1)
    return sequences(rules(count, random), letters)


def trained_rules() -> int:
    """Return how many sequences, and so rules, each size was trained on."""
    return BATCH * (SHORT_STEPS * EXAMPLES // SHORT + STEPS - SHORT_STEPS)


def first_batch() -> np.ndarray:
    """Return the first sequences that every size was trained on, (count, 2 · SHORT + 2)."""
    return training_sequences(1, np.random.default_rng(SEED))


def text(tokens: np.ndarray) -> str:
    """Return a sequence (n,) as people write it: "a→K c→B d→"."""
    pairs = ["→".join(VOCABULARY.tokens[token] for token in tokens[at : at + 2]) for at in range(0, len(tokens), 2)]
    return " ".join(pairs) + "→" * (len(tokens) % 2)


def known_size(size: str) -> str:
    """Return `size`, if there is a model of it. Raises ValueError, which names the nearest."""
    if size not in SIZES:
        raise ValueError(f"{size!r} is no size of the model{nearest(size, SIZES)}; there are: {', '.join(SIZES)}")
    return size


def arrays(size: str) -> dict[str, np.ndarray]:
    """Return the trained weights of a size, by name. Raises ValueError for an unknown one, WeightsError."""
    start = f"{known_size(size)}."
    return {name.removeprefix(start): array for name, array in weights.load("substitution").items() if name.startswith(start)}


@cache
def load(size: str) -> LanguageModel:
    """Return the trained model of a size. Raises ValueError for an unknown one, WeightsError."""
    return LanguageModel.from_arrays(ARCHITECTURES[known_size(size)], arrays(size))
