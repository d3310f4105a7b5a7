"""Attention against PyTorch's, and what has to hold for any input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.networks import attention
from analysis.networks.linear import Linear
from tests.extras import extra

RANDOM = np.random.default_rng(7)
NUMBERS = st.floats(-8, 8, width=32)


def _multi_head(d_model=12, n_heads=3):
    projections = [Linear(RANDOM.normal(size=(d_model, d_model)), RANDOM.normal(size=d_model)) for _ in range(4)]
    return attention.MultiHeadAttention(*projections, n_heads=n_heads)


@given(arrays(float, (5, 4), elements=NUMBERS), arrays(float, (6, 4), elements=NUMBERS), arrays(bool, (5, 6)))
def test_weights_are_shares_and_none_goes_where_the_mask_forbids(queries, keys, mask):
    mask[:, 0] = True
    attended = attention.scaled_dot_product(queries, keys, keys, mask)
    np.testing.assert_allclose(attended.weights.sum(axis=-1), 1)
    assert (attended.weights >= 0).all()
    assert (attended.weights[~mask] == 0).all()


@given(arrays(float, (5, 12), elements=NUMBERS), st.permutations(range(5)))
def test_without_positions_the_order_of_the_words_does_not_matter(x, order):
    layer = _multi_head()
    np.testing.assert_allclose(layer(x[order]).output, layer(x).output[order], atol=1e-8)


@given(arrays(float, (2, 5, 12), elements=NUMBERS), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_heads_side_by_side_are_the_whole(x, n_heads):
    heads = attention.split_heads(x, n_heads)
    assert heads.shape == (2, n_heads, 5, 12 // n_heads)
    np.testing.assert_array_equal(heads[:, -1], x[..., -(12 // n_heads) :])
    np.testing.assert_array_equal(attention.merge_heads(heads), x)


def test_each_head_is_attention_of_its_own_slice():
    layer, x, source = _multi_head(), RANDOM.normal(size=(5, 12)), RANDOM.normal(size=(7, 12))
    attended = layer(x, source)
    for head in range(3):
        own = slice(4 * head, 4 * head + 4)
        one = attention.scaled_dot_product(layer.query(x)[:, own], layer.key(source)[:, own], layer.value(source)[:, own])
        np.testing.assert_allclose(attended.concatenated[:, own], one.output)


def test_a_masked_position_has_no_effect():
    layer, x = _multi_head(), RANDOM.normal(size=(5, 12))
    other = x.copy()
    other[3:] = 100
    mask = attention.padding_mask(np.array([1, 1, 1, 0, 0]), padding=0)
    np.testing.assert_allclose(layer(x, mask=mask).output[:3], layer(other, mask=mask).output[:3])
    before = attention.sequence_mask(5)
    np.testing.assert_allclose(layer(x, mask=before).output[:3], layer(other, mask=before).output[:3])


def test_masks_are_what_they_say():
    np.testing.assert_array_equal(attention.padding_mask(np.array([[5, 5, 0]]), 0), [[[True, True, False]]])
    np.testing.assert_array_equal(attention.sequence_mask(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])


def test_large_scores_do_not_overflow():
    np.testing.assert_allclose(attention.softmax(np.array([1e4, 1e4, -1e4])), [0.5, 0.5, 0])


def test_a_mask_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="mask: a query may look at no key"):
        attention.scaled_dot_product(np.ones((2, 4)), np.ones((2, 4)), np.ones((2, 4)), np.eye(2, dtype=bool) & False)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValueError, match=r"n_heads = 5 does not divide the width of 12; allowed: 1, 2, 3, 4, 6, 12"):
        attention.split_heads(np.ones((3, 12)), 5)


@pytest.mark.parametrize("masked", [False, True])
def test_scaled_dot_product_equals_pytorchs(masked):
    torch = extra("torch")
    q, k, v = (RANDOM.normal(size=(2, 3, length, 8)) for length in (5, 6, 6))
    mask = attention.sequence_mask(6)[1:] if masked else None
    expected = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (q, k, v)), attn_mask=None if mask is None else torch.tensor(mask)
    )
    np.testing.assert_allclose(attention.scaled_dot_product(q, k, v, mask).output, expected.numpy(), atol=1e-12)


def test_multi_head_attention_equals_pytorchs():
    torch = extra("torch")
    layer, x, source = _multi_head(), RANDOM.normal(size=(2, 5, 12)), RANDOM.normal(size=(2, 7, 12))
    theirs = torch.nn.MultiheadAttention(12, 3, batch_first=True, dtype=torch.float64)
    into = (layer.query, layer.key, layer.value)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(np.concatenate([part.weight.T for part in into])))
        theirs.in_proj_bias.copy_(torch.tensor(np.concatenate([part.bias for part in into])))
        theirs.out_proj.weight.copy_(torch.tensor(layer.output.weight.T))
        theirs.out_proj.bias.copy_(torch.tensor(layer.output.bias))
        expected, weights = theirs(*map(torch.tensor, (x, source, source)), average_attn_weights=False)
    attended = layer(x, source)
    np.testing.assert_allclose(attended.output, expected.numpy(), atol=1e-12)
    np.testing.assert_allclose(attended.weights, weights.numpy(), atol=1e-12)
