"""Sub-layers of the translator: what they add, and what is left without them or without what is around them."""

import numpy as np
import pytest

from analysis.networks import held_out, sublayers, translator

NUMBERS = held_out.sample(40)


@pytest.fixture(scope="module")
def model():
    return translator.load()


def test_with_all_around_it_the_pass_is_the_models_own(model):
    tokens = translator.sources(NUMBERS)
    again, own = sublayers.encode(model, tokens), model.encode(tokens)
    for ours, theirs in zip(again.layers, own.layers, strict=True):
        np.testing.assert_allclose(ours.attention_output, theirs.attention_output, atol=1e-6)
        np.testing.assert_allclose(ours.output, theirs.output, atol=1e-6)


def test_without_residual_and_norm_only_the_sublayers_are_left(model):
    tokens = translator.source("three hundred and two")
    bare = sublayers.encode(model, tokens, residual=False, norm=False)
    state = bare.input
    for layer in model.encoder:
        state = layer.mlp(layer.attention(state).output)[1]
    np.testing.assert_allclose(bare.output, state, atol=1e-6)


@pytest.mark.parametrize("sublayer", [sublayers.ATTENTION, sublayers.FEED_FORWARD])
def test_a_silenced_sublayer_hands_its_input_to_the_norm(model, sublayer):
    tokens = translator.source("three hundred and two")
    other = sublayers.without(model, "encoder", 0, sublayer)
    done, layer = other.encode(tokens).layers[0], model.encoder[0]
    if sublayer == sublayers.ATTENTION:
        np.testing.assert_allclose(done.attention_output, layer.attention_norm(done.input), atol=1e-6)
    else:
        np.testing.assert_allclose(done.output, layer.mlp_norm(done.attention_output), atol=1e-6)
    assert other.decoder is model.decoder


def test_without_cross_attention_in_all_layers_the_source_does_not_matter(model):
    other = model
    for layer in range(len(model.decoder)):
        other = sublayers.without(other, "decoder", layer, sublayers.CROSS)
    written = [translator.text(translator.translate(text, model=other)) for text in ("twelve", "nine thousand")]
    assert written[0] == written[1]


def test_losses_are_those_of_leaving_out_one_by_one(model):
    left = sublayers.losses(model, NUMBERS)
    assert len(left) == 3 * 2 + 3 * 3
    row = left[(left["stack"] == "decoder") & (left["layer"] == 1) & (left["sublayer"] == sublayers.FEED_FORWARD)].iloc[0]
    expected = held_out.accuracy(sublayers.without(model, "decoder", 0, sublayers.FEED_FORWARD), NUMBERS)
    assert row["left"] == pytest.approx(expected)


def test_lengths_of_a_single_sentence_are_its_vectors(model):
    number = 302
    row = sublayers.additions(model, [number]).iloc[1]
    done = model.encode(translator.sources([number])).layers[0]
    assert (row["layer"], row["sublayer"]) == (1, sublayers.FEED_FORWARD)
    lengths = [np.linalg.norm(vectors, axis=-1).mean() for vectors in (done.attention_output, done.mlp)]
    assert [row["enters"], row["added"]] == pytest.approx(lengths)
    assert row["sum"] == pytest.approx(np.linalg.norm(done.attention_output + done.mlp, axis=-1).mean())


def test_padding_does_not_count(model):
    both = sublayers.additions(model, [2, 777_777])
    words = [1 + 1, 11 + 1]
    alone = [sublayers.additions(model, [number])["enters"].to_numpy() for number in (2, 777_777)]
    assert both["enters"].to_numpy() == pytest.approx(np.average(alone, axis=0, weights=words), rel=1e-5)
