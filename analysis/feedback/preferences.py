"""The reward model (奖励模型): what of two answers people prefer, after Bradley and Terry 1952, learned from comparisons.

P(a is preferred to b) = 1 / (1 + e^(r(b) - r(a))): only differences of the score r mean anything. Fitted by maximum
likelihood, as in Stiennon et al. 2020 and Ouyang et al. 2022.
"""

from dataclasses import dataclass

import numpy as np

from analysis.feedback import menus, policy
from analysis.feedback.menus import COURSES, DISHES
from analysis.networks import dense
from analysis.networks.dense import Dense
from analysis.networks.optimizer import Adam

_HIDDEN = 64
_RATE, _DECAY, _BATCH, _EPOCHS = 2e-3, 1.0, 32, 40
_HELD_OUT = 0.2  # of the comparisons, to stop by


@dataclass(frozen=True)
class Comparisons:
    """Pairs of menus, (n, courses) each, the one that was preferred in `better`."""

    better: np.ndarray
    worse: np.ndarray


def preferred(gap: np.ndarray | float) -> np.ndarray:
    """Return the probability, by Bradley and Terry, that an answer is preferred whose score is higher by `gap`."""
    return 1 / (1 + np.exp(-np.asarray(gap, dtype=float)))


def compared(first: np.ndarray, second: np.ndarray, noise: float, random: np.random.Generator) -> Comparisons:
    """Return how simulated people judge the menus `first` against `second`: by their true reward, `noise` points of which
    are worth one unit of the score. The larger the noise, the nearer to chance."""
    gap = menus.true_reward(first) - menus.true_reward(second)
    wins = (random.random(len(first)) < preferred(gap / noise))[:, None]
    return Comparisons(np.where(wins, first, second), np.where(wins, second, first))


def loss(model: Dense, pairs: Comparisons) -> tuple[float, list[np.ndarray]]:
    """Return the mean of -ln P(the better is preferred), in nats, and its derivative by each of the model's arrays."""
    better, worse = (model.outputs(menus.encoded(side)) for side in (pairs.better, pairs.worse))
    gap = better[-1] - worse[-1]
    flowing = (preferred(gap) - 1).astype(gap.dtype) / len(gap)
    both = zip(model.backward(better, flowing), model.backward(worse, -flowing), strict=True)
    return float(np.logaddexp(0, -gap).mean()), [left + other for left, other in both]


def reward_model(pairs: Comparisons, random: np.random.Generator) -> Dense:
    """Return a network that scores menus, fitted to `pairs` with weight decay, and kept from the pass after which its loss on
    a fifth of them, held out, is lowest."""
    model, optimizer = dense.initial((COURSES * len(DISHES), _HIDDEN, 1), random), Adam(_RATE)
    model.layers[-1].weight[...] *= 0.1  # so that it begins with no opinion
    learnt = int(len(pairs.better) * (1 - _HELD_OUT))
    held_out = Comparisons(pairs.better[learnt:], pairs.worse[learnt:])
    best, lowest = policy.copy(model), np.inf
    for _ in range(_EPOCHS):
        for rows in np.array_split(random.permutation(learnt), -(-learnt // _BATCH)):
            optimizer.step(model.arrays, loss(model, Comparisons(pairs.better[rows], pairs.worse[rows]))[1])
            for layer in model.layers:
                layer.weight[...] *= 1 - _RATE * _DECAY
        after = loss(model, held_out)[0]
        if after < lowest:
            best, lowest = policy.copy(model), after
    return best


def scores(model: Dense, log_q: np.ndarray) -> np.ndarray:
    """Return the model's score of every menu, less its mean under the distribution `log_q`: 0 is the answer of before."""
    raw = model(menus.encoded(menus.every()))[:, 0].astype(float)
    return raw - np.exp(log_q) @ raw


def agreement(scored: np.ndarray, pairs: Comparisons) -> float:
    """Return the share of `pairs` in which the menu that was preferred has the higher score; `scored` is of every menu."""
    return float((scored[menus.places(pairs.better)] > scored[menus.places(pairs.worse)]).mean())
