"""A shortened training lowers the loss, and what is kept of long ones is what they compute."""

import numpy as np
import pytest

from analysis.networks import poem_models, poem_tasks, poems
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


def test_fine_tuning_learns_its_examples():
    training = extra("training.poem_tasks")
    task = poem_tasks.task("Dynasty")
    examples = task.examples(poems.LABELLED, 20, 0)
    answering = training.fine_tuned(task, examples, poem_models.arrays("GPT"), 1e-3, 0)
    assert training.accuracy(answering, examples) > 0.9
