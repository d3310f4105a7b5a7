"""Reinforcement learning (强化学习): proximal policy optimization, PPO (近端策略优化), of Schulman et al. 2017.

As Stiennon et al. 2020 and Ouyang et al. 2022 use it: a whole answer gets the reward model's score at its end, and every
token costs `penalty` × ln(p / q), p being its probability under the policy and q under the one that was there before. In
expectation that costs the KL divergence of the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.feedback import menus, policy
from analysis.feedback.menus import COURSES, DISHES
from analysis.networks import dense
from analysis.networks.attention import softmax
from analysis.networks.dense import Dense
from analysis.networks.language_model import log_softmax
from analysis.networks.optimizer import Adam

_CRITIC_HIDDEN, _CRITIC_RATE = 64, 3e-3


@dataclass(frozen=True)
class Recipe:
    """How the policy learns: `batch` menus an iteration, gone through `epochs` times in `parts`, at Adam's `rate`."""

    penalty: float
    iterations: int = 60
    batch: int = 256
    epochs: int = 4
    parts: int = 4
    clip: float = 0.2
    rate: float = 1e-3


def clipped(log_ratio: np.ndarray, advantage: np.ndarray, clip: float) -> tuple[np.ndarray, np.ndarray]:
    """Return PPO's objective min(ρ A, clip(ρ, 1 ± clip) A) of each token (n,), and its derivative by ln p.

    ρ = e^`log_ratio` is the probability of the token over what it was when the menu was written, A its `advantage`. Where
    the probability has already moved far enough in the advantage's direction, the derivative is zero.
    """
    ratio = np.exp(log_ratio)
    plain, bounded = ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage
    return np.minimum(plain, bounded), np.where(plain <= bounded, plain, 0)


def returns(rewards: np.ndarray) -> np.ndarray:
    """Return the sum of the `rewards` (n, courses) from each course on, (n, courses)."""
    return rewards[:, ::-1].cumsum(axis=1)[:, ::-1]


def train(reference: Dense, scored: np.ndarray, recipe: Recipe, random: np.random.Generator) -> Iterator[Dense]:
    """Yield the policy before the first and after each iteration; it begins as `reference`, and is changed in place.

    `scored` is the reward model's score of every menu. A second network, the critic, predicts the return of a menu begun; a
    token's advantage is by how much the return exceeds that.
    """
    learner, critic = policy.copy(reference), dense.initial((COURSES * len(DISHES), _CRITIC_HIDDEN, 1), random)
    optimizers = Adam(recipe.rate), Adam(_CRITIC_RATE)
    yield learner
    for _ in range(recipe.iterations):
        written = policy.sample(learner, recipe.batch, random)
        before = policy.log_probabilities(learner, written)
        rewards = -recipe.penalty * (before - policy.log_probabilities(reference, written))
        rewards[:, -1] += scored[menus.places(written)]
        x, chosen, old, gained = policy.contexts(written), written.reshape(-1), before.reshape(-1), returns(rewards).reshape(-1)
        advantage = gained - critic(x)[:, 0]
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        for _ in range(recipe.epochs):
            for rows in np.array_split(random.permutation(len(x)), recipe.parts):
                _improve(learner, optimizers[0], x[rows], chosen[rows], old[rows], advantage[rows], recipe.clip)
                optimizers[1].step(critic.arrays, critic.gradients(x[rows], gained[rows, None], squared=True)[1])
        yield learner


def _improve(
    learner: Dense, optimizer: Adam, x: np.ndarray, chosen: np.ndarray, old: np.ndarray, advantage: np.ndarray, clip: float
) -> None:
    outputs = learner.outputs(x)
    now = np.take_along_axis(log_softmax(outputs[-1]), chosen[:, None], axis=-1)[:, 0]
    _, slope = clipped(now - old, advantage, clip)
    # The derivative of ln p by the scores is (1 at the chosen dish) - p; the optimizer goes down, hence the sign.
    flowing = (softmax(outputs[-1]) - np.eye(len(DISHES))[chosen]) * slope[:, None] / len(x)
    optimizer.step(learner.arrays, learner.backward(outputs, flowing.astype(outputs[-1].dtype)))
