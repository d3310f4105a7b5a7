"""What `python -m training.feedback` measured: policies by comparisons, way, strength and seed, from data/generated."""

import numpy as np
import pandas as pd

from analysis import facts
from analysis.comparing import Measured, leaders, mean
from analysis.feedback.rlhf import Feedback

NAME = "generated/feedback"
PPO, BEST_OF, OPTIMUM = "PPO", "Best of n", "Optimum"
#: The ways of `frontier`.
FREE_PATH, HELD_ENDS = "PPO without penalty, as it trains", "PPO at several penalties"
BEST_MENUS, BEST_POLICIES = "Best of several menus", "Best policy at several penalties"
#: The comparisons and the penalty of which the chapter tells.
COMPARISONS, PENALTY = (Feedback.model_fields[name].default for name in ("comparisons", "penalty"))


def runs() -> pd.DataFrame:
    """Return every row that was measured."""
    return facts.read(NAME)


def training(comparisons: int = COMPARISONS) -> pd.DataFrame:
    """Return the rows of PPO from so many comparisons, on the way and at the end."""
    frame = runs()
    return frame[(frame["way"] == PPO) & (frame["comparisons"] == comparisons)]


def ends() -> pd.DataFrame:
    """Return the rows of PPO at the end of its training."""
    frame = runs()
    return frame[(frame["way"] == PPO) & (frame["iteration"] == frame["iteration"].max())]


def draws(quantity: str, penalty: float, comparisons: int = COMPARISONS) -> pd.DataFrame:
    """Return a quantity as PPO trains, a row a seed and a column an iteration."""
    frame = training(comparisons)
    return frame[frame["strength"] == penalty].pivot(index="seed", columns="iteration", values=quantity)


def mean_at(comparisons: int = COMPARISONS, penalty: float = PENALTY, iteration: int | None = None) -> pd.Series:
    """Return the means over the seeds of PPO's rows, at an iteration or at the end."""
    frame = training(comparisons)
    chosen = frame["iteration"].max() if iteration is None else iteration
    at = frame[(frame["strength"] == penalty) & (frame["iteration"] == chosen)]
    return at[["kl", "score", "reward", "agreement", "ceiling"]].mean()


def before(comparisons: int = COMPARISONS) -> float:
    """Return the mean true reward of the fine-tuned policies that PPO begins from, in points."""
    return float(mean_at(comparisons, iteration=0)["reward"])


def reward_at(divergence: float, way: str, comparisons: int = COMPARISONS) -> float:
    """Return the mean true reward that a way of `frontier` has at a KL divergence in nats, between two points on a line."""
    frame = frontier(comparisons)
    along = frame[frame["way"] == way].sort_values("kl")
    return float(np.interp(divergence, along["kl"], along["reward"]))


def course(comparisons: int = COMPARISONS, penalty: float = 0.0) -> dict[str, Measured]:
    """Return the mean true reward over the seeds where PPO begins, at its highest before the lowest, there, and at the end."""
    rewards = draws("reward", penalty, comparisons)
    means = rewards.mean()
    at = {"first": 0, "least": means.idxmin(), "last": means.index[-1]}
    at["most"] = means.loc[: at["least"]].idxmax()
    return {name: mean(rewards[iteration]) for name, iteration in at.items()}


def best_penalties(comparisons: int = COMPARISONS) -> list[float]:
    """Return the penalty whose policies have the highest mean true reward at the end, and those within noise of it."""
    frame = ends()
    return leaders(frame[frame["comparisons"] == comparisons].pivot(index="seed", columns="strength", values="reward"))


def seeds_below(comparisons: int = COMPARISONS, penalty: float = 0.0) -> int:
    """Return of how many seeds PPO ends with less true reward than it began with."""
    rewards = draws("reward", penalty, comparisons)
    return int((rewards.iloc[:, -1] < rewards.iloc[:, 0]).sum())


def frontier(comparisons: int) -> pd.DataFrame:
    """Return mean KL divergence, score and true reward over the seeds by `way` and `strength`, with the least and the most
    true reward of a seed. PPO without penalty is there as it trains, under a way of its own; with a penalty, at its end."""
    frame = runs()
    frame = frame[frame["comparisons"] == comparisons]
    free = frame[(frame["way"] == PPO) & (frame["strength"] == 0)]
    held = ends().query("comparisons == @comparisons and strength > 0")
    rest = frame[frame["way"] != PPO]
    named = [
        free.assign(way=FREE_PATH, strength=free["iteration"]),
        held.assign(way=HELD_ENDS),
        rest.assign(way=np.where(rest["way"] == BEST_OF, BEST_MENUS, BEST_POLICIES)),
    ]
    together = pd.concat(named).groupby(["way", "strength"], sort=False)
    means = together[["kl", "score", "reward"]].mean()
    means[["low", "high"]] = together["reward"].agg(["min", "max"])
    return means.reset_index()
