"""Trials with the translator: sampling, masks and wrong tokens, each against another way to the same number."""

import numpy as np
import pytest

from analysis.networks import decoding, held_out, number_words, sublayers, tables, translator, trials

NUMBERS = held_out.sample(60)


@pytest.fixture(scope="module")
def model():
    return translator.load()


def test_a_translation_is_right_with_the_product_of_its_steps(model):
    number = 321
    generated = translator.translate(number_words.english(number))
    frame = trials.right_by_temperature(model, np.array([number]), [1, 3]).set_index(["temperature", "kind"])["right"]
    assert frame[1, "The whole translation"] == pytest.approx(generated.probability, rel=1e-4)
    hot = [decoding.at_temperature(step.logits.astype(float), 3)[step.chosen] for step in generated.steps]
    assert frame[3, "The whole translation"] == pytest.approx(np.prod(hot), rel=1e-3)
    assert frame[3, "One token"] == pytest.approx(np.mean(hot), rel=1e-3)


def test_what_is_drawn_is_as_often_right_as_is_computed(model):
    number, temperature, count = 7, 3.5, 400
    expected = trials.right_by_temperature(model, np.array([number]), [temperature]).set_index("kind")["right"]
    choose = decoding.sampling(temperature, np.random.default_rng(2))
    drawn = [translator.text(translator.translate("seven", choose, model)) == "七" for _ in range(count)]
    assert np.mean(drawn) == pytest.approx(expected["The whole translation"], abs=3 / count**0.5)


def test_masks_matter_and_with_both_nothing_changes(model):
    without = trials.without_masks(model, NUMBERS)
    assert without["both"] == held_out.accuracy(model, NUMBERS)
    assert without["padding"] < without["both"]
    assert without["sequence"] < 0.1


def test_a_wrong_digit_is_fed_and_the_rest_is_counted(model, monkeypatch):
    fed = []
    decode = type(model).decode
    monkeypatch.setattr(type(model), "decode", lambda self, tokens, *rest: fed.append(tokens) or decode(self, tokens, *rest))
    found = trials.after_a_wrong_digit(model, NUMBERS, np.random.default_rng(0))
    right = translator.targets(NUMBERS)
    digits = translator.VOCABULARY.numbers(number_words.DIGITS[1:])
    begins = np.isin(right[:, 1], digits)
    assert (fed[0][:, 1] != right[begins][:, 1]).all(), "the first digit is another one"
    assert np.isin(fed[0][:, 1], digits).all()
    assert (fed[0][:, 2:] == right[begins][:, 2:-1]).all(), "the others are right"
    tokens, whole = [], []  # each number by itself, without padding
    for number, row in zip(NUMBERS[begins], fed[0], strict=True):
        wanted = translator.targets([number])[0, 2:]
        encoded = model.encode(translator.source(number_words.english(int(number))))
        answers = decode(model, row[: len(wanted) + 1], encoded).logits.argmax(axis=-1)[1:]
        tokens += list(answers == wanted)
        whole.append((answers == wanted).all())
    assert (found["token"], found["whole"]) == pytest.approx((np.mean(tokens), np.mean(whole)))


def test_an_answer_that_hangs_on_what_was_written_goes_astray(model):
    """Without the last cross-attention the rest is wrong, so the count can fall."""
    other = sublayers.without(model, "decoder", 2, sublayers.CROSS)
    assert trials.after_a_wrong_digit(other, NUMBERS, np.random.default_rng(0))["whole"] < 0.2


def test_tables_say_what_was_fed_and_chosen():
    generated = translator.translate("forty-two")
    frame = tables.decoder_steps(generated)
    assert list(frame["It is fed"]) == ["<start>", "<start> 四", "<start> 四十", "<start> 四十二"]
    assert [text.split()[0] for text in frame["Likeliest"]] == ["四", "十", "二", "<end>"]
    cold = tables.samples("forty-two", [0.1], 3, seed=0)
    assert list(cold.iloc[0]) == ["0.1", "四十二, 四十二, 四十二"]
    odd = tables.odd_sentences(["forty-two"], translator.load())
    assert list(odd.iloc[0]) == ["forty-two", "四十二", "> 99.99%"]
