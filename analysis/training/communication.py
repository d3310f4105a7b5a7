"""What training alone sends, and how much of it is hidden under computation; see analysis/steps/links.py for the rest."""

import numpy as np

from analysis.arrays import PerCase
from analysis.steps import links
from analysis.steps.step import Steps
from analysis.training.constants import Constants
from analysis.training.roofline import Pass


def context_parallel(constants: Constants, steps: Steps, attention_seconds: PerCase, passes: float) -> PerCase:
    """Seconds in one pass of one layer that passing keys and values round adds to attention, most of it hidden."""
    plan, shape = steps.plan, steps.shape
    numbers = 2 * steps.micro_tokens * shape.n_kv_heads * shape.query_key_dim / plan.tensor * (plan.context - 1)
    seconds = passes * 2 * numbers / links.group_bandwidth(constants, steps, plan.tensor, plan.context)
    hidden = np.minimum(seconds, attention_seconds)
    return seconds - (1 - _EXPOSED_AT_LEAST) * hidden


_EXPOSED_AT_LEAST = 0.1


def exposed_exchange(constants: Constants, steps: Steps, working: Pass, exchange: PerCase) -> Pass:
    """Seconds of the exchange in each pass that are not hidden: all, unless the software overlaps it.

    Software that does so pairs the exchange of one micro-batch with the arithmetic of another, forward and backward
    alike, so it needs a second micro-batch. DualPipe gives the exchange processors of its own, and hides all that is not
    longer (DeepSeek-AI 2024, section 3.2).
    """
    overlapped = steps.behaviour.overlaps_expert_exchange * (steps.micro_batches > 1)

    def left(seconds: PerCase) -> PerCase:
        some = together(constants, seconds, exchange) - seconds
        some = np.where(steps.behaviour.hides_expert_exchange == 1, np.maximum(exchange - seconds, 0.0), some)
        return np.where(overlapped == 1, some, exchange)

    return Pass(left(working.forward), left(working.backward))


def data_parallel_bandwidth(constants: Constants, steps: Steps) -> PerCase:
    """Bytes a second of each accelerator when replicas share gradients or weights."""
    return links.group_bandwidth(constants, steps, steps.plan.tensor, steps.plan.data * steps.plan.context)


def together(constants: Constants, computing: PerCase, communicating: PerCase) -> PerCase:
    """Seconds of both together: the longer, and the share of the shorter that can't be hidden under it."""
    longer, shorter = np.maximum(computing, communicating), np.minimum(computing, communicating)
    return longer + (1 - constants.data_overlap) * shorter
