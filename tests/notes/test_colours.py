"""Contrast, against the ends of the scale and published examples."""

import pytest

from analysis.figures import theme
from analysis.notes import colours


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21), ("#1f62ab", "#1f62ab", 1), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0)],
)
def test_the_ratio_is_that_of_the_guidelines(one, other, expected):
    assert colours.contrast(one, other) == colours.contrast(other, one) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("ground", ["#ffffff", "#14181e"])
def test_a_colour_is_mixed_no_further_than_it_needs_to_be_read(ground):
    for colour in theme.LIGHT:
        made = colours.readable(colour, ground, colours.TEXT)
        assert colours.contrast(made, ground) >= colours.TEXT
        if colours.contrast(colour, ground) >= colours.TEXT:
            assert made == colour
