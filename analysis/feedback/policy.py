"""The policy (策略): a language model that writes menus, a dish at a time, as reinforcement learning calls it.

It is a neural language model after Bengio et al. 2003, a dense network from the dishes so far to the scores of the next.
There are so few menus that its probability of each is computed, and nothing about it has to be estimated from samples.
"""

import numpy as np

from analysis.feedback import menus
from analysis.feedback.menus import COURSES, DISHES
from analysis.networks import dense
from analysis.networks.dense import Dense
from analysis.networks.language_model import log_softmax
from analysis.networks.linear import Linear
from analysis.networks.optimizer import Adam

_HIDDEN = 64
_RATE, _BATCH, _EPOCHS = 3e-3, 50, 20


def initial(random: np.random.Generator) -> Dense:
    """Return a policy of random weights."""
    return dense.initial((COURSES * len(DISHES), _HIDDEN, len(DISHES)), random)


def copy(network: Dense) -> Dense:
    """Return a network of the same weights, which training may change."""
    return Dense(tuple(Linear(layer.weight.copy(), np.copy(layer.bias)) for layer in network.layers), network.activation)


def contexts(written: np.ndarray) -> np.ndarray:
    """Return what the policy reads before each dish of the menus `written` (n, courses): (n × courses, inputs)."""
    n, courses = written.shape
    before = np.tri(courses, COURSES, -1, dtype=np.float32)  # course t sees those before it
    whole = menus.encoded(written).reshape(n, 1, COURSES, len(DISHES))
    return (whole * before[None, :, :, None]).reshape(n * courses, -1)


def log_probabilities(policy: Dense, written: np.ndarray) -> np.ndarray:
    """Return the log-probability of each dish, given those before, of the menus `written` (n, courses), (n, courses)."""
    scores = log_softmax(policy(contexts(written)))
    return np.take_along_axis(scores, written.reshape(-1, 1), axis=-1).reshape(written.shape)


def sample(policy: Dense, count: int, random: np.random.Generator) -> np.ndarray:
    """Return so many menus that the policy writes, (count, `COURSES`)."""
    written = np.zeros((count, 0), int)
    for _ in range(COURSES):
        reached = np.exp(log_softmax(policy(menus.encoded(written)))).cumsum(axis=-1)
        drawn = (random.random((count, 1)) > reached[:, :-1]).sum(axis=-1)
        written = np.column_stack([written, drawn])
    return written


def distribution(policy: Dense, courses: int = COURSES) -> np.ndarray:
    """Return the log-probability of every menu, in nats, in the order of `menus.every`: one pass a beginning."""
    probabilities = np.zeros(1)
    for course in range(courses):
        after = log_softmax(policy(menus.encoded(menus.every(course))).astype(float))
        probabilities = (probabilities[:, None] + after).reshape(-1)
    return probabilities


def divergence(log_p: np.ndarray, log_q: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence Σ p ln(p / q) of two distributions over all menus, in nats; p may have zeros."""
    p = np.exp(log_p)
    return float((p[p > 0] * (log_p - log_q)[p > 0]).sum())


def supervised(demonstrations: np.ndarray, held_out: np.ndarray, random: np.random.Generator) -> Dense:
    """Return the policy that supervised fine-tuning (监督微调) on `demonstrations` (n, courses) makes: it learns to predict
    each next dish, and is kept from the pass after which it predicts those `held_out` best."""
    policy, optimizer = initial(random), Adam(_RATE)
    best, lowest = copy(policy), np.inf
    one_hot = np.eye(len(DISHES), dtype=np.float32)
    for _ in range(_EPOCHS):
        order = random.permutation(len(demonstrations))
        for rows in np.array_split(demonstrations[order], -(-len(order) // _BATCH)):
            optimizer.step(policy.arrays, policy.gradients(contexts(rows), one_hot[rows.reshape(-1)])[1])
        loss = -log_probabilities(policy, held_out).sum(axis=1).mean()
        if loss < lowest:
            best, lowest = copy(policy), loss
    return best
