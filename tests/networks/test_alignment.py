"""Which word says which digit, and whether the decoder looks there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.networks import alignment, held_out, number_words, translator

NUMBERS = st.integers(1, number_words.LARGEST)


@given(NUMBERS)
def test_the_words_and_the_numerals_say_the_numbers_digits(number):
    """Digits that are found by power are those of the decimal notation."""
    digits = {power: int(digit) for power, digit in enumerate(reversed(str(number))) if digit != "0"}
    text = number_words.chinese(number)
    numerals = alignment.numeral_of_power(number)
    value = {character: n for n, character in enumerate(number_words.DIGITS)} | {number_words.TWO: 2}
    expected = digits if text[0] != "十" else {power: digit for power, digit in digits.items() if power not in (1, 5)}
    found = {power: value[text[position]] for power, position in numerals.items()}
    assert found | expected == found
    words = number_words.words(number_words.english(number))
    said = alignment.word_of_power(number)
    assert numerals.keys() <= said.keys()
    for power in numerals:
        word = words[said[power]]
        if word in number_words.TENS:
            assert number_words.TENS.index(word) + 2 == digits[power]
        elif word in number_words.UNITS[:10]:
            assert number_words.UNITS.index(word) == digits[power]
        else:  # a teen says two digits
            assert number_words.UNITS.index(word) % 10 == digits.get(power - power % 3, 0)


def test_heads_are_counted_against_their_own_weights():
    model, number = translator.load(), 321
    frame = alignment.by_head(model, np.array([number])).set_index(["layer", "head"])["aligned"]
    assert len(frame) == 3 * 5
    decoded = translator.translate(number_words.english(number)).decoded
    for layer in (1, 3):
        weights = decoded.layers[layer - 1].cross_attention.weights
        # 三百二十一: 三, 二 and 一 are written first, third and fifth; their words are the first, fourth and fifth.
        for head in range(4):
            right = [weights[head, step].argmax() == word for step, word in ((0, 0), (2, 3), (4, 4))]
            assert frame[layer, head + 1] == pytest.approx(np.mean(right))


def test_the_last_layer_looks_at_the_word_that_it_writes():
    frame = alignment.by_head(translator.load(), held_out.sample(100)).set_index(["layer", "head"])["aligned"]
    assert frame[3, 0] > 0.95
    assert frame[1, 0] < 0.6
