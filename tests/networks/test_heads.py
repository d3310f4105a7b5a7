"""Heads of the trained translator: what they add, what they look at, and what is left without one."""

import numpy as np
import pytest

from analysis.networks import attention, heads, held_out, translator
from analysis.networks.looking import Entering, Looking, Sentence
from analysis.settings import SettingError, read

SENTENCE = translator.source("three hundred and twenty-one thousand and five")


@pytest.fixture(scope="module")
def model():
    return translator.load()


@pytest.fixture(scope="module")
def numbers():
    return held_out.sample(40)


def test_the_sample_was_never_shown(numbers):
    assert len(set(numbers)) == 40
    assert translator.is_held_out(numbers).all()
    assert (held_out.sample(40) == numbers).all()


def test_what_heads_add_sums_to_the_output(model):
    for layer, passed in zip(model.encoder, model.encode(SENTENCE).layers, strict=True):
        added = heads.contributions(layer.attention, passed.attention)
        np.testing.assert_allclose(added.sum(axis=0) + layer.attention.output.bias, passed.attention.output, atol=1e-4)


@pytest.mark.parametrize("part", heads.PARTS)
def test_a_silenced_head_adds_nothing_and_the_others_what_they_did(model, part):
    layer, head = 0, 2
    other = heads.without(model, part, layer, head)
    stack = "encoder" if part == "encoder" else "decoder"
    name = "cross_attention" if part == "cross" else "attention"
    x = np.random.default_rng(0).normal(size=(5, model.architecture.d_model))
    before, after = (getattr(getattr(one, stack)[layer], name) for one in (model, other))
    added = heads.contributions(before, before(x))
    np.testing.assert_allclose(before(x).output - after(x).output, added[head], atol=1e-5)
    untouched = "decoder" if stack == "encoder" else "encoder"
    assert getattr(other, untouched) is getattr(model, untouched)


def test_losses_are_those_of_silencing_one_by_one(model, numbers):
    lost = heads.losses(model, numbers)
    assert len(lost) == 3 * 3 * 4
    row = lost[(lost["part"] == "cross") & (lost["layer"] == 3) & (lost["head"] == 2)].iloc[0]
    expected = held_out.accuracy(model, numbers) - held_out.accuracy(heads.without(model, "cross", 2, 1), numbers)
    assert row["lost"] == pytest.approx(expected)


def test_sharpening_by_the_root_undoes_the_division(model):
    width = model.architecture.d_head
    passed, sharp = (one.encode(SENTENCE).layers[0].attention for one in (model, heads.sharpened(model, width**0.5)))
    undivided = attention.scaled_dot_product(passed.queries, passed.keys, passed.values, divisor=1.0)
    np.testing.assert_allclose(sharp.weights, undivided.weights, atol=1e-4)
    assert heads.mean_keys(heads.sharpened(model, width**0.5), [321, 45]) < heads.mean_keys(model, [321, 45])


def test_looks_are_mean_weights(model):
    """One sentence, one head, added up by hand."""
    shares = heads.looks(model, [321])
    weights = model.encode(translator.source("three hundred and twenty-one")).layers[1].attention.weights[2]
    row = shares[(shares["layer"] == 2) & (shares["head"] == 3)].iloc[0]
    words = range(5)
    assert row["itself"] == pytest.approx(np.mean([weights[word, word] for word in words]), abs=1e-5)
    assert row["word before"] == pytest.approx(sum(weights[word, word - 1] for word in words[1:]) / 5, abs=1e-5)
    assert row["hundred"] == pytest.approx(np.mean([weights[word, 1] for word in words]), abs=1e-5)
    assert row["end"] == pytest.approx(np.mean([weights[word, 5] for word in words]), abs=1e-5)
    even = shares.iloc[-1]
    assert even["layer"] == heads.EVEN
    assert (even["itself"], even["word before"], even["and"]) == pytest.approx((1 / 6, 4 / 30, 1 / 6))


def test_the_strongest_head_exceeds_even_weights_by_most(model, numbers):
    shares = heads.looks(model, numbers)
    top = heads.strongest(shares)
    kinds = [column for column in shares if column not in ("layer", "head")]
    excess = shares.iloc[:-1][kinds].to_numpy(float) - shares.iloc[-1][kinds].to_numpy(float)
    assert top["share"] - top["even"] == pytest.approx(excess.max())


@pytest.mark.parametrize(
    ("settings", "values", "message"),
    [
        (Sentence, {"sentence": ""}, "^sentence: it is empty"),
        (
            Sentence,
            {"sentence": "three hundrd"},
            "^sentence: 'hundrd' is not in the vocabulary; did you mean 'hundred'",
        ),
        (Sentence, {"sentence": "one " * 12}, "^sentence: it has 12 words, and the context holds 11"),
        (Looking, {"layer": 4}, "^layer: '4' is not valid: input should be less than or equal to 3"),
        (Looking, {"head": 0}, "^head: '0' is not valid"),
        (
            Looking,
            {"sentence": "one", "query": 3},
            "^query: 3 is not valid: the sentence has 2 tokens, .* allowed are 1 to 2",
        ),
        (Entering, {"word": "twoo"}, "^word: 'twoo' is not in the vocabulary; did you mean 'two'"),
        (Entering, {"offset": 0}, "^offset: '0' is not valid"),
    ],
)
def test_what_cannot_be_looked_at_is_named(settings, values, message):
    with pytest.raises(SettingError, match=message):
        read(settings, values)
