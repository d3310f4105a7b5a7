"""Activation functions against values from tables of the normal and the logistic distribution."""

import numpy as np
import pytest

from analysis.networks import activations


@pytest.mark.parametrize(
    ("name", "at_minus_one", "at_one"),
    [
        ("ReLU", 0, 1),
        ("Leaky ReLU", -0.01, 1),
        ("GELU", -0.158655, 0.841345),  # one times the normal distribution's share below it
        ("SiLU (Swish)", -0.268941, 0.731059),  # one times the logistic function
    ],
)
def test_values_are_those_of_the_definitions(name, at_minus_one, at_one):
    assert activations.KINDS[name](np.array([-1.0, 0.0, 1.0])) == pytest.approx([at_minus_one, 0, at_one], abs=1e-6)


def test_none_is_a_straight_line_and_all_let_large_numbers_pass():
    frame = activations.values(-20, 20, 41)
    assert set(frame["activation"]) == set(activations.KINDS)
    for _, curve in frame.groupby("activation"):
        assert curve["output"].iloc[-1] == pytest.approx(20, rel=1e-6)
        assert abs(curve["output"].iloc[0]) < 1
