"""Probes: what a linear map reads off vectors, and the words that it is asked about."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.networks import held_out, number_probes, number_words, probe, sublayers, tables, translator


def test_a_probe_reads_what_is_linear_and_guesses_what_is_not_there():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(600, 8))
    linear = np.where(vectors @ random.normal(size=8) > 0, "yes", "no")
    absent = random.choice(["yes", "no"], size=600)
    product = np.where(vectors[:, 0] * vectors[:, 1] > 0, "yes", "no")  # there, but no linear map finds it
    fit, test = slice(0, 400), slice(400, 600)
    for labels, least, most in ((linear, 0.93, 1), (absent, 0.35, 0.65), (product, 0.35, 0.65)):
        assert least <= probe.accuracy(vectors[fit], labels[fit], vectors[test], labels[test]) <= most


def test_guessing_takes_the_most_frequent():
    assert probe.guessing(np.array(["a", "a", "b"]), np.array(["a", "b", "b", "b"])) == 0.25


@given(st.integers(0, number_words.LARGEST))
def test_a_digit_words_power_is_its_place_in_the_number(number):
    words = number_words.words(number_words.english(number))
    digits = str(number)[::-1]
    found = number_probes.digit_words(np.array([number]))
    for row in found.itertuples():
        assert words[row.position] == row.word
        assert digits[row.place] == str(number_words.UNITS.index(row.word))
        assert row.before == (words[row.position - 1] if row.position else "<none>")
        assert row.digits == len(digits)
    assert len(found) == sum(word in number_words.UNITS[1:10] for word in words)


def test_upper_layers_hold_the_power_and_all_hold_the_digit():
    frame = number_probes.by_layer(translator.load(), held_out.sample_by_digits(150))
    at = frame.pivot(index="property", columns="layer", values="accuracy")
    digit, power = (number_probes.PROPERTIES[name] for name in ("word", "place"))
    assert list(at.columns) == [0, 1, 2, 3]
    assert at.loc[power, 3] > at.loc[power, 0] + 0.15
    assert at.loc[digit].min() > 0.95


def test_likeness_turns_from_the_digit_to_the_power():
    frame = number_probes.likeness(translator.load(), held_out.sample_by_digits(150))
    at = frame.pivot(index="pair", columns="layer", values="cosine")
    digit, power = "Same digit, another power", "Another digit, same power"
    assert at.loc[digit, 0] > at.loc[power, 0]
    assert at.loc[digit, 3] < at.loc[power, 3]
    assert (at.abs().to_numpy() <= 1).all()


def test_a_sample_by_digits_has_short_numbers_too():
    sample = held_out.sample_by_digits(60)
    assert translator.is_held_out(sample).all()
    assert len(set(sample)) == len(sample)
    lengths = np.char.str_len(sample.astype(str))
    assert [int((lengths == count).sum()) for count in (3, 4, 5, 6)] == [60] * 4
    assert set(lengths[:60]) == {3, 4, 5, 6}, "in random order"


def test_unseen_numbers_are_counted_by_kind_and_digits():
    model = translator.load()
    frame = held_out.by_digits(model, 50)
    every = np.arange(number_words.LARGEST + 1)
    for kind, mask in (("Held out", translator.is_held_out(every)), ("In the gap", translator.is_in_gap(every))):
        assert frame.loc[frame["kind"] == kind, "unseen"].sum() == mask.sum()
    assert (frame["tested"] == frame["unseen"].clip(upper=50)).all()
    assert ((frame["right"] == frame["tested"]) == frame["wrong"].isna()).all()


def test_a_wrong_translation_is_counted_and_named():
    broken = sublayers.without(translator.load(), "decoder", 2, sublayers.CROSS)
    frame = held_out.by_digits(broken, 20)
    assert (frame["right"] < frame["tested"]).all()
    shown = tables.accuracy(frame, broken)["A wrong one"]
    number, written = shown[0].split(": ")
    assert written != number_words.chinese(int(number.replace(",", "")))
