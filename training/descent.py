"""What the trainings of all small networks have in common: a step of descent, the rate of learning, a log on the way."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

#: Steps in which the rate of learning rises.
WARM_UP = 50
_LARGEST_NORM = 1.0


def learning_rate(step: int, steps: int, warm_up: int = WARM_UP) -> float:
    """Return the share of the highest rate at `step`: up in a straight line, then down along a cosine."""
    warm_up = min(warm_up, steps // 4 + 1)
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def scheduled(optimizer: Optimizer, steps: int, warm_up: int = WARM_UP) -> LambdaLR:
    """Return what sets the rate of `optimizer` over `steps`."""
    return LambdaLR(optimizer, lambda step: learning_rate(step, steps, warm_up))


def descend(model: nn.Module, optimizer: Optimizer, loss: torch.Tensor) -> None:
    """Take one step down the gradient of `loss`, clipped where it is steep."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), _LARGEST_NORM)
    optimizer.step()


def train(
    model: nn.Module,
    optimizer: Optimizer,
    loss_at: Callable[[int], torch.Tensor],
    measured: Callable[[], dict[str, float]],
    steps: int,
    *,
    log_every: int,
    warm_up: int = WARM_UP,
) -> pd.DataFrame:
    """Train `model` for `steps`, at each on `loss_at` of its number, from 1; return what was `measured` on the way.

    One row a measurement: `step`, `loss`, the mean since the last, and what is measured, without gradients.
    """
    schedule = scheduled(optimizer, steps, warm_up)
    log, losses = [], []
    for step in range(1, steps + 1):
        loss = loss_at(step)
        descend(model, optimizer, loss)
        schedule.step()
        losses.append(loss.item())
        if step % min(log_every, max(1, steps // 4)) == 0 or step == 1:
            with torch.no_grad():
                log.append({"step": step, "loss": np.mean(losses), **measured()})
            losses.clear()
            print(" ".join(f"{name} {value:.5g}" for name, value in log[-1].items()), flush=True)
    return pd.DataFrame(log)
