"""Bradley and Terry's model against its closed form for two answers, its gradient against finite differences."""

import numpy as np
import pytest

from analysis.feedback import menus, preferences
from analysis.feedback.preferences import Comparisons
from analysis.networks import dense
from analysis.networks.optimizer import GradientDescent


def test_the_probability_is_the_logistic_function_of_the_gap():
    assert preferences.preferred(np.log([1, 3, 1 / 3])) == pytest.approx([0.5, 0.75, 0.25])


def test_for_two_answers_the_fit_is_the_log_of_the_odds():
    # One is preferred in 30 of 40 comparisons: the likeliest difference of their scores is ln(30 / 10).
    one, other = np.tile([0, 1, 2, 3, 4, 5], (40, 1)), np.tile([7, 7, 7, 7, 7, 7], (40, 1))
    wins = (np.arange(40) < 30)[:, None]
    pairs = Comparisons(np.where(wins, one, other), np.where(wins, other, one))
    model = dense.initial((48, 1), np.random.default_rng(0))
    optimizer = GradientDescent(0.1)
    for _ in range(400):
        optimizer.step(model.arrays, preferences.loss(model, pairs)[1])
    gap = model(menus.encoded(one[:1])) - model(menus.encoded(other[:1]))
    assert float(gap[0, 0]) == pytest.approx(np.log(3), abs=1e-4)


def test_the_gradient_is_the_slope():
    random = np.random.default_rng(0)
    model = dense.initial((48, 5, 1), random)
    model = dense.Dense(tuple(dense.Linear(*(array.astype(float) for array in layer)) for layer in model.layers))
    pairs = Comparisons(*random.integers(8, size=(2, 12, 6)))
    _, found = preferences.loss(model, pairs)
    for number, array in enumerate(model.arrays):
        for place in zip(*(random.integers(size, size=6) for size in array.shape), strict=True):
            kept, losses = array[place], []
            for moved in (kept + 1e-6, kept - 1e-6):
                array[place] = moved
                losses.append(preferences.loss(model, pairs)[0])
            array[place] = kept
            assert found[number][place] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4, abs=1e-8)


def test_people_prefer_the_better_menu_more_often_the_less_noise_there_is():
    random = np.random.default_rng(0)
    good, bad = np.tile([2, 4, 5, 6, 3, 7], (4000, 1)), np.tile([2, 4, 5, 6, 3, 3], (4000, 1))  # 6.75 against 4 points
    for noise in (0.5, 2.75, 20):
        pairs = preferences.compared(good, bad, noise, random)
        won = (pairs.better == good).all(axis=1).mean()
        assert won == pytest.approx(1 / (1 + np.exp(-2.75 / noise)), abs=0.03)


def test_clear_judgements_teach_the_order():
    random = np.random.default_rng(0)
    uniform = np.full(8**6, -6 * np.log(8))

    def draw():
        return random.integers(8, size=(3000, 6))

    model = preferences.reward_model(preferences.compared(draw(), draw(), 0.05, random), random)
    fresh = preferences.compared(draw(), draw(), 0.05, random)
    scored = preferences.scores(model, uniform)
    assert preferences.agreement(scored, fresh) > 0.8
    assert scored.mean() == pytest.approx(0, abs=1e-4), "the score is 0 in the mean of the distribution that is given"
    assert preferences.agreement(menus.rewards(), fresh) > 0.95
