"""Readers of number words, which hold what is written against them."""

from analysis.networks.number_words import DIGITS, POWERS, TENS, TWO, UNITS, words


def read_english(text: str) -> int:
    """Return the number that the English words of `text` add up to. Raises ValueError for a word that is none of them."""
    thousands = group = 0
    for word in words(text):
        if word in UNITS:
            group += UNITS.index(word)
        elif word in TENS:
            group += 10 * (TENS.index(word) + 2)
        elif word == "hundred":
            group *= 100
        elif word == "thousand":
            thousands, group = group, 0
        elif word != "and":
            raise ValueError(f"{word!r} is no English number word")
    return 1000 * thousands + group


def read_chinese(text: str) -> int:
    """Return the number of the Chinese numerals `text`. Raises ValueError for a character that is none of them."""
    total = group = digit = 0
    for character in text:
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character == TWO:
            digit = 2
        elif character == "万":
            total, group, digit = 10_000 * (group + digit), 0, 0
        elif character in POWERS:
            # 十 at the start stands for 一十.
            group, digit = group + (digit or 1) * POWERS[character], 0
        else:
            raise ValueError(f"{character!r} is no Chinese numeral")
    return total + group + digit
