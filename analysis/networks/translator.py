"""The translator of this report: a small Transformer that turns English number words into Chinese numerals.

`python -m training.translator` trains it. Numbers that it never saw are of two kinds: `is_held_out`, every tenth or so
from 100 on, spread over all; and `is_in_gap`, all from 700,000 to 799,999, so that no "seven hundred … thousand" was seen.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np

from analysis.models.architecture import Uniform, built
from analysis.networks import decoding, number_words, weights
from analysis.networks.transformer import Stacked, Transformer
from analysis.networks.vocabulary import Vocabulary
from analysis.suggest import nearest

VOCABULARY = Vocabulary.from_words(number_words.ENGLISH, number_words.CHINESE)

#: Most tokens of a sentence, its end included, and most that the decoder reads: the longest that were trained on.
CONTEXT = 12

#: The sizes of its equal layers, and the network that they make.
SHAPE = Uniform(
    "Number translator",
    kind="encoder-decoder",
    n_layers=3,
    n_encoder_layers=3,
    d_model=64,
    n_heads=4,
    d_ff=256,
    vocab_size=len(VOCABULARY),
    positions="sinusoidal",
    biases=frozenset({"qkv", "output", "mlp", "norm"}),
    final_norm=False,
)
ARCHITECTURE = built(SHAPE)

#: Examples of a training step.
BATCH = 128

GAP = range(700_000, 800_000)
_SMALLEST_HELD_OUT = 100
_HELD_OUT_OF = 10


class SentenceError(ValueError):
    """A sentence that can't be translated; the message names what is wrong and what is allowed."""


def is_held_out(numbers: np.ndarray) -> np.ndarray:
    """Say of each of the `numbers` whether training never shows it, though it shows others that are like it."""
    mixed = np.asarray(numbers, dtype=np.uint64) * np.uint64(2_654_435_761) % np.uint64(2**32)
    chosen = (mixed >> np.uint64(12)) % np.uint64(_HELD_OUT_OF) == 0
    return chosen & (np.asarray(numbers) >= _SMALLEST_HELD_OUT) & ~is_in_gap(numbers)


def is_in_gap(numbers: np.ndarray) -> np.ndarray:
    """Say of each of the `numbers` whether it lies in the stretch of which training shows nothing."""
    return (np.asarray(numbers) >= GAP.start) & (np.asarray(numbers) < GAP.stop)


def is_trained_on(numbers: np.ndarray) -> np.ndarray:
    """Say of each of the `numbers` whether training may show it."""
    return ~is_held_out(numbers) & ~is_in_gap(numbers)


@cache
def load() -> Transformer:
    """Return the trained translator. Raises WeightsError."""
    return Transformer.from_arrays(ARCHITECTURE, weights.load("translator"), VOCABULARY.padding)


def source(sentence: str) -> np.ndarray:
    """Return the token numbers of an English `sentence`, its end included, (n,). Raises SentenceError."""
    words = number_words.words(sentence)
    if not words:
        raise SentenceError("sentence: it is empty; write an English number, such as 'three hundred and twenty-one'")
    for word in words:
        if word not in number_words.ENGLISH:
            raise SentenceError(
                f"sentence: {word!r} is not in the vocabulary{nearest(word, number_words.ENGLISH)}; it has English "
                f"number words only: {', '.join(number_words.ENGLISH)}"
            )
    if len(words) >= CONTEXT:
        raise SentenceError(
            f"sentence: it has {len(words)} words, and the context holds {CONTEXT - 1} and the end; longer ones the "
            f"network never saw. The longest number, {number_words.LARGEST:,}, has {CONTEXT - 1}"
        )
    return np.array([*VOCABULARY.numbers(words), VOCABULARY.end])


def sources(numbers: Iterable[int], *, with_and: bool = True) -> np.ndarray:
    """Return `numbers` in English as a batch of token numbers (numbers, n), padded."""
    texts = (number_words.english(int(number), with_and=with_and) for number in numbers)
    return VOCABULARY.batch([source(text) for text in texts])


def targets(numbers: Iterable[int]) -> np.ndarray:
    """Return `numbers` in Chinese, between start and end, as a batch of token numbers (numbers, n), padded."""
    texts = (number_words.chinese(int(number)) for number in numbers)
    return VOCABULARY.batch([[VOCABULARY.start, *VOCABULARY.numbers(text), VOCABULARY.end] for text in texts])


def right_at_each_token(model: Transformer, numbers: np.ndarray, encoded: Stacked | None = None) -> np.ndarray:
    """Return by number and position whether the likeliest token is the right one, where all before it are given, True
    for padding: (numbers, n). A row that is all True is translated without a fault when generated greedily, too: each
    token is then what the decoder was given here. `encoded` stands in for the model's own pass over the English."""
    target = targets(numbers)
    decoded = model.decode(target[:, :-1], model.encode(sources(numbers)) if encoded is None else encoded)
    wanted = target[:, 1:]
    return (decoded.logits.argmax(axis=-1) == wanted) | (wanted == VOCABULARY.padding)


def translate(sentence: str, choose: decoding.Choice = decoding.greedy, model: Transformer | None = None) -> decoding.Generated:
    """Return the translation of an English `sentence`, with all that was computed for it. Raises SentenceError."""
    return decoding.generate(model or load(), VOCABULARY, source(sentence), CONTEXT, choose)


def text(generated: decoding.Generated) -> str:
    """Return what was written, as one word."""
    return "".join(VOCABULARY.read(generated.tokens))


def fed(step: decoding.Step) -> str:
    """Return what the decoder was fed at a `step`: the start token, then what it had written, as one word."""
    start, *rest = (VOCABULARY.tokens[token] for token in step.fed)
    return f"{start} {''.join(rest)}".strip()
