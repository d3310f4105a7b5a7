"""The policy over menus: what is said to be exact, against counting, and learning from demonstrations."""

import numpy as np
import pytest

from analysis.feedback import menus, policy, rlhf


@pytest.fixture(scope="module")
def one():
    return policy.initial(np.random.default_rng(1))


@pytest.fixture(scope="module")
def other():
    return policy.initial(np.random.default_rng(2))


def test_the_distribution_is_the_product_over_the_courses(one):
    short = menus.every(3)
    by_hand = []
    for menu in short[::41]:
        total = 0.0
        for course in range(3):
            scores = one(menus.encoded(menu[None, :course]))[0].astype(float)
            total += scores[menu[course]] - np.log(np.exp(scores).sum())
        by_hand.append(total)
    assert policy.distribution(one, 3)[::41] == pytest.approx(by_hand, abs=1e-5)
    assert policy.log_probabilities(one, short).sum(axis=1) == pytest.approx(policy.distribution(one, 3), abs=1e-5)
    assert np.exp(policy.distribution(one)).sum() == pytest.approx(1)


def test_the_divergence_is_the_sum_over_all_menus(one, other):
    log_p, log_q = policy.distribution(one, 3), policy.distribution(other, 3)
    by_hand = sum(np.exp(a) * (a - b) for a, b in zip(log_p, log_q, strict=True))
    assert policy.divergence(log_p, log_q) == pytest.approx(by_hand)
    assert policy.divergence(log_p, log_p) == 0
    assert policy.divergence(np.log([0.5, 0.5]), np.log([0.25, 0.75])) == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(2 / 3))
    certain = np.array([0.0, -np.inf])
    assert policy.divergence(certain, np.log([0.25, 0.75])) == pytest.approx(np.log(4))


def test_samples_come_as_often_as_the_distribution_says(one, other):
    drawn = policy.sample(one, 20_000, np.random.default_rng(0))
    first = np.exp(policy.distribution(one, 1))
    assert np.bincount(drawn[:, 0], minlength=8) / len(drawn) == pytest.approx(first, abs=0.015)
    # What PPO adds up along its samples, ln p - ln q, is the divergence in the mean.
    ratio = (policy.log_probabilities(one, drawn) - policy.log_probabilities(other, drawn)).sum(axis=1)
    exact = policy.divergence(policy.distribution(one), policy.distribution(other))
    assert ratio.mean() == pytest.approx(exact, abs=float(5 * ratio.std() / len(drawn) ** 0.5))


def test_a_copy_may_be_changed(one):
    copied = policy.copy(one)
    copied.arrays[0][...] = 0
    assert one.arrays[0].any()


def test_fine_tuning_comes_nearer_to_the_people():
    random = np.random.default_rng(0)
    tuned = policy.supervised(rlhf.demonstrations(300, random), rlhf.demonstrations(500, random), random)
    apart = [policy.divergence(rlhf.people(), log_q) for log_q in (policy.distribution(tuned), np.full(8**6, -6 * np.log(8)))]
    assert apart[0] < 0.8 * apart[1], "nearer than guessing"
    assert np.exp(policy.distribution(tuned)) @ menus.rewards() > menus.rewards().mean() + 0.3
