"""In-context learning measured: how often models of three sizes answer by a rule never seen, after so many examples.

Beside them stands the ideal learner, who knows how rules and letters are drawn, and nothing else (Bayes).
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from analysis.bounds import within
from analysis.comparing import interval
from analysis.networks import language_model, substitution
from analysis.networks.head_outputs import silenced
from analysis.networks.language_model import LanguageModel
from analysis.networks.substitution import EXAMPLES, SYMBOLS
from analysis.settings import Settings

#: The kinds of queries.
ALL, SHOWN, NEW = "all queries", "letter was shown", "letter was not shown"
#: What heads may do for it. In the end a letter has to look at the capitals that it had (FOUND). It can know where they are in
#: two ways: they have looked at the letter before them (BEFORE), or it has looked at its own earlier places (SAME), which are
#: beside them.
BEFORE, SAME, FOUND = "a capital, at the letter before it", "a letter, at itself earlier", "a letter, at the capitals that it had"
#: Sequences over which heads are told apart.
MEASURED = 200
_SEED, _PROMPT_SEED = 1, 4


class Asked(Settings):
    """What the models are asked: `sequences`, each of a rule that no model has seen; and one prompt that is looked into, of so
    many `examples`, read by the model of a `size`."""

    sequences: int = Field(1000, ge=100, le=4000)
    size: str = "large"
    examples: int = Field(10, ge=0, le=EXAMPLES)

    @field_validator("size")
    @classmethod
    def _known(cls, size: str) -> str:
        return substitution.known_size(size)


def distinct(examples: int, symbols: int = SYMBOLS) -> np.ndarray:
    """Return how probable it is that so many `examples` show 0, 1, ... `symbols` different letters, (symbols + 1,)."""
    probability = np.eye(symbols + 1)[0]
    shown = np.arange(symbols + 1)
    for _ in range(examples):
        probability = probability * shown / symbols + np.concatenate([[0], probability[:-1] * (symbols - shown[:-1]) / symbols])
    return probability


def ideal(examples: int, symbols: int = SYMBOLS) -> dict[str, float]:
    """Return how often the ideal learner is right after so many `examples`, by the kind of query.

    A letter that was shown has its capital beside it. For another, the capitals not seen yet are equally probable: after d
    different letters, 1 of `symbols` - d. A kind that can't occur is NaN.
    """
    chances = distinct(examples, symbols)
    shown = np.arange(symbols + 1)
    seen = chances @ shown / symbols
    # (symbols - d) / symbols that the letter is new, times 1 / (symbols - d) to be right, unless all were shown.
    new_and_right = (1 - chances[symbols]) / symbols
    return {
        ALL: float(seen + new_and_right),
        SHOWN: 1.0 if seen else float("nan"),
        NEW: float(new_and_right / (1 - seen)),
    }


def ideal_accuracy(examples: int) -> float:
    """Return how often the ideal learner is right over all queries."""
    return ideal(examples)[ALL]


def looked_up(examples: int, symbols: int = SYMBOLS) -> float:
    """Return how often one is right who looks up a letter that was shown and guesses any capital for another."""
    seen = distinct(examples, symbols) @ np.arange(symbols + 1) / symbols
    return float(seen + (1 - seen) / symbols)


def needed(accuracy: float, learner: Callable[[int], float]) -> int:
    """Return the fewest examples after which a `learner`, its accuracy by examples, reaches `accuracy`, which is below 1."""
    within(ValueError, "accuracy", accuracy, 0, 1 - 1e-9)
    return next(examples for examples in count() if learner(examples) >= accuracy)


def measured(asked: Asked) -> pd.DataFrame:
    """Return how often each size is right, by `size`, `examples` (0 to EXAMPLES) and kind of `query`.

    All sizes answer the same sequences, at every place of each: `trials` queries, of which `right` have the right letter as
    the likeliest, `accuracy`, between `low` and `high` (Clopper and Pearson's interval); `repeated` is the share of answers that
    stand in the prompt, right or wrong. A kind without trials has no row.
    """
    tokens = unseen(asked.sequences)
    shown = was_shown(tokens)
    rows = []
    for size in substitution.SIZES:
        given = answers(substitution.load(size), tokens)
        right, repeated = given == tokens[:, 1::2], was_given(given, tokens)
        for examples in range(EXAMPLES + 1):
            for query, chosen in ((ALL, slice(None)), (SHOWN, shown[:, examples]), (NEW, ~shown[:, examples])):
                hits = right[chosen, examples]
                if len(hits):
                    low, high = interval(int(hits.sum()), len(hits))
                    seen = repeated[chosen, examples].mean()
                    rows.append([size, examples, query, len(hits), int(hits.sum()), hits.mean(), low, high, seen])
    columns = ["size", "examples", "query", "trials", "right", "accuracy", "low", "high", "repeated"]
    return pd.DataFrame(rows, columns=columns)


def unseen(number: int) -> np.ndarray:
    """Return `number` sequences, each of a rule that no model was trained on, (number, 2 · EXAMPLES + 2)."""
    return substitution.drawn(number, np.random.default_rng(_SEED))


def answers(model: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    """Return the likeliest token after each letter of the sequences `tokens` (count, 2n): (count, n)."""
    return language_model.in_batches(lambda rows: model(rows[:, :-1]).logits[:, ::2].argmax(axis=-1), tokens)


def was_shown(tokens: np.ndarray) -> np.ndarray:
    """Return where the letter of a pair of `tokens` (count, 2n) stands in an earlier pair, (count, n)."""
    letters = tokens[:, ::2]
    return (_same(letters) & np.tri(letters.shape[1], k=-1, dtype=bool)).any(axis=-1)


def was_given(given: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return where the answers `given` (count, n) stand as a capital of an earlier pair of `tokens` (count, 2n), (count, n)."""
    capitals = tokens[:, 1::2]
    return ((given[:, :, None] == capitals[:, None, :]) & np.tri(capitals.shape[1], k=-1, dtype=bool)).any(axis=-1)


def looks(model: LanguageModel, tokens: np.ndarray) -> pd.DataFrame:
    """Return where each head of a model looks in `tokens` (count, 2n): `layer` and `head` from 1, the `job`, and its `weight`.

    `BEFORE`: what a capital gives to the letter before it. `SAME` and `FOUND`: what a letter that was shown gives to its earlier
    places, and to the capitals beside them, all together. Means over all such places.
    """
    passes = model(tokens[:, :-1]).layers
    rows = []
    for layer, passed in enumerate(passes, start=1):
        for head, weights in enumerate(np.swapaxes(passed.attention.weights, 0, 1), start=1):
            rows += [[layer, head, job, weight] for job, weight in jobs(weights, tokens).items()]
    return pd.DataFrame(rows, columns=["layer", "head", "job", "weight"])


def jobs(weights: np.ndarray, tokens: np.ndarray) -> dict[str, float]:
    """Return how far `weights` (count, 2n - 1, 2n - 1) do each job, on average over the places where it can be done."""
    letters = tokens[:, ::2]
    pairs = np.arange(letters.shape[1] - 1)
    before = weights[:, 2 * pairs + 1, 2 * pairs]
    earlier = _same(letters)[:, :, :-1] & np.tri(letters.shape[1], len(pairs), k=-1, dtype=bool)
    at_letters, at_capitals = ((weights[:, ::2, start : start + 2 * len(pairs) : 2] * earlier).sum(axis=-1) for start in (0, 1))
    shown = was_shown(tokens)
    return {BEFORE: float(before.mean()), SAME: float(at_letters[shown].mean()), FOUND: float(at_capitals[shown].mean())}


def even(tokens: np.ndarray) -> dict[str, float]:
    """Return what a head that gives all tokens before the same weight does of each job; see `looks`."""
    length = tokens.shape[1] - 1
    weights = np.tri(length) / np.arange(1, length + 1)[:, None]
    return jobs(np.broadcast_to(weights, (len(tokens), length, length)), tokens)


def strongest(model: LanguageModel, tokens: np.ndarray) -> pd.DataFrame:
    """Return the head of a model that does most of each job, a row each, by `job`; see `looks`."""
    looked = looks(model, tokens)
    return looked.loc[looked.groupby("job")["weight"].idxmax()].set_index("job")


def without(model: LanguageModel, layer: int, head: int) -> LanguageModel:
    """Return the `model` in which one head, counted from 1 as its layer, adds nothing."""
    layers = list(model.layers)
    layers[layer - 1] = silenced(layers[layer - 1], head - 1)
    return replace(model, layers=tuple(layers))


def without_each(tokens: np.ndarray) -> pd.DataFrame:
    """Return how often each size names the capital of a letter that was shown: `whole`, and without the strongest head of
    `SAME` or of `FOUND`. Columns: `size`, `job`, `layer`, `head`, its `weight`, `whole` and `left`."""
    shown = was_shown(tokens)
    rows = []
    for size in substitution.SIZES:
        model = substitution.load(size)
        whole = (answers(model, tokens) == tokens[:, 1::2])[shown].mean()
        for job, head in strongest(model, tokens).loc[[SAME, FOUND]].iterrows():
            other = without(model, int(head["layer"]), int(head["head"]))
            left = (answers(other, tokens) == tokens[:, 1::2])[shown].mean()
            rows.append([size, job, int(head["layer"]), int(head["head"]), head["weight"], whole, left])
    return pd.DataFrame(rows, columns=["size", "job", "layer", "head", "weight", "whole", "left"])


def prompt(examples: int) -> np.ndarray:
    """Return a prompt of a rule that no model has seen, and its answer, (2 · examples + 2,): its last letter is that of its
    second example, or of its only one, where there is one."""
    random = np.random.default_rng(_PROMPT_SEED)
    rule, letters = substitution.rules(1, random), random.integers(SYMBOLS, size=EXAMPLES)
    asked = letters[min(1, max(0, examples - 1))]
    return substitution.sequences(rule, np.append(letters[:examples], asked)[None])[0]


def probabilities(size: str, tokens: np.ndarray) -> np.ndarray:
    """Return what a size says of the right capital at each letter of `tokens` (2n,), (n,)."""
    given = substitution.load(size)(tokens[:-1]).probabilities[::2]
    return given[np.arange(len(given)), tokens[1::2]]


def weights_changed(size: str, tokens: np.ndarray) -> tuple[int, int]:
    """Return how many weights of a size differ after it has answered `tokens` (count, 2n), and how many it has."""
    arrays = {name: array.astype(np.float32) for name, array in substitution.arrays(size).items()}
    before = {name: array.copy() for name, array in arrays.items()}
    answers(LanguageModel.from_arrays(substitution.ARCHITECTURES[size], arrays), tokens)  # computes with these very arrays
    changed = sum(int((array != before[name]).sum()) for name, array in arrays.items())
    return changed, sum(array.size for array in arrays.values())


def _same(letters: np.ndarray) -> np.ndarray:
    """Return where two places of `letters` (count, n) hold the same one, (count, n, n)."""
    return letters[:, :, None] == letters[:, None, :]
