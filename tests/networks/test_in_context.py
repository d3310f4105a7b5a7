"""The ideal learner against brute force, what is measured against sequences counted by hand, and what is refused."""

from itertools import permutations, product

import numpy as np
import pytest

from analysis.models import ledger
from analysis.networks import in_context, substitution
from analysis.networks.in_context import ALL, BEFORE, FOUND, NEW, SAME, SHOWN, Asked
from analysis.networks.language_model import LanguageModel
from analysis.settings import SettingError, read
from tests.extras import extra


def _by_brute_force(symbols, examples):
    """Return the ideal accuracy by kind of query: over every rule and every choice of letters, the answer that most rules
    which fit the examples give."""
    every = list(permutations(range(symbols)))
    found = {ALL: [], SHOWN: [], NEW: []}
    for letters in product(range(symbols), repeat=examples + 1):
        *shown, asked = letters
        for rule in every:
            fitting = [other for other in every if all(other[letter] == rule[letter] for letter in shown)]
            votes = np.bincount([other[asked] for other in fitting], minlength=symbols)
            right = (votes[rule[asked]] == votes.max()) / (votes == votes.max()).sum()
            for query in (ALL, SHOWN if asked in shown else NEW):
                found[query].append(right)
    return {query: np.mean(values) if values else np.nan for query, values in found.items()}


@pytest.mark.parametrize(("symbols", "examples"), [(3, 0), (3, 1), (3, 3), (4, 2), (2, 4)])
def test_the_ideal_learner_is_what_brute_force_finds(symbols, examples):
    own = in_context.ideal(examples, symbols)
    for query, value in _by_brute_force(symbols, examples).items():
        assert own[query] == pytest.approx(value, nan_ok=True)


def test_the_ideal_learner_never_loses_by_an_example():
    every = [in_context.ideal(examples)[ALL] for examples in range(60)]
    assert every[0] == pytest.approx(1 / substitution.SYMBOLS)
    assert (np.diff(every) > 0).all()
    assert all(in_context.looked_up(examples) <= value + 1e-12 for examples, value in enumerate(every))


@pytest.mark.parametrize("examples", [0, 1, 7])
def test_distinct_letters_are_as_many_as_are_drawn(examples):
    drawn = np.random.default_rng(0).integers(4, size=(20_000, examples))
    counts = np.bincount([len(set(row)) for row in drawn.tolist()], minlength=5) / len(drawn)
    np.testing.assert_allclose(in_context.distinct(examples, 4), counts, atol=0.015)


def test_every_sequence_keeps_to_a_rule_of_its_own():
    random = np.random.default_rng(0)
    long = substitution.training_sequences(substitution.SHORT_STEPS + 1, random)
    for tokens in (substitution.drawn(50, random), long, substitution.first_batch()):
        rules = [dict(zip(row[::2], row[1::2], strict=True)) for row in tokens.tolist()]
        for row, rule in zip(tokens.tolist(), rules, strict=True):
            assert [rule[letter] for letter in row[::2]] == row[1::2]
            assert len(set(rule.values())) == len(rule), "two letters never share a capital"
            assert all(letter < substitution.SYMBOLS <= capital for letter, capital in rule.items())
    assert long.shape == (substitution.BATCH, 2 * substitution.EXAMPLES + 2)
    assert len(substitution.first_batch()) * substitution.SHORT == len(long) * substitution.EXAMPLES


def test_a_letter_was_shown_if_it_stands_before():
    tokens = substitution.sequences(np.arange(16)[None], np.array([[3, 5, 3, 3, 7]]))
    assert in_context.was_shown(tokens).tolist() == [[False, False, True, True, False]]
    given = np.array([[19, 19, 21, 31, 19]])  # D, D, F, P, D after the capitals D, F, D, D, H
    assert in_context.was_given(given, tokens).tolist() == [[False, True, True, False, True]]
    assert substitution.text(tokens[0, :5]) == "d→D f→F d→"


def test_what_is_measured_is_what_counting_finds():
    measured = in_context.measured(Asked(sequences=100)).set_index(["size", "examples", "query"])
    tokens = in_context.unseen(100)
    model = substitution.load("large")
    for examples in (0, 5):
        right = [model(row[: 2 * examples + 1]).logits[-1].argmax() == row[2 * examples + 1] for row in tokens]
        own = measured.loc["large", examples, ALL]
        assert (own["right"], own["trials"]) == (sum(right), 100)
        assert own["low"] < own["accuracy"] < own["high"]
    parts = measured.xs(9, level="examples").loc["medium"]
    assert parts.loc[[SHOWN, NEW], "right"].sum() == parts.loc[ALL, "right"]
    assert (("small", 0, SHOWN) not in measured.index) and (("small", 0, NEW) in measured.index)


def test_the_weights_of_a_look_are_counted_where_they_belong():
    tokens = substitution.sequences(np.arange(16)[None], np.array([[3, 5, 3]]))
    weights = np.zeros((1, 5, 5))
    weights[0, 1, 0], weights[0, 3, 2] = 0.5, 0.7  # both capitals at their letters
    weights[0, 4] = [0.2, 0.4, 0.1, 0.3, 0]  # the last letter at itself earlier, its capital, the other letter and its capital
    assert in_context.jobs(weights, tokens) == pytest.approx({BEFORE: 0.6, SAME: 0.2, FOUND: 0.4})


def test_answering_changes_no_weight():
    changed, weights = in_context.weights_changed("small", in_context.unseen(100))
    assert changed == 0
    assert weights == ledger.parameters(substitution.ARCHITECTURES["small"])


def test_a_head_left_out_is_the_one_that_is_named():
    model, tokens = substitution.load("medium"), in_context.unseen(100)
    whole, without = (in_context.looks(one, tokens) for one in (model, in_context.without(model, 1, 1)))
    first = whole["layer"] == 1
    np.testing.assert_allclose(whole.loc[first, "weight"], without.loc[first, "weight"])
    assert np.abs(whole.loc[~first, "weight"] - without.loc[~first, "weight"]).max() > 1e-3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"examples": -1}, "examples: '-1' is not valid: input should be greater than or equal to 0"),
        ({"examples": 33}, "examples: '33' is not valid: input should be less than or equal to 32"),
        ({"examples": "few"}, "examples: 'few' is not a finite number"),
        ({"size": "larg"}, "size: 'larg' is no size of the model; did you mean 'large'"),
        ({"exmples": 3}, "unknown setting 'exmples'; did you mean 'examples'"),
    ],
)
def test_other_settings_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Asked, values)


@pytest.mark.parametrize("size", substitution.SIZES)
def test_numpy_and_pytorch_answer_alike(size):
    torch, training = extra("torch"), extra("training.language_model")
    arrays = {name: array.astype(np.float32) for name, array in substitution.arrays(size).items()}
    theirs = training.LanguageModel(substitution.ARCHITECTURES[size])
    theirs.load_arrays(arrays)
    tokens = in_context.unseen(20)[:, :-1]
    with torch.no_grad():
        expected = theirs.eval()(torch.tensor(tokens)).numpy()
    own = LanguageModel.from_arrays(substitution.ARCHITECTURES[size], arrays)(tokens).logits
    np.testing.assert_allclose(own, expected, atol=1e-5 * np.abs(expected).max())


def test_a_short_training_lowers_the_loss():
    training = extra("training.substitution")
    _, log = training.train("small", steps=40)
    assert log["loss"].iloc[-1] < log["loss"].iloc[0] - 0.5


def test_the_first_batch_is_what_training_reads(monkeypatch):
    training = extra("training.substitution")
    read_tokens = []
    monkeypatch.setattr(
        training, "capital_loss", lambda model, tokens: read_tokens.append(tokens.numpy()) or model.embedding.weight.sum()
    )
    training.train("small", steps=1)
    np.testing.assert_array_equal(read_tokens[0], substitution.first_batch())
