"""The spread of attention weights against closed forms, and the division by √d_k against what it should undo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from analysis.networks import dispersion
from analysis.networks.attention import softmax

SCORES = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 8)), elements=st.floats(-20, 20))


@given(SCORES)
def test_entropy_is_scipys(scores):
    weights = softmax(scores)
    np.testing.assert_allclose(dispersion.entropy(weights), stats.entropy(weights, axis=-1), atol=1e-12)


@given(SCORES)
def test_keys_lie_between_one_and_all(scores):
    keys = dispersion.effective_keys(softmax(scores))
    assert (keys >= 1 - 1e-9).all()
    assert (keys <= scores.shape[-1] + 1e-9).all()


def test_even_and_single_weights():
    np.testing.assert_allclose(dispersion.effective_keys(np.array([[0.25] * 4, [0, 1, 0, 0]])), [4, 1])
    np.testing.assert_allclose(dispersion.sensitivity(np.array([[0.25] * 4, [0, 1, 0, 0]])), [0.75, 0])


def test_sensitivity_is_the_trace_of_the_jacobian():
    """Against finite differences of the softmax."""
    scores, step = np.array([0.3, -1.2, 2.0, 0.1]), 1e-6
    moved = [(softmax(scores + step * unit) - softmax(scores - step * unit)) / (2 * step) for unit in np.eye(4)]
    assert dispersion.sensitivity(softmax(scores)) == pytest.approx(np.trace(moved), abs=1e-8)


def test_scores_deviate_by_the_root_of_the_width_unless_divided():
    found = dispersion.by_width([4, 64, 256], n_keys=12).set_index(["d_k", "divided"])
    for width in (4, 64, 256):
        assert found.loc[(width, False), "deviation"] == pytest.approx(width**0.5, rel=0.02)
        assert found.loc[(width, True), "deviation"] == pytest.approx(1, rel=0.02)
    assert found.loc[(256, True), "keys"] == pytest.approx(found.loc[(64, True), "keys"], rel=0.02)
    assert found.loc[(256, False), "keys"] < found.loc[(64, False), "keys"] < found.loc[(4, False), "keys"]


def test_divided_scores_are_as_normal_ones():
    """Of wide heads, divided scores are nearly normal; so are their softmax's keys."""
    normal = np.random.default_rng(5).standard_normal((20_000, 12))
    expected = dispersion.effective_keys(softmax(normal)).mean()
    found = dispersion.by_width([512], n_keys=12).set_index("divided")
    assert found.loc[True, "keys"] == pytest.approx(expected, rel=0.02)
