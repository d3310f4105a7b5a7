"""A replica that batches continuously, step by step: what the approximation of analysis/serving/serving_queue.py is held against.

Every request is followed from its arrival to its last token, with one rule a step: prompts are read in the order of
arrival, up to a chunk in all, and every request whose prompt has been read writes a token.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.serving import capacity, serving_queue
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Replica, Requests

#: Prompt tokens between two points of the table that a simulation takes step times from, and batches in it at most.
_TOKENS, _BATCHES = 64, 512


@dataclass(frozen=True)
class Simulated:
    """Times in seconds of every request that was counted, and the mean number of requests being answered."""

    first_token: PerCase
    output_token: PerCase
    batch: float

    def quantile(self, share: float) -> tuple[float, float]:
        """Return the times to the first token and per output token that `share` of requests keep."""
        return float(np.quantile(self.first_token, share)), float(np.quantile(self.output_token, share))


def simulate(replica: Replica, requests: Requests, rate: float, count: int = 20_000, seed: int = 0) -> Simulated:
    """Return what `count` requests see that arrive at random, `rate` a second; the first tenth is not counted."""
    draw = np.random.default_rng(seed)
    arrivals = np.cumsum(draw.exponential(1 / rate, count))
    prompts = _lengths(draw, float(requests.read_tokens), float(requests.prompt_variation), count)
    answers = np.maximum(_lengths(draw, float(requests.answer_tokens), float(requests.answer_variation), count), 2)
    context = float(requests.mean_context)
    limit = int(np.ravel(replica.largest_batch(requests.prompt_tokens + requests.answer_tokens))[0])

    step_seconds = _table(replica, context, limit)
    first, last = np.zeros(count), np.zeros(count)
    ending: dict[int, list[int]] = {}
    queue: deque[int] = deque()
    unread = prompts.astype(int)
    clock, step, arrived, answering, done, area = 0.0, 0, 0, 0, 0, 0.0
    while done < count:
        if not queue and not answering:
            clock = max(clock, arrivals[arrived])
        while arrived < count and arrivals[arrived] <= clock:
            queue.append(arrived)
            arrived += 1
        left, tokens = replica.chunk_tokens, 0
        read: list[int] = []
        while queue and answering + len(read) < limit:
            request = queue[0]
            part = min(unread[request], left)
            unread[request] -= part
            left -= part
            tokens += part
            if unread[request]:
                break
            read.append(queue.popleft())
        seconds = step_seconds(tokens, answering)
        clock += seconds
        area += answering * seconds
        step += 1
        for request in ending.pop(step, ()):
            last[request] = clock
            answering -= 1
            done += 1
        for request in read:
            first[request] = clock
            answering += 1
            ending.setdefault(step + int(answers[request]) - 1, []).append(request)
    counted = slice(count // 10, count * 9 // 10)
    waited = (first - arrivals)[counted]
    each = ((last - first) / (answers - 1))[counted]
    return Simulated(waited, each, area / clock)


def compare(replica: Replica, requests: Requests, shares: PerCase, percentile: float = 0.95, count: int = 10_000) -> pd.DataFrame:
    """Return approximation and simulation side by side, one row a share of the largest steady load.

    Times to the first token and per output token in seconds, each as mean and at `percentile`.
    """
    steps = serving_queue.tabulate(replica, requests)
    most = float(capacity.capacity(replica, requests, Targets(np.inf, np.inf)).rate.item())
    rows = []
    for share in shares:
        state = serving_queue.steady_state(steps, share * most, percentile)
        simulated = simulate(replica, requests, share * most, count)
        first, output = simulated.quantile(percentile)
        rows.append(
            {
                "share": share,
                "rate": share * most,
                "batch": state.batch.item(),
                "batch simulated": simulated.batch,
                "mean first token": state.mean_first_token.item(),
                "mean first token simulated": simulated.first_token.mean(),
                "first token": state.first_token.item(),
                "first token simulated": first,
                "mean output token": state.mean_output_token.item(),
                "mean output token simulated": simulated.output_token.mean(),
                "output token": state.output_token.item(),
                "output token simulated": output,
            }
        )
    return pd.DataFrame(rows)


def _table(replica: Replica, context: float, limit: int) -> Callable[[int, int], float]:
    """Return the step times of `replica` at `context` by prompt tokens and batch, on straight lines between points.

    A machine is asked once for all of them, since one step at a time would take far longer than the simulation.
    """
    batches = np.unique(np.rint(np.linspace(0, limit, min(limit, _BATCHES) + 1)))
    # A pass without prompts may be another kind of pass, so none and one token are points of their own.
    tokens = np.append([0, 1], np.arange(_TOKENS, replica.chunk_tokens + _TOKENS, _TOKENS))
    asked = replica.step_seconds(tokens[:, None], batches[None, :], context)
    asked = np.broadcast_to(asked, (len(tokens), len(batches)))
    times: list[list[float]] = np.array([np.interp(np.arange(limit + 1), batches, row) for row in asked]).tolist()
    starts: list[float] = tokens.tolist()
    last = len(tokens) - 1

    def seconds(read: int, batch: int) -> float:
        place = read // _TOKENS + 1 if read else 0
        if place >= last or read == starts[place]:
            return times[min(place, last)][batch]
        low, high = times[place][batch], times[place + 1][batch]
        return low + (high - low) * (read - starts[place]) / (starts[place + 1] - starts[place])

    return seconds


def _lengths(draw: np.random.Generator, mean: float, variation: float, count: int) -> PerCase:
    """Return whole lengths, log-normal, of that mean and squared coefficient of variation."""
    deviation = np.sqrt(np.log1p(variation))
    return np.rint(mean * np.exp(deviation * draw.standard_normal(count) - deviation**2 / 2)).astype(int)
