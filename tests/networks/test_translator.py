"""The trained translator: its NumPy forward pass against PyTorch's, what it gets right, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.models import ledger
from analysis.networks import decoding, number_words, translator, weights
from analysis.networks.transformer import Transformer
from analysis.networks.vocabulary import Vocabulary
from tests.extras import extra

EVERY = np.arange(number_words.LARGEST + 1)
VOCABULARY = translator.VOCABULARY


@pytest.fixture(scope="module")
def model() -> Transformer:
    return translator.load()


def _held_out(count):
    return np.random.default_rng(3).choice(EVERY[translator.is_held_out(EVERY)], count, replace=False)


def test_numbers_that_training_never_sees_are_a_tenth_and_a_gap():
    assert translator.is_held_out(EVERY[100:700_000]).mean() == pytest.approx(0.1, abs=0.002)
    assert not translator.is_held_out(EVERY[:100]).any()
    assert translator.is_in_gap(EVERY).sum() == len(translator.GAP)
    kinds = [translator.is_held_out(EVERY), translator.is_in_gap(EVERY), translator.is_trained_on(EVERY)]
    assert (np.sum(kinds, axis=0) == 1).all(), "each number is of one kind"


def test_the_longest_numbers_just_fit_the_context():
    words = max(len(number_words.words(number_words.english(n))) for n in range(700_777, 900_000, 1111))
    assert words + 1 == translator.CONTEXT
    assert len(number_words.chinese(777_777)) + 1 == translator.CONTEXT


def test_it_translates_unseen_numbers(model):
    assert translator.text(translator.translate("three hundred and twenty-one")) == "三百二十一"
    assert translator.right_at_each_token(model, _held_out(1000)).all(axis=1).mean() > 0.95


def test_a_number_that_is_right_token_by_token_is_right_when_generated(model):
    numbers = _held_out(20)
    whole = translator.right_at_each_token(model, numbers).all(axis=1)
    for number, right in zip(numbers, whole, strict=True):
        written = translator.text(translator.translate(number_words.english(int(number))))
        assert (written == number_words.chinese(int(number))) == right


def test_parameters_equal_the_ledgers():
    arrays = weights.load("translator")
    assert sum(array.size for array in arrays.values()) == ledger.parameters(translator.ARCHITECTURE)


@pytest.fixture(scope="module")
def theirs():
    """Return PyTorch's network with the trained weights."""
    training = extra("training.translator")
    network = training.Translator(translator.ARCHITECTURE, translator.CONTEXT, VOCABULARY.padding)
    network.load_arrays(weights.load("translator"))
    return network.eval().requires_grad_(False)


def test_the_forward_pass_equals_pytorchs(model, theirs):
    torch = extra("torch")
    numbers = np.concatenate([_held_out(50), np.arange(50)])
    source, target = translator.sources(numbers), translator.targets(numbers)[:, :-1]
    with torch.no_grad():
        expected = theirs(torch.tensor(source), torch.tensor(target)).numpy()
    real = target != VOCABULARY.padding
    logits = model.decode(target, model.encode(source)).logits
    np.testing.assert_allclose(logits[real], expected[real], atol=1e-5 * np.abs(expected).max())


def test_the_arrays_are_what_was_loaded(theirs):
    arrays = weights.load("translator")
    again = theirs.arrays()
    assert again.keys() == arrays.keys()
    assert all(np.array_equal(again[name], arrays[name]) for name in arrays)


def test_a_short_training_lowers_the_loss():
    training = extra("training.translator")
    _, log = training.train(steps=30)
    assert log["held_out_loss"].iloc[-1] < 0.7 * log["held_out_loss"].iloc[0]
    assert log["loss"].iloc[-1] < 0.7 * log["loss"].iloc[0]


def test_padding_changes_nothing(model):
    one, longest = 12, 777_777
    alone = model.decode(translator.targets([one]), model.encode(translator.sources([one])))
    both = model.decode(translator.targets([one, longest]), model.encode(translator.sources([one, longest])))
    length = alone.logits.shape[1]
    np.testing.assert_allclose(both.logits[0, :length], alone.logits[0], atol=1e-4)


def test_a_position_does_not_see_what_comes_later(model):
    encoded = model.encode(translator.source("forty-two"))
    short = model.decode(np.array([VOCABULARY.start, *VOCABULARY.numbers("四十")]), encoded)
    long = model.decode(np.array([VOCABULARY.start, *VOCABULARY.numbers("四十二")]), encoded)
    np.testing.assert_allclose(long.logits[:3], short.logits, atol=1e-4)


def test_words_may_be_written_in_any_case_and_with_or_without_hyphen():
    np.testing.assert_array_equal(translator.source("Forty two"), translator.source("forty-two"))


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("", "sentence: it is empty; write an English number"),
        (" - ", "sentence: it is empty"),
        ("fourty-two", "sentence: 'fourty' is not in the vocabulary; did you mean 'forty'"),
        ("three million", "sentence: 'million' is not in the vocabulary.*zero, one, two"),
        ("三", "sentence: '三' is not in the vocabulary"),
        ("<end>", "sentence: '<end>' is not in the vocabulary"),
        ("one " * 12, "sentence: it has 12 words, and the context holds 11 and the end"),
    ],
)
def test_other_sentences_are_refused(sentence, message):
    with pytest.raises(translator.SentenceError, match=message):
        translator.source(sentence)


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), float("inf")])
def test_a_temperature_of_zero_or_below_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature: .* is not above 0"):
        decoding.sampling(temperature, np.random.default_rng(0))


LOGITS = st.lists(st.floats(-20, 20), min_size=2, max_size=9, unique=True).map(np.array)


@given(LOGITS, st.floats(0.05, 20))
def test_temperature_keeps_the_order_and_sharpens_or_flattens(logits, temperature):
    changed, own = decoding.at_temperature(logits, temperature), decoding.at_temperature(logits, 1)
    assert changed.sum() == pytest.approx(1)
    assert (np.argsort(changed, kind="stable") == np.argsort(own, kind="stable")).all() or changed.max() - changed.min() < 1e-9
    assert (changed.max() >= own.max() - 1e-12) == (temperature <= 1) or changed.max() == pytest.approx(own.max())


def test_sampling_draws_with_the_probabilities():
    logits = np.log(np.array([0.6, 0.3, 0.1]))
    choose = decoding.sampling(2.0, np.random.default_rng(1))
    drawn = np.bincount([choose(logits) for _ in range(20_000)], minlength=3) / 20_000
    expected = np.sqrt([0.6, 0.3, 0.1])  # softmax of logits / 2
    np.testing.assert_allclose(drawn, expected / expected.sum(), atol=0.015)


def test_generation_stops_at_the_context():
    never_ends = decoding.generate(
        translator.load(), VOCABULARY, translator.source("one"), 5, lambda _: VOCABULARY.numbers("一")[0]
    )
    assert len(never_ends.steps) == 5


@settings(max_examples=20)
@given(st.lists(st.sampled_from(number_words.ENGLISH), min_size=1, max_size=11))
def test_any_sentence_of_known_words_is_answered(words):
    generated = translator.translate(" ".join(words))
    assert 1 <= len(generated.steps) <= translator.CONTEXT


def test_a_vocabulary_reads_what_it_writes():
    vocabulary = Vocabulary.from_words(["a", "b"])
    numbers = [vocabulary.start, *vocabulary.numbers(["b", "a"]), vocabulary.end]
    assert vocabulary.read(vocabulary.batch([numbers], 6)[0]) == ["b", "a"]
