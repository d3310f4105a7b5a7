"""Order and context: what an encoder can and can't know of where a word stands, and in which sentence."""

import numpy as np
import pytest

from analysis.networks import context, held_out, order, translator


@pytest.fixture(scope="module")
def model():
    return translator.load()


def test_without_positions_the_order_of_words_is_lost(model):
    tokens = translator.source("three hundred and twenty-one thousand and five")
    for seed in range(5):
        other = np.random.default_rng(seed).permutation(len(tokens))
        assert order.farthest_apart(model, tokens, other, with_positions=False) < 1e-4
    assert order.farthest_apart(model, tokens, np.arange(len(tokens))[::-1], with_positions=True) > 0.1


def test_without_positions_numbers_of_the_same_words_are_one(model):
    first, second = (translator.source(text) for text in ("one hundred and two", "two hundred and one"))
    outputs = [order.encode_without_positions(model, tokens).output for tokens in (first, second)]
    np.testing.assert_allclose(outputs[0].sum(axis=0), outputs[1].sum(axis=0), atol=1e-3)


def test_positions_are_all_that_is_left_out(model):
    """At position 0 alone, whose vector is 0, 1, 0, 1, …: put it back by hand."""
    tokens = translator.source("seven")
    placed, unplaced = model.encode(tokens), order.encode_without_positions(model, tokens)
    np.testing.assert_allclose(placed.input - unplaced.input, placed.positions, atol=1e-6)
    assert held_out.accuracy(model, [7], placed) == held_out.accuracy(model, [7])


def test_a_word_is_one_vector_until_its_position_is_added(model):
    alike = context.alike_by_stage(model, "two", [2, 20_002, 322, 42])
    assert alike["cosine"].iloc[0] == pytest.approx(1)
    assert (alike["cosine"].iloc[1:] < 1).all()
    tokens = translator.sources([2, 322])
    vectors = model.encode(tokens).layers[0].output[tokens == translator.VOCABULARY.numbers(["two"])[0]]
    one, other = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pair = context.alike_by_stage(model, "two", [2, 322]).set_index("stage")
    assert pair.loc["After layer 1", "cosine"] == pytest.approx(one @ other, abs=1e-5)


def test_a_word_that_does_not_occur_is_refused(model):
    with pytest.raises(ValueError, match="'nine' occurs 0 times"):
        context.alike_by_stage(model, "nine", [1, 2])
