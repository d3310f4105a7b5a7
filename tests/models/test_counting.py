from itertools import pairwise

import pytest

from analysis.models.counting import count


@pytest.mark.parametrize("widths", [(3, 5), (8, 16, 4), (64, 256, 256, 256, 32)])
def test_counts_equal_the_closed_form(widths):
    tokens = 16
    counted = count(widths, tokens, seed=1)
    parameters = sum(a * b for a, b in pairwise(widths))
    first = widths[0] * widths[1]
    assert counted.parameters == parameters
    assert counted.forward == 2 * parameters * tokens
    assert counted.backward == 4 * parameters * tokens - 2 * first * tokens
    assert counted.first_layer_share == pytest.approx(first / (2 * parameters))


def test_the_backward_pass_is_a_real_one():
    assert count((8, 16, 16, 4), tokens=16, seed=2).gradient_error < 1e-4
