import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.networks import number_words
from analysis.networks.number_words import chinese, english
from tests.networks.number_readers import read_chinese, read_english

NUMBERS = st.integers(0, number_words.LARGEST)


@given(NUMBERS, st.booleans())
def test_both_languages_are_read_as_they_are_written(number, with_and):
    assert read_english(english(number, with_and=with_and)) == number
    assert read_chinese(chinese(number)) == number


def test_every_number_to_twenty_thousand_is_read_as_it_is_written():
    for number in range(20_000):
        assert read_english(english(number)) == read_chinese(chinese(number)) == number


@pytest.mark.parametrize(
    ("number", "words", "numerals"),
    [
        (0, "zero", "零"),
        (2, "two", "二"),
        (10, "ten", "十"),
        (12, "twelve", "十二"),
        (21, "twenty-one", "二十一"),
        (110, "one hundred and ten", "一百一十"),
        (200, "two hundred", "二百"),
        (321, "three hundred and twenty-one", "三百二十一"),
        (1001, "one thousand and one", "一千零一"),
        (1010, "one thousand and ten", "一千零一十"),
        (1200, "one thousand two hundred", "一千二百"),
        (2002, "two thousand and two", "两千零二"),
        (10_000, "ten thousand", "一万"),
        (20_000, "twenty thousand", "两万"),
        (22_222, "twenty-two thousand two hundred and twenty-two", "两万二千二百二十二"),
        (32_000, "thirty-two thousand", "三万二千"),
        (100_001, "one hundred thousand and one", "十万零一"),
        (100_100, "one hundred thousand one hundred", "十万零一百"),
        (101_000, "one hundred and one thousand", "十万一千"),
        (120_000, "one hundred and twenty thousand", "十二万"),
        (200_000, "two hundred thousand", "二十万"),
        (999_999, "nine hundred and ninety-nine thousand nine hundred and ninety-nine", "九十九万九千九百九十九"),
    ],
)
def test_the_rules(number, words, numerals):
    assert english(number) == words
    assert chinese(number) == numerals


def test_american_english_has_no_and():
    assert english(101_001, with_and=False) == "one hundred one thousand one"


@given(NUMBERS)
def test_only_known_words_and_numerals_occur(number):
    assert set(number_words.words(english(number))) <= set(number_words.ENGLISH)
    assert set(chinese(number)) <= set(number_words.CHINESE)


@pytest.mark.parametrize("number", [-1, 1_000_000, 1.5, "one"])
def test_other_numbers_are_refused(number):
    for write in (english, chinese):
        with pytest.raises(ValueError, match="number: .* is not a whole number from 0 to 999,999"):
            write(number)


def test_other_words_are_refused():
    with pytest.raises(ValueError, match="'dozen' is no English number word"):
        read_english("two dozen")
    with pytest.raises(ValueError, match="'亿' is no Chinese numeral"):
        read_chinese("一亿")
