"""A shortened training lowers the loss, and what is kept of long ones is what they compute."""

import numpy as np
import pytest

from analysis import facts
from analysis.networks import poem_models, poem_scaling, poem_tasks, poems
from tests.extras import extra

extra("torch")


@pytest.mark.parametrize("kind", poem_models.KINDS)
def test_a_short_training_lowers_the_loss(kind):
    training = extra("training.poem_models")
    _, log = training.train(kind, steps=12)
    assert log["held_out_loss"].iloc[-1] < log["held_out_loss"].iloc[0] - 0.2


def test_bert_can_start_from_gpts_weights():
    training = extra("training.poem_models")
    model, _ = training.train("BERT", 1, poem_models.arrays("GPT"))
    apart = [np.abs(array - poem_models.arrays("GPT")[name]).max() for name, array in model.arrays().items()]
    assert max(apart) < 0.01


def test_about_the_stated_share_of_characters_is_hidden_and_no_mark():
    training = extra("training.poem_models")
    tokens = poems.tokens(poems.of_use(poems.TEST)["text"])
    hidden = training.hidden_at_random(tokens, 0.2, np.random.default_rng(0))
    characters = tokens > poems.vocabulary().numbers(poems.STOP)[0]
    assert hidden[characters].mean() == pytest.approx(0.2, abs=0.01)
    assert not hidden[~characters].any()


def test_a_loss_that_is_kept_is_what_is_computed():
    training = extra("training.poem_scaling")
    row = poem_scaling.runs().iloc[0]
    loss, passes = training.lowest_loss(int(row["n_layers"]), int(row["d_model"]), int(row["poems"]))
    assert loss == pytest.approx(row["loss"], rel=0.01)
    assert abs(passes - row["passes"]) <= 1


def test_every_run_is_kept():
    scaling, tasks = extra("training.poem_scaling"), extra("training.poem_tasks")
    runs = facts.read("generated/poem_scaling")
    assert len(runs) == len(scaling.SIZES) * len(scaling.POEMS)
    kept = facts.read("generated/poem_tasks").groupby("task")["labels"].unique()
    assert {name: tuple(map(int, labels)) for name, labels in kept.items()} == tasks.COUNTS


def test_an_accuracy_that_is_kept_is_what_is_computed():
    training = extra("training.poem_tasks")
    task = poem_tasks.task("Order")
    rows = facts.read("generated/poem_tasks").query("task == 'Order' and labels == 30 and seed == 0 and start == 'pre-trained'")
    examples, test = task.examples(poems.LABELLED, 30, 0), task.examples(poems.TEST)
    for row in rows.itertuples():
        answering = training.fine_tuned(task, examples, poem_models.arrays("GPT"), row.learning_rate, 0)
        assert training.accuracy(answering, test) == pytest.approx(row.accuracy, abs=0.05)


def test_fine_tuning_learns_its_examples():
    training = extra("training.poem_tasks")
    task = poem_tasks.task("Dynasty")
    examples = task.examples(poems.LABELLED, 20, 0)
    answering = training.fine_tuned(task, examples, poem_models.arrays("GPT"), 1e-3, 0)
    assert training.accuracy(answering, examples) > 0.9
