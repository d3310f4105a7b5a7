"""The three steps of Ouyang et al. 2022 in miniature, from demonstrations to a policy that follows a reward model."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.special import logsumexp

from analysis.feedback import menus, policy, ppo, preferences
from analysis.networks.dense import Dense
from analysis.settings import Settings

#: Menus that people write for the first step, and more of them to stop by.
DEMONSTRATIONS, HELD_OUT = 300, 500
#: They write a menu with probability e^(true reward / this), in points: good ones more often, but not only.
TEMPERATURE = 1.5
#: Fresh comparisons to judge a reward model by.
JUDGED = 4_000
#: Iterations of PPO after which the policy is measured.
MEASURED_EVERY = 5


class Feedback(Settings):
    """How much people say, how clearly, and how far the policy may follow what was learned from it."""

    comparisons: int = Field(1_000, ge=50, le=20_000, description="pairs of menus that people judge")
    noise: float = Field(
        1.0, ge=0.05, le=20, description="points that are worth one unit of the score; the larger, the more random"
    )
    penalty: float = Field(0.1, ge=0.01, le=10, description="what a nat of KL divergence costs, in units of the score")
    seed: int = Field(3, ge=0, le=10_000, description="draws the demonstrations, the comparisons and the first weights")


@dataclass(frozen=True)
class Judged:
    """What the first two steps leave.

    `reference` is the fine-tuned policy and `log_q` its log-probability of every menu; `scored` is the reward model's score of
    every menu, 0 in the reference's mean. `agreement` is the share of fresh comparisons that the reward model tells, `ceiling`
    the share that the true reward tells.
    """

    reference: Dense
    log_q: np.ndarray
    reward_model: Dense
    scored: np.ndarray
    agreement: float
    ceiling: float

    @property
    def by_true_reward(self) -> "Judged":
        """The same with a perfect judge, whose score is the true reward, and agrees with as many choices as any can."""
        scored = menus.rewards() - np.exp(self.log_q) @ menus.rewards()
        return replace(self, scored=scored, agreement=self.ceiling)


def people() -> np.ndarray:
    """Return the log-probability with which people write each menu."""
    return menus.rewards() / TEMPERATURE - logsumexp(menus.rewards() / TEMPERATURE)


def demonstrations(count: int, random: np.random.Generator) -> np.ndarray:
    """Return so many menus that people write, (count, courses)."""
    p = np.exp(people())
    return menus.every()[random.choice(len(p), count, p=p / p.sum())]


def judged(settings: Feedback) -> Judged:
    """Return what supervised fine-tuning and the reward model come to."""
    random = np.random.default_rng(settings.seed)
    reference = policy.supervised(demonstrations(DEMONSTRATIONS, random), demonstrations(HELD_OUT, random), random)
    log_q = policy.distribution(reference)
    model = preferences.reward_model(_comparisons(reference, settings.comparisons, settings.noise, random), random)
    scored = preferences.scores(model, log_q)
    fresh = _comparisons(reference, JUDGED, settings.noise, random)
    agreement, ceiling = (preferences.agreement(by, fresh) for by in (scored, menus.rewards()))
    return Judged(reference, log_q, model, scored, agreement, ceiling)


def _comparisons(reference: Dense, count: int, noise: float, random: np.random.Generator) -> preferences.Comparisons:
    first, second = (policy.sample(reference, count, random) for _ in range(2))
    return preferences.compared(first, second, noise, random)


def measured(log_p: np.ndarray, judgement: Judged) -> dict[str, float]:
    """Return what a distribution over menus comes to: its `kl` from the reference in nats, the mean `score` of the reward
    model, and the mean true `reward` in points. Nothing is sampled."""
    p = np.exp(log_p)
    return {
        "kl": policy.divergence(log_p, judgement.log_q),
        "score": float(p @ judgement.scored),
        "reward": float(p @ menus.rewards()),
    }


def per_repetition(values: np.ndarray, log_q: np.ndarray) -> float:
    """Return by how much `values` of every menu change with one more course that repeats a dish: the slope of least squares
    over the menus of `log_q`."""
    joint = np.cov(values, menus.repetitions(menus.every()), aweights=np.exp(log_q))
    return float(joint[0, 1] / joint[1, 1])


def followed(judgement: Judged, penalty: float, seed: int, iterations: int = ppo.Recipe.iterations) -> tuple[Dense, pd.DataFrame]:
    """Return the policy that PPO makes of the reference, and `measured` by `iteration` on the way."""
    rows = []
    recipe = ppo.Recipe(penalty, iterations)
    for iteration, learner in enumerate(ppo.train(judgement.reference, judgement.scored, recipe, np.random.default_rng(seed))):
        if iteration % MEASURED_EVERY == 0:
            rows.append({"iteration": iteration, **measured(policy.distribution(learner), judgement)})
    return learner, pd.DataFrame(rows)
