"""The three steps together: with a perfect judge they lead to the best menu, and what repetitions cost is a slope."""

import numpy as np
import pytest

from analysis.feedback import menus, policy, rlhf
from analysis.feedback.rlhf import Feedback


@pytest.fixture(scope="module")
def found():
    return rlhf.judged(Feedback(comparisons=200, seed=0))


def test_with_a_perfect_judge_ppo_comes_near_the_best_menu(found):
    learner, log = rlhf.followed(found.by_true_reward, 0.0, 0, iterations=40)
    assert log["reward"].is_monotonic_increasing
    assert np.exp(policy.distribution(learner)) @ menus.rewards() > 6.4, "of 6.75"
    assert log["score"].iloc[-1] - log["reward"].iloc[-1] == pytest.approx(-log["reward"].iloc[0])


def test_what_is_measured_of_the_reference_is_nothing_new(found):
    one = rlhf.measured(found.log_q, found)
    assert one["kl"] == 0
    assert one["score"] == pytest.approx(0, abs=1e-6)
    assert 0.4 < found.agreement < found.ceiling < 1


def test_the_price_of_a_repetition_is_a_slope(found):
    repeats = menus.repetitions(menus.every())
    assert rlhf.per_repetition(3.0 - 2.0 * repeats, found.log_q) == pytest.approx(-2)
    assert rlhf.per_repetition(menus.rewards(), found.log_q) < -menus.REPEATED, "a taste is lost, too"


def test_a_seed_draws_everything_again(found):
    same, other = (rlhf.judged(Feedback(comparisons=200, seed=seed)) for seed in (0, 1))
    np.testing.assert_array_equal(same.scored, found.scored)
    assert np.abs(other.log_q - found.log_q).max() > 0.1
