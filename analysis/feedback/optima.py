"""Other ways to use a reward model, with exact results: the best of n answers, and the best policy at a KL penalty."""

import numpy as np
from scipy.special import logsumexp


def best_of(log_q: np.ndarray, scored: np.ndarray, n: float) -> np.ndarray:
    """Return the log-probability of each menu when n are drawn from `log_q`, and the one with the highest score is taken.

    It is the best if all n score no higher: F^n, F being the distribution of the score; a menu has its step of that. Menus
    of one score share theirs in the order in which they stand.
    """
    order = np.argsort(scored, kind="stable")
    reached = np.cumsum(np.exp(log_q[order]))
    taken = np.diff((reached / reached[-1]) ** n, prepend=0)
    log_p = np.full(len(log_q), -np.inf)
    log_p[order] = np.log(taken, out=np.full(len(taken), -np.inf), where=taken > 0)
    return log_p


def best_of_divergence(n: float) -> float:
    """Return the KL divergence of the best of n from one answer, ln n - (n - 1)/n, in nats, as Stiennon et al. 2020 have it:
    a bound, which is reached where no answer has a large share (Beirami et al. 2024)."""
    return float(np.log(n) - (n - 1) / n)


def tilted(log_q: np.ndarray, scored: np.ndarray, penalty: float) -> np.ndarray:
    """Return the log-probabilities of the policy p that makes the mean score less `penalty` × KL(p, q) largest: q e^(score /
    penalty), normalised. No training can do better (Rafailov et al. 2023, equation 4). `penalty` has to be above 0."""
    log_p = log_q + scored / penalty
    return log_p - logsumexp(log_p)


def optimum(log_q: np.ndarray, scored: np.ndarray, penalty: float) -> float:
    """Return the largest mean score less `penalty` × KL that any policy reaches; without penalty, the highest score."""
    return penalty * float(logsumexp(log_q + scored / penalty)) if penalty else float(scored.max())
