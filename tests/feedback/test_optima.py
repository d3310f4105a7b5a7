"""The best of n against drawing, and the best policy at a penalty against any other."""

import numpy as np
import pytest

from analysis.feedback import optima, policy


@pytest.fixture(scope="module")
def some():
    random = np.random.default_rng(0)
    log_q = np.log(random.dirichlet(np.ones(40)))
    return log_q, random.normal(size=40)


def test_the_best_of_n_comes_as_often_as_it_is_drawn(some):
    log_q, scored = some
    random = np.random.default_rng(1)
    drawn = random.choice(40, size=(40_000, 5), p=np.exp(log_q))
    best = drawn[np.arange(len(drawn)), scored[drawn].argmax(axis=1)]
    assert np.exp(optima.best_of(log_q, scored, 5)) == pytest.approx(np.bincount(best, minlength=40) / 40_000, abs=0.01)
    assert np.exp(optima.best_of(log_q, scored, 1)) == pytest.approx(np.exp(log_q))
    assert np.exp(optima.best_of(log_q, scored, 1000)).sum() == pytest.approx(1)


@pytest.mark.parametrize("n", [2, 16, 256])
def test_its_divergence_has_the_closed_form_where_no_answer_is_common(n):
    log_q = np.full(200_000, -np.log(200_000))
    exact = policy.divergence(optima.best_of(log_q, np.random.default_rng(0).normal(size=len(log_q)), n), log_q)
    assert exact == pytest.approx(optima.best_of_divergence(n), rel=0.01)


def test_where_answers_are_common_the_closed_form_is_a_bound(some):
    log_q, scored = some
    for n in (2, 16, 256):
        assert policy.divergence(optima.best_of(log_q, scored, n), log_q) <= optima.best_of_divergence(n)


def test_no_policy_beats_the_tilted_one(some):
    log_q, scored = some
    penalty = 0.3
    best = optima.tilted(log_q, scored, penalty)

    def value(log_p):
        return np.exp(log_p) @ scored - penalty * policy.divergence(log_p, log_q)

    assert np.exp(best).sum() == pytest.approx(1)
    assert value(best) == pytest.approx(optima.optimum(log_q, scored, penalty))
    random = np.random.default_rng(2)
    for _ in range(200):
        near = np.exp(best) * random.uniform(0.5, 1.5, 40)
        assert value(np.log(near / near.sum())) <= value(best) + 1e-12
    assert optima.optimum(log_q, scored, 0) == scored.max()
