"""How a decoder writes: one token after another, each chosen from the probabilities of the next one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.networks.attention import softmax
from analysis.networks.transformer import Decoded, Stacked, Transformer
from analysis.networks.vocabulary import Vocabulary

#: Takes the logits of the next token, (vocabulary,), and returns the number of the token that is chosen.
Choice = Callable[[np.ndarray], int]


@dataclass(frozen=True)
class Step:
    """One step: the decoder was `fed` these tokens, gave these `probabilities`, (vocabulary,), and `chosen` was taken."""

    fed: tuple[int, ...]
    logits: np.ndarray
    probabilities: np.ndarray
    chosen: int


@dataclass(frozen=True)
class Generated:
    """A sentence as it was written: the encoder's pass, the steps, and the decoder's pass over all that was fed."""

    encoded: Stacked
    steps: tuple[Step, ...]
    decoded: Decoded

    @property
    def tokens(self) -> list[int]:
        """The tokens that were chosen, the end included if it was reached."""
        return [step.chosen for step in self.steps]

    @property
    def probability(self) -> float:
        """The probability of all that was written: the product over its steps."""
        return float(np.prod([step.probabilities[step.chosen] for step in self.steps]))


def greedy(logits: np.ndarray) -> int:
    """Return the likeliest token."""
    return int(logits.argmax())


def sampling(temperature: float, generator: np.random.Generator) -> Choice:
    """Return the choice that draws each token with its probability at `temperature`. Raises ValueError."""

    def choose(logits: np.ndarray) -> int:
        return int(generator.choice(len(logits), p=at_temperature(logits.astype(float), temperature)))

    at_temperature(np.zeros(1), temperature)
    return choose


def at_temperature(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probabilities softmax(logits / temperature), along the last axis. Raises ValueError."""
    if not 0 < temperature < np.inf:
        raise ValueError(
            f"temperature: {temperature:g} is not above 0; at 1 the probabilities are the network's own, near 0 the "
            "likeliest token takes all (for that very choice, use greedy decoding)"
        )
    return softmax(logits / temperature)


def generate(model: Transformer, vocabulary: Vocabulary, source: np.ndarray, most: int, choose: Choice = greedy) -> Generated:
    """Return what the decoder writes for `source`, (n,): up to the end token, or until it was fed `most` tokens."""
    encoded = model.encode(source)
    fed, steps = [vocabulary.start], []
    while True:
        decoded = model.decode(np.array(fed), encoded)
        logits = decoded.logits[-1]
        steps.append(Step(tuple(fed), logits, decoded.probabilities[-1], choose(logits)))
        if steps[-1].chosen == vocabulary.end or len(fed) == most:
            return Generated(encoded, tuple(steps), decoded)
        fed.append(steps[-1].chosen)
