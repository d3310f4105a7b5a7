"""What the encoder's vectors hold of each digit word, layer by layer: probed on numbers that training never showed.

A digit word is "one" to "nine". Its value place is the power of ten that it counts: in "three hundred and two thousand"
the three stands for 100,000s, which only the words after it say.
"""

import numpy as np
import pandas as pd

from analysis.networks import number_words, probe, translator
from analysis.networks.transformer import Transformer

#: Each property of a digit word that is probed, and its name in a figure.
PROPERTIES = {
    "word": "Which digit it is",
    "position": "Where it stands in the sentence",
    "before": "The word before it",
    "place": "The power of ten it counts",
    "digits": "How many digits the number has",
}


def digit_words(numbers: np.ndarray) -> pd.DataFrame:
    """Return one row a digit word of the `numbers` in English: its `row` in the batch, and all of PROPERTIES."""
    labels = []
    for row, number in enumerate(numbers):
        words = number_words.words(number_words.english(int(number)))
        power = 0
        for position in reversed(range(len(words))):
            word = words[position]
            power = {"thousand": 3, "hundred": 2 + 3 * (power >= 3)}.get(word, power)
            if word in number_words.UNITS[1:10]:
                before = words[position - 1] if position else "<none>"
                labels.append((row, word, position, before, power, len(str(number))))
    return pd.DataFrame(labels, columns=["row", *PROPERTIES])


def by_layer(model: Transformer, numbers: np.ndarray) -> pd.DataFrame:
    """Return the `accuracy` of a linear probe for each property on what enters the encoder, layer 0, and on what each
    layer puts out, and what guessing the most frequent gets. It is fitted on half of the `numbers`, tested on the rest.
    """
    encoded = model.encode(translator.sources(numbers))
    words = digit_words(numbers)
    fit = (words["row"] < len(numbers) // 2).to_numpy()
    rows = []
    for layer, states in enumerate([encoded.input, *(done.output for done in encoded.layers)]):
        vectors = states[words["row"], words["position"]]
        for name, title in PROPERTIES.items():
            labels = words[name].astype(str).to_numpy()
            right = probe.accuracy(vectors[fit], labels[fit], vectors[~fit], labels[~fit])
            guess = probe.guessing(labels[fit], labels[~fit])
            rows.append({"layer": layer, "property": title, "accuracy": right, "guessing": guess})
    return pd.DataFrame(rows)


def likeness(model: Transformer, numbers: np.ndarray) -> pd.DataFrame:
    """Return the mean `cosine` between the vectors of two digit words, by `layer`, for three kinds of pair.

    Vectors are taken about the mean of all digit words of the layer, so that unrelated ones have about 0.
    """
    encoded = model.encode(translator.sources(numbers))
    words = digit_words(numbers)
    rows = []
    for layer, states in enumerate([encoded.input, *(done.output for done in encoded.layers)]):
        vectors = states[words["row"], words["position"]].astype(float)
        vectors -= vectors.mean(axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for kind, pairs in _pairs(words).items():
            cosine = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1).mean()
            rows.append({"layer": layer, "pair": kind, "cosine": cosine, "pairs": len(pairs)})
    return pd.DataFrame(rows)


def _pairs(words: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return pairs of rows of `words`, (pairs, 2), by kind; each word is compared with the next one of its kind."""
    by = {
        "Same digit, same power of ten": (["word", "place"], []),
        "Same digit, another power": (["word"], ["place"]),
        "Another digit, same power": (["place"], ["word"]),
    }
    by_digit = {}
    for kind, (same, other) in by.items():
        pairs = []
        for _, group in words.groupby(same):
            rows = group.index.to_numpy()
            pairs.append(np.stack([rows[:-1], rows[1:]], axis=1))
        pairs = np.concatenate(pairs)
        for column in other:
            values = words[column].to_numpy()
            pairs = pairs[values[pairs[:, 0]] != values[pairs[:, 1]]]
        by_digit[kind] = pairs
    return by_digit
