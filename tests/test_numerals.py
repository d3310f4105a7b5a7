import pytest

from analysis import numerals

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numerals.whole(412_017.6), "412,018"),
        (numerals.whole(3.0318e24), f"3.032{NBSP}×{NBSP}10²⁴"),
        (numerals.scientific(6.0), "6.00"),
        (numerals.significant(1.71428), "1.71"),
        (numerals.significant(1559, 3), "1,560"),
        (numerals.significant(0.52562, 2), "0.53"),
        (numerals.scientific(3.15e23), f"3.15{NBSP}×{NBSP}10²³"),
        (numerals.scientific(2.5e-7, 2), f"2.5{NBSP}×{NBSP}10⁻⁷"),
        (numerals.signed(-0.016), "−0.02"),
        (numerals.signed(-0.001), "0.00"),
        (numerals.signed(2.5, 1), "2.5"),
        (numerals.plain(88_000), "88,000"),
        (numerals.plain(1.3333), "1.333"),
        (numerals.plain(4.76e24), f"4.76{NBSP}×{NBSP}10²⁴"),
        (numerals.words(13.698e9), "13.7 billion"),
        (numerals.words(3e11), "300 billion"),
        (numerals.words(5e12), "5 trillion"),
        (numerals.rounded(376_559), "377,000"),
        (numerals.rounded(1_612_592.4), "1.61 million"),
        (numerals.rounded(226.86, 4), "226.9"),
        (numerals.rounded(39.0), "39"),
        (numerals.percent(0.5), "50%"),
        (numerals.percent(0.02768), "2.8%"),
        (numerals.probability(0.86), "86%"),
        (numerals.probability(0.99995), "> 99.99%"),
        (numerals.probability(1), "100%"),
        (numerals.probability(1e-7), "< 0.01%"),
        (numerals.probability(0), "0%"),
        (numerals.times(2.0, 1.0), "2 times as many as"),
        (numerals.times(1.0, 1.0), "as many as"),
        (numerals.times(1.002, 1.0), "about as many as"),
    ],
)
def test_numbers_as_text(written, expected):
    assert written == expected
