"""Sinusoidal positions against the paper's formula, and the linear map between positions against the positions."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from analysis.networks import positions
from analysis.scenarios import equations

WIDTHS = st.integers(1, 64).map(lambda half: 2 * half)


@given(st.integers(0, 400), WIDTHS, st.data())
def test_every_component_is_the_papers(position, width, data):
    component = data.draw(st.integers(0, width - 1))
    exponent = component // 2 * 2 / width
    expected = (math.cos if component % 2 else math.sin)(position / 10000**exponent)
    assert positions.encoding(position + 1, width)[position, component] == pytest.approx(expected, abs=1e-12)


def test_the_printed_equation_is_what_is_computed():
    expr, _ = equations.expression(positions.even_component)
    odd, _ = equations.expression(positions.odd_component)
    arguments = sorted(expr.free_symbols, key=str)
    printed = positions.encoding(10, 16)
    for formula, parity in ((expr, 0), (odd, 1)):
        compute = sympy.lambdify(arguments, formula, "math")
        assert compute(7, 3, 16) == pytest.approx(printed[7, 6 + parity])


@given(st.integers(0, 300), st.integers(-100, 100), WIDTHS)
def test_a_shift_is_one_linear_map_for_all_positions(position, offset, width):
    there = position + offset
    if there < 0:
        position, there = position - offset, position
    vectors = positions.encoding(max(position, there) + 1, width)
    np.testing.assert_allclose(positions.shift(there - position, width) @ vectors[position], vectors[there], atol=1e-9)


@given(st.integers(-50, 50), st.integers(-50, 50), WIDTHS)
def test_shifts_add_up_and_keep_lengths(first, second, width):
    both = positions.shift(first, width) @ positions.shift(second, width)
    np.testing.assert_allclose(both, positions.shift(first + second, width), atol=1e-12)
    np.testing.assert_allclose(both @ both.T, np.eye(width), atol=1e-12)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), WIDTHS)
def test_the_product_of_two_positions_depends_on_their_distance_alone(first, second, on, width):
    vectors = positions.encoding(201, width)
    assert vectors[first] @ vectors[second] == pytest.approx(vectors[first + on] @ vectors[second + on], abs=1e-9)


def test_wavelengths_are_the_papers():
    """From 2 pi to (nearly) 10000 · 2 pi in a geometric progression (section 3.5)."""
    lengths = positions.wavelengths(512)
    assert lengths[0] == pytest.approx(2 * math.pi)
    assert lengths[-1] == pytest.approx(10000 * 2 * math.pi, rel=0.04)
    np.testing.assert_allclose(lengths[1:] / lengths[:-1], lengths[1] / lengths[0])


@pytest.mark.parametrize("width", [0, 3, -2])
def test_a_width_without_pairs_is_refused(width):
    with pytest.raises(ValueError, match=f"the width is {width}; positions take an even width"):
        positions.encoding(4, width)
