"""PPO: its objective by hand, its gradient against finite differences, and that it learns what can be computed exactly."""

import numpy as np
import pytest

from analysis.feedback import menus, optima, policy, ppo
from analysis.feedback.ppo import Recipe


@pytest.mark.parametrize(
    ("ratio", "advantage", "objective", "slope"),
    [
        (1.0, 2.0, 2.0, 2.0),  # nothing has moved yet: the plain gradient
        (1.1, 2.0, 2.2, 2.2),  # within the clip
        (1.5, 2.0, 2.4, 0.0),  # good, and already far more probable: no further
        (1.5, -2.0, -3.0, -3.0),  # bad, and yet more probable: back
        (0.5, -2.0, -1.6, 0.0),  # bad, and already far less probable: no further
        (0.5, 2.0, 1.0, 1.0),  # good, and yet less probable: back
    ],
)
def test_the_clipped_objective_by_hand(ratio, advantage, objective, slope):
    found = ppo.clipped(np.log([ratio]), np.array([advantage]), 0.2)
    assert [float(part[0]) for part in found] == pytest.approx([objective, slope])


def test_the_slope_is_that_of_the_objective():
    random = np.random.default_rng(0)
    log_ratio, advantage = random.normal(0, 0.4, 200), random.normal(size=200)
    slope = ppo.clipped(log_ratio, advantage, 0.2)[1]
    more, less = (ppo.clipped(log_ratio + step, advantage, 0.2)[0] for step in (1e-6, -1e-6))
    assert slope == pytest.approx((more - less) / 2e-6, rel=1e-4, abs=1e-6)


def test_returns_add_up_what_is_to_come():
    assert ppo.returns(np.array([[1.0, 2.0, 4.0]])).tolist() == [[7.0, 6.0, 4.0]]


def _after(reference, scored, recipe):
    *_, learner = ppo.train(reference, scored, recipe, np.random.default_rng(0))
    return policy.distribution(learner)


@pytest.fixture(scope="module")
def reference():
    return policy.initial(np.random.default_rng(1))


def test_a_short_training_raises_the_reward_that_it_is_given(reference):
    log_q = policy.distribution(reference)
    scored = menus.rewards() - np.exp(log_q) @ menus.rewards()
    log_p = _after(reference, scored, Recipe(penalty=0.1, iterations=8))
    assert np.exp(log_p) @ scored > 0.8
    np.testing.assert_array_equal(log_q, policy.distribution(reference), "the reference is left alone")


def test_with_a_penalty_it_comes_near_the_best_there_is(reference):
    log_q = policy.distribution(reference)
    scored = menus.TASTES[menus.every()[:, 0]]  # the first dish alone counts
    penalty = 0.5
    best = optima.optimum(log_q, scored, penalty)
    log_p = _after(reference, scored, Recipe(penalty, iterations=20))
    reached = np.exp(log_p) @ scored - penalty * policy.divergence(log_p, log_q)
    assert np.exp(log_q) @ scored < reached <= best + 1e-9
    assert reached > best - 0.03


def test_a_heavy_penalty_keeps_the_policy_where_it_is(reference):
    log_q = policy.distribution(reference)
    scored = menus.rewards()
    held, free = (policy.divergence(_after(reference, scored, Recipe(penalty, 5)), log_q) for penalty in (20.0, 0.0))
    assert held < 0.1 < free
