"""Which English word each Chinese digit comes from, and whether cross-attention looks there.

Both are found by powers of ten: in 三百二十一 the 三 counts hundreds, and so does "three" in "three hundred and …".
"""

import numpy as np
import pandas as pd

from analysis.networks import number_words, translator
from analysis.networks.transformer import Transformer

_DIGITS = {character: value for value, character in enumerate(number_words.DIGITS)} | {number_words.TWO: 2}


def word_of_power(number: int) -> dict[int, int]:
    """Return, by power of ten, the position of the English word that says this digit of `number`."""
    words = number_words.words(number_words.english(number))
    positions, group, hundreds = {}, 0, 0
    for position in reversed(range(len(words))):
        word = words[position]
        if word == "thousand":
            group, hundreds = 3, 0
        elif word == "hundred":
            hundreds = 2
        elif word in number_words.TENS:
            positions[group + 1] = position
        elif word in number_words.UNITS[10:]:
            positions |= {group: position, group + 1: position}
        elif word != "and":
            positions[group + hundreds] = position
    return positions


def numeral_of_power(number: int) -> dict[int, int]:
    """Return, by power of ten, the position of the Chinese digit that says it; 零 and powers' names say none."""
    text = number_words.chinese(number)
    myriad = text.find("万")
    numerals = {}
    for position, character in enumerate(text):
        if _DIGITS.get(character):
            after = text[position + 1 : position + 2]
            power = {"十": 1, "百": 2, "千": 3}.get(after, 0)
            numerals[power + 4 * (position < myriad)] = position
    return numerals


def by_head(model: Transformer, numbers: np.ndarray) -> pd.DataFrame:
    """Return, by `layer` and `head` of the decoder, the share of Chinese digits of `numbers` at whose writing the
    cross-attention is strongest on the word that says the digit, as `aligned`; head 0 is the mean of all heads."""
    encoded = model.encode(translator.sources(numbers))
    decoded = model.decode(translator.targets(numbers)[:, :-1], encoded)
    places = [
        (row, numeral, word_of_power(int(number))[power])
        for row, number in enumerate(numbers)
        for power, numeral in numeral_of_power(int(number)).items()
    ]
    row, numeral, word = np.array(places).T
    rows = []
    for layer, done in enumerate(decoded.layers, start=1):
        weights = done.cross_attention.weights[row, :, numeral]  # (digits, heads, words): the step that writes the digit
        for head, head_weights in enumerate([weights.mean(axis=1), *np.moveaxis(weights, 1, 0)]):
            rows.append({"layer": layer, "head": head, "aligned": float((head_weights.argmax(axis=1) == word).mean())})
    return pd.DataFrame(rows)
