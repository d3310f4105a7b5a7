"""The poems, what the small GPT and BERT make of them, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from analysis import settings
from analysis.models import ledger
from analysis.networks import (
    language_model,
    poem_chain,
    poem_gaps,
    poem_models,
    poem_scaling,
    poem_tasks,
    poems,
    weights,
)
from analysis.networks.language_model import LanguageModel
from tests.extras import extra

WORDS = poems.vocabulary()


def test_no_line_is_both_trained_on_and_tested():
    lines = {use: {line for poem in poems.of_use(use)["lines"] for line in poem} for use in ("pre-training", "labelled", "test")}
    assert not lines["pre-training"] & lines["test"]
    assert not lines["pre-training"] & lines["labelled"]
    assert not lines["labelled"] & lines["test"]


def test_every_poem_is_a_quatrain_of_the_vocabulary_that_fits_the_context():
    for lines in poems.table()["lines"]:
        assert len(lines) == 4
        assert len({len(line) for line in lines}) == 1
    longest = max(map(len, poems.table()["text"]))
    assert poems.tokens(poems.table()["text"]).max() < len(WORDS)
    assert longest + 3 == poems.CONTEXT


def test_a_poem_is_written_with_its_marks():
    assert poems.written(("ab", "cd", "ef", "gh")) == "ab，cd。ef，gh。"
    first = poems.of_use(poems.TEST)["text"].iloc[0]
    assert "".join(WORDS.read(poems.tokens([first])[0])) == first


@pytest.mark.parametrize("kind", poem_models.KINDS)
def test_the_trained_models_equal_pytorchs(kind):
    torch, training = extra("torch"), extra("training.language_model")
    arrays = poem_models.arrays(kind)
    architecture = poem_models.ARCHITECTURES[kind]
    assert sum(array.size for array in arrays.values()) == ledger.parameters(architecture)
    theirs = training.LanguageModel(architecture)
    theirs.load_arrays(arrays)
    tokens = poems.tokens(poems.of_use(poems.TEST)["text"][:5])
    real = tokens != WORDS.padding
    with torch.no_grad():
        expected = theirs(torch.tensor(tokens), torch.tensor(~real)).numpy()
    model = poem_models.load(kind)
    logits = model(tokens, model.mask(tokens.shape[1]) & real[:, None, :]).logits
    np.testing.assert_allclose(logits[real], expected[real], atol=1e-5 * np.abs(expected).max())


def test_the_losses_in_the_log_are_those_of_the_stored_weights():
    tokens = poems.tokens(poems.of_use(poems.TEST)["text"][:200])
    found = language_model.next_log_probabilities(poem_models.load("GPT"), tokens)
    loss = -found[tokens[:, 1:] != WORDS.padding].mean()
    log = pd.read_csv(weights.paths.WEIGHTS / "poem_models_log.csv")
    assert loss == pytest.approx(log[log["kind"] == "GPT"]["held_out_loss"].iloc[-1], abs=0.1)


def test_only_bert_depends_on_what_comes_later():
    text = "白日依山盡"
    found = {kind: poem_gaps.influence(poem_models.load(kind), text, 3) for kind in poem_models.KINDS}
    later = np.triu_indices(len(text), 1)
    assert np.abs(found["GPT"][np.triu_indices(len(text))]).max() < 1e-5, "GPT sees nothing from the character itself on"
    assert found["BERT"][later].min() > 1e-4
    assert np.abs(np.diag(found["BERT"])).max() < 1e-5, "the character itself is hidden from BERT"


def test_gpt_predicts_the_same_whatever_follows():
    found = poem_gaps.right_at_gaps(60).set_index(["task", "kind"])
    gpt = found.xs("GPT", level="kind")
    assert gpt.loc[poem_gaps.FILL, "loss"] == pytest.approx(gpt.loc[poem_gaps.CONTINUE, "loss"], abs=1e-4)
    bert = found.xs("BERT", level="kind")
    assert bert.loc[poem_gaps.FILL, "loss"] < bert.loc[poem_gaps.CONTINUE, "loss"]


def test_a_gap_is_predicted_one_by_one_as_in_a_batch():
    table = poems.of_use(poems.TEST)[:3]
    for kind in poem_models.KINDS:
        batch = poem_gaps._log_probabilities(kind, poems.tokens(table["text"]), np.array([3, 3, 3]))
        for row, text in enumerate(table["text"]):
            np.testing.assert_allclose(poem_gaps.at_gap(kind, text, 3), np.exp(batch[row]), atol=1e-5)


def test_the_chain_rule_multiplies_what_one_pass_after_another_gives():
    text, model = "一片孤雲", poem_models.load("GPT")
    tokens = [WORDS.start, *WORDS.numbers(text)]
    one_by_one = [model(np.array(tokens[:end])).probabilities[-1, tokens[end]] for end in range(1, len(tokens))]
    np.testing.assert_allclose(np.exp(poem_chain.factors(text)["log_probability"]), one_by_one, rtol=1e-4)
    compared = poem_chain.compared([text], 2).iloc[0]
    assert compared["swapped"] == "一孤片雲"
    assert compared["log_probability"] == pytest.approx(np.log(one_by_one).sum(), rel=1e-5)


def test_the_order_of_unseen_lines_is_found_far_more_often_than_by_guessing():
    found = poem_chain.order_found()
    assert (found["right"] * found["lines"]).sum() / found["lines"].sum() > 0.8


def test_the_order_of_lines_is_found_without_labels():
    assert poem_chain.couplets_found() > 0.6


@pytest.mark.parametrize("name", poem_tasks.TASKS)
def test_examples_are_what_their_labels_say(name):
    task = poem_tasks.task(name)
    examples = task.examples(poems.TEST, 50)
    table = poems.of_use(poems.TEST)
    assert set(examples.labels) == set(range(len(task.answers)))
    assert examples.tokens.shape[:2] == (50, {"Same poem": 2, "Continuation": 4}.get(name, 1))
    poem_of = {poems.written(lines[start : start + 2]): row for row, lines in enumerate(table["lines"]) for start in (0, 2)}
    pair_of = {lines[start]: lines[start + 1] for lines in table["lines"] for start in (0, 2)}
    dynasty_of = dict(zip(table["text"], table["dynasty"], strict=True))
    for texts, label in zip(examples.texts, examples.labels, strict=True):
        parts = ["".join(text).split(poems.DELIMITER) for text in texts]
        if name == "Dynasty":
            assert dynasty_of[parts[0][0]] == task.answers[label]
        elif name == "Order":
            assert pair_of[parts[0][label]] == parts[0][1 - label]
        elif name == "Same poem":
            assert parts[1] == parts[0][::-1]
            assert (poem_of[parts[0][0]] == poem_of[parts[0][1]]) == (label == 0)
        else:
            own = [poem_of[first] == poem_of[second] for first, second in parts]
            assert own == [place == label for place in range(4)]


def test_an_unknown_task_or_model_and_a_wrong_count_are_refused():
    with pytest.raises(ValueError, match="task: 'Dinasty' is not known; did you mean 'Dynasty'"):
        poem_tasks.task("Dinasty")
    with pytest.raises(ValueError, match="kind: 'GTP' is not known; did you mean 'GPT'"):
        poem_models.load("GTP")
    with pytest.raises(ValueError, match="count: 0 is not 1 to"):
        poem_tasks.task("Order").examples(poems.TEST, 0)


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (poem_gaps.Gap, {"text": ""}, "text: it is empty; give 1 to 33 tokens"),
        (poem_gaps.Gap, {"text": "苹果"}, "text: '苹' is not in the vocabulary"),
        (poem_gaps.Gap, {"text": "山" * 40}, "text: it has 40 tokens, and the context has room for 33"),
        (poem_gaps.Gap, {"text": "白日", "gap": 3}, "gap: 3 is not valid: the text has 2 characters"),
        (poem_gaps.Gap, {"text": "白日，", "gap": 3}, "gap: 3 is not valid: there stands the mark '，'"),
        (poem_gaps.Gap, {"gap": 0}, "gap: '0' is not valid: input should be greater than or equal to 1"),
        (poem_chain.Chain, {"text": "一颗苹果"}, "text: '颗', '苹' are not in the vocabulary"),
        (poem_chain.Chain, {"others": ("Apple",)}, "others: 'A', 'p', 'l', 'e' are not in the vocabulary"),
        (poem_chain.Chain, {"swap": 4}, "swap: 4 is not valid: the shortest text has 4 characters, so allowed are 1 to 3"),
        (poem_tasks.Shown, {"seed": -1}, "seed: '-1' is not valid"),
    ],
)
def test_other_settings_are_refused(model, values, message):
    with pytest.raises(settings.SettingError, match=message):
        settings.read(model, values)


def test_a_law_is_found_again_from_its_own_losses():
    law = poem_scaling.Law(1e9, 0.07, 1e12, 0.1)
    frame = pd.DataFrame([(n, d) for n in (1e3, 1e4, 1e5) for d in (1e4, 1e5, 1e6)], columns=["parameters", "tokens"])
    frame["loss"] = law.loss(frame["parameters"], frame["tokens"])
    found = poem_scaling.fit(frame)
    assert (found.size_exponent, found.data_exponent) == (pytest.approx(0.07, rel=1e-3), pytest.approx(0.1, rel=1e-3))
    assert poem_scaling.error(found, frame) < 1e-5
    assert [one.data_exponent for one in poem_scaling.without_each(frame)] == pytest.approx([0.1] * len(frame), rel=1e-3)
    huge = frame.assign(tokens=1e30, loss=law.loss(frame["parameters"], 1e30))
    line = poem_scaling.slope(huge.drop_duplicates("parameters"), "parameters")
    assert line.exponent == pytest.approx(0.07, rel=1e-3)
    assert line.low <= line.exponent <= line.high


def test_no_law_of_other_exponents_is_closer_to_the_runs():
    # With both exponents fixed the law is a sum of two terms, whose weights nnls finds; a grid of exponents finds the rest.
    runs = poem_scaling.runs()
    sizes, tokens, losses = (runs[column].to_numpy(float) for column in ("parameters", "tokens", "loss"))
    errors = []
    for data_exponent in np.linspace(0.05, 0.2, 61):
        for size_exponent in np.geomspace(0.02, 1, 61):
            raised = losses ** (1 / data_exponent)
            terms = np.column_stack([sizes ** -(size_exponent / data_exponent), 1 / tokens]) / raised[:, None]
            weights, _ = optimize.nnls(terms / terms.max(axis=0), np.ones(len(runs)))
            predicted = (terms / terms.max(axis=0) @ weights * raised) ** data_exponent
            errors.append(np.sqrt((np.log(predicted / losses) ** 2).mean()))
    assert poem_scaling.error(poem_scaling.fit(runs), runs) == pytest.approx(min(errors), rel=0.02)
    for law in poem_scaling.without_each(runs):
        assert law.size_exponent == pytest.approx(0.09, abs=0.03)
        assert law.data_exponent == pytest.approx(0.0885, abs=0.005)


def test_parameters_without_embeddings_are_twelve_squares_a_layer_and_biases():
    n_layers, width = 4, 96
    expected = n_layers * (12 * width**2 + 13 * width) + 2 * width
    assert poem_scaling.parameters(n_layers, width) == expected


def test_a_model_of_no_training_is_as_good_as_guessing():
    architecture = poem_models.ARCHITECTURES["GPT"]
    arrays = {name: 0 * array for name, array in poem_models.arrays("GPT").items()}
    model = LanguageModel.from_arrays(architecture, arrays)
    found = language_model.next_log_probabilities(model, poems.tokens(["白日依山盡"])[0])
    np.testing.assert_allclose(found, -np.log(len(WORDS)), rtol=1e-5)
