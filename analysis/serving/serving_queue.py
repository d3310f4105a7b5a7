"""A replica that batches continuously under a steady load: its queue, in closed form.

A replica batches continuously (Yu et al. 2022, Orca): each step writes one token for every request that is being
answered, and may read up to `chunk_tokens` of waiting prompts beside them (Agrawal et al. 2024, Sarathi-Serve). The
time of a step comes from a machine: any function of (prompt tokens read, requests answered, their context). Requests
arrive at random (Poisson), each replica with a queue of its own; a router that knows the queues does better.

The approximation has three parts:

- Requests being answered share the steps, so their number n is a birth-death chain with births at the arrival rate and
  deaths at n (steps a second) / (steps of an answer): processor sharing with a rate that depends on the state, whose
  distribution depends on the mean of the answers' lengths alone (Kelly 1979). Beyond `largest_batch` requests wait.
- Prompts wait for those before them as in a queue with one server (Pollaczek-Khinchine, an exponential tail), behind
  the step under way.
- A percentile of the time to the first token mixes waits with lengths of prompts; one of the time per output token
  comes from the mean and the variance of the steps that a request sees, by a log-normal distribution.

Held against the step-by-step simulation of analysis/serving/serving_simulation.py, over machines and lengths of requests as
in tests/serving/test_capacity.py: up to 70% of the largest steady load, mean times are within 5% (8% where the batch is often
full, 12% where prompts are much longer than answers) and 95th percentiles within 20%. Beyond that, once requests wait
for a place in the batch, the time to the first token at the 95th percentile was found as low as a third of that
simulated. The load that meets targets is within 7%, and 13% where a target is barely more than a request takes alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from analysis.arrays import PerCase
from analysis.bounds import within

Seconds = Callable[[PerCase, PerCase, PerCase], PerCase]

#: States of the chain that are computed; a larger batch is computed in steps of several requests.
STATES = 1024
#: Lengths that stand for the distribution of lengths, each equally likely.
_LENGTHS = 144
#: Points at which a machine is asked for its step time: shares of a chunk, and batches.
CHUNK_SHARES = np.array([0.0, 1 / 64, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0])
BATCHES = 24
#: Variance of the mean of a number over the time in which it forgets its past (e^-1 of correlation left), of its own:
#: 2 (x - 1 + e^-x) / x² at x = 1. What a request sees averages over its own stay, which is that time.
AVERAGED = 2 * np.exp(-1.0)
BISECTIONS = 30
#: Rounds of two steps in which what a step reads is found.
ROUNDS = 3


class ServingError(ValueError):
    """A load or a target that can't be served; the message says what stands against what, and by how much."""


@dataclass(frozen=True)
class Replica:
    """One copy of a model on `chips` accelerators.

    `step_seconds(prompt_tokens, batch, context)` and `largest_batch(context)` take and return arrays that broadcast;
    `chunk_tokens` bounds the prompt tokens that one step reads.
    """

    step_seconds: Seconds
    largest_batch: Callable[[PerCase], PerCase]
    chips: int = 1
    chunk_tokens: int = 2048


@dataclass(frozen=True)
class Requests:
    """What requests look like: mean tokens of prompt and answer, and how these vary from request to request.

    `cached` is the share of a prompt that is known from an earlier request. Variations are squared coefficients of
    variation (variance over the mean squared): 0 for equal lengths, 1 for a spread as large as the mean. Each is a
    number, or an array over cases.
    """

    prompt_tokens: PerCase
    answer_tokens: PerCase
    cached: PerCase = 0.0
    prompt_variation: PerCase = 0.0
    answer_variation: PerCase = 0.0

    def __post_init__(self) -> None:
        within(ServingError, "prompt_tokens", self.prompt_tokens, 0)
        within(ServingError, "answer_tokens", self.answer_tokens, 1)
        within(ServingError, "cached", self.cached, 0, 1)
        within(ServingError, "prompt_variation", self.prompt_variation, 0)
        within(ServingError, "answer_variation", self.answer_variation, 0)

    @property
    def read_tokens(self) -> PerCase:
        """Tokens of a prompt that have to be read."""
        return self.prompt_tokens * (1 - np.asarray(self.cached))

    @property
    def steps(self) -> PerCase:
        """Steps that an answer takes after its first token, which comes with the end of the prompt."""
        return np.asarray(self.answer_tokens, dtype=float) - 1

    @property
    def mean_context(self) -> PerCase:
        """Tokens that a step finds in the cache for a request, on the mean of its answer."""
        return self.prompt_tokens + np.asarray(self.answer_tokens) / 2


@dataclass(frozen=True)
class State:
    """A replica under a steady load; arrays over cases. Times in seconds are infinite where the load is too much.

    `first_token` and `output_token` are at the percentile that was asked for, their means beside them. `reading` is
    the share of time that reading prompts takes of what it could, `waiting` the share of requests that find the
    batch full.
    """

    rate: PerCase
    stable: PerCase
    batch: PerCase
    reading: PerCase
    waiting: PerCase
    mean_first_token: PerCase
    first_token: PerCase
    mean_output_token: PerCase
    output_token: PerCase


@dataclass(frozen=True)
class Steps:
    """Step times of a replica, tabulated; arrays whose last axes are the cases.

    `limit` and `stride` are (cases,), `batch` and `within` (states, cases). `within` says which states a case has: those
    up to its own `limit`, of as many as the largest case has. `table` has the seconds of a step that reads each of
    `parts` tokens of prompts, from none to a full chunk, at each number of requests, from none (parts, states + 1,
    cases). `lengths` are equally likely tokens of a prompt that are read (lengths, cases).
    """

    requests: Requests
    chunk_tokens: int
    limit: PerCase
    stride: PerCase
    batch: PerCase
    within: PerCase
    parts: PerCase
    table: PerCase
    lengths: PerCase

    def seconds(self, tokens: PerCase) -> PerCase:
        """Return the step time with `tokens` of prompts at each number of requests, both (states + 1, cases)."""
        left = np.zeros(tokens.shape, dtype=np.intp)
        for part in self.parts[1:-1]:  # half as long as a search for each
            left += tokens > part
        share = (tokens - self.parts[left]) / np.diff(self.parts)[left]
        flat = self.table.ravel()
        at = left * tokens.size + np.arange(tokens.size).reshape(tokens.shape)
        low = flat[at]
        return low + (flat[at + tokens.size] - low) * np.minimum(share, 1.0)

    def take(self, chosen: PerCase) -> "Steps":
        """Return the step times of the cases for which `chosen` is true, in one row, with no more states than these have."""
        states = int(self.within[..., chosen].sum(axis=0).max())
        asked = {name: values[chosen] for name, values in vars(self.requests).items()}
        return replace(
            self, requests=replace(self.requests, **asked), limit=self.limit[chosen], stride=self.stride[chosen],
            batch=self.batch[:states, chosen], within=self.within[:states, chosen], lengths=self.lengths[:, chosen],
            table=np.ascontiguousarray(self.table[:, : states + 1, chosen]),
        )  # fmt: skip


def tabulate(replica: Replica, requests: Requests) -> Steps:
    """Return the step times that the queue needs, asking the machine once at a grid of batches and chunks.

    Raises ServingError where not one request fits.
    """
    cases = np.broadcast(*(np.atleast_1d(getattr(requests, name)) for name in Requests.__dataclass_fields__)).shape
    full = np.broadcast_to(requests.prompt_tokens + np.asarray(requests.answer_tokens), cases)
    fits = np.asarray(replica.largest_batch(full), dtype=float)
    cases = np.broadcast_shapes(cases, fits.shape)
    limit = np.floor(np.broadcast_to(fits, cases))
    if (limit < 1).any():
        context = np.broadcast_to(full, cases)[limit < 1].flat[0]
        raise ServingError(
            f"not one request of {context:,.0f} tokens fits into the memory of a replica; take more chips, fewer bits "
            "or a shorter context"
        )
    grid = np.unique(np.round(np.geomspace(1, limit.max(), BATCHES)))
    chunks = np.unique(np.round(CHUNK_SHARES * replica.chunk_tokens))
    context = np.broadcast_to(requests.mean_context, cases)
    asked = replica.step_seconds(chunks[:, None, None], np.append(0, grid)[None, :, None], context)
    asked = np.broadcast_to(asked, (len(chunks), len(grid) + 1, *cases))
    if not (np.isfinite(asked) & (asked >= 0)).all():
        raise ServingError("step_seconds of the replica returns times that are negative or not finite")
    states = int(min(limit.max(), STATES))
    stride = np.maximum(1.0, limit / states)
    batch = np.arange(1, states + 1)[:, None] * stride
    within = batch <= limit * (1 + 1e-9)
    batch = np.minimum(batch, limit)
    table = _along(np.append(0, grid), asked, np.concatenate([np.zeros((1, *cases)), batch]))
    requests = replace(requests, **{name: np.broadcast_to(values, cases) for name, values in vars(requests).items()})
    lengths = _lengths(requests.read_tokens, requests.prompt_variation)
    return Steps(requests, replica.chunk_tokens, limit, stride, batch, within, chunks, table, lengths)


def _along(points: PerCase, values: PerCase, at: PerCase) -> PerCase:
    """Interpolate `values` (chunks, points, cases) linearly to the batches `at` (states, cases)."""
    right = np.clip(np.searchsorted(points, at), 1, len(points) - 1)
    share = (at - points[right - 1]) / (points[right] - points[right - 1])
    flat, cases = values.reshape(len(values), -1), at[0].size  # `take_along_axis` takes three times as long
    place = right * cases + np.arange(cases).reshape(at.shape[1:])
    low = flat.take(place - cases, axis=1)
    return low + (flat.take(place, axis=1) - low) * share


@dataclass(frozen=True)
class Queue:
    """What the queue is made of at one load, for the results that are read from it; arrays over cases.

    `load` is the larger of what reading takes of the time and what answers take of a full batch's: stable below 1.
    """

    load: PerCase
    batch: PerCase
    busy: PerCase
    beyond: PerCase
    offsets: PerCase
    waits: tuple[tuple[PerCase, PerCase], tuple[PerCase, PerCase]]
    middle: PerCase
    spread: PerCase
    ceiling: PerCase

    @property
    def stable(self) -> PerCase:
        """Whether no queue grows for ever."""
        return self.load < 1

    def late(self, seconds: PerCase) -> PerCase:
        """Return the share of requests whose first token comes later than `seconds`."""
        (few, fast), (many, slow) = self.waits
        after = seconds - self.offsets
        later = np.maximum(after, 0.0)
        quick, tardy = np.exp(-fast * later), np.exp(-slow * later)
        both = (slow * quick - fast * tardy) / (slow - fast)
        tail = few * (1 - many) * quick + many * (1 - few) * tardy + few * many * both
        return np.where(after < 0, 1.0, tail).mean(axis=0)

    def first_token(self, percentile: float) -> PerCase:
        """Return the seconds within which `percentile` of requests have their first token."""
        low = np.zeros_like(self.busy)
        high = self.offsets.max(axis=0) + 30 * sum(1 / rate for _, rate in self.waits)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            later = self.late(middle) > 1 - percentile
            low, high = np.where(later, middle, low), np.where(later, high, middle)
        return high

    def output_token(self, percentile: float) -> PerCase:
        """Return the seconds per output token that `percentile` of requests keep: a log-normal distribution."""
        squared = np.log1p(self.spread / np.maximum(self.middle, 1e-9) ** 2)
        quantile = self.middle * np.exp(NormalDist().inv_cdf(percentile) * np.sqrt(squared) - squared / 2)
        return np.minimum(quantile, np.maximum(self.ceiling, self.middle))


def steady_state(steps: Steps, rate: PerCase, percentile: float = 0.95) -> State:
    """Return the replica under `rate` requests a second; `rate` is a number or an array over cases."""
    queue = under_load(steps, rate)
    unserved = np.where(queue.stable, 0.0, np.inf)
    waits = sum(chance / speed for chance, speed in queue.waits)
    return State(
        rate=np.broadcast_to(np.asarray(rate, dtype=float), queue.busy.shape),
        stable=queue.stable,
        batch=queue.batch,
        reading=queue.busy,
        waiting=queue.beyond,
        mean_first_token=queue.offsets.mean(axis=0) + waits + unserved,
        first_token=queue.first_token(percentile) + unserved,
        mean_output_token=queue.middle + unserved,
        output_token=queue.output_token(percentile) + unserved,
    )


def under_load(steps: Steps, rate: PerCase) -> Queue:
    """Return the queue at `rate` requests a second; `rate` is a number or an array over cases."""
    requests, chunk, cases = steps.requests, float(steps.chunk_tokens), steps.limit.shape
    rate = np.broadcast_to(np.asarray(rate, dtype=float), cases)
    read, answer, uneven = requests.read_tokens.astype(float), requests.steps, 1 + requests.prompt_variation
    batches = np.concatenate([np.zeros((1, *cases)), steps.batch])

    # Prompts that arrive during one step are read in one step, up to a chunk. `reads` is how often a second.
    decode, full = steps.table[0], steps.table[-1]

    def step(tokens: PerCase) -> tuple[PerCase, PerCase, PerCase]:
        """Return the seconds of a step that reads `tokens`, of one step on the mean, and the prompts of a step that reads."""
        reading = steps.seconds(tokens)
        reads = rate * read / tokens
        left = np.maximum(1 - reads * reading, 0.0)
        mean = np.where(left > 0, 1 / (reads + left / decode), reading)
        arrivals = np.maximum(rate * mean, 1e-9)
        return reading, mean, arrivals / -np.expm1(-np.minimum(arrivals, 500.0))

    tokens = _fixed_point(lambda tokens: read * step(tokens)[2], np.clip(read * np.ones_like(decode), 1e-9, chunk), chunk)
    reading, mean, together = step(tokens)
    reads = rate * read / tokens
    left = np.maximum(1 - reads * reading, 0.0)
    # Seconds by which reading one prompt holds up the answers.
    extra = (reading - decode) * read / tokens

    most = np.minimum(rate, tokens / np.maximum(read * reading, 1e-300))
    present, drain = _chain(most, mean, answer, steps)

    def average(values: PerCase) -> PerCase:
        return (present * values).sum(axis=0)

    # While a prompt is read no answer ends, so it makes the number of answers rougher than a birth alone would.
    hold = extra * batches / (np.maximum(answer, 1e-9) * decode)
    rough = np.where(answer > 0, average(1 + hold + hold**2 * uneven / 2), 1.0)
    beyond = _full(present, batches, steps, rough, drain > rate)

    work = read * average(full) / chunk
    busy = rate * work
    load = np.maximum(busy, rate / drain)
    with np.errstate(all="ignore"):
        wait = rate * work**2 * uneven / (2 * (1 - busy))
        waits = _apart((busy, busy / wait), (beyond, (drain - rate) / rough))
    rest = average(reads * reading**2 + left * decode) / 2 * (1 - present[0])
    offsets = _offsets(steps, present, average(together - 1) * read, rest)

    # A request sees the others and itself: one more than an outsider would.
    seen = np.concatenate([mean[1:], mean[-1:]])
    middle = average(seen)
    spread = AVERAGED * rough * average((seen - middle) ** 2)
    # Prompts that arrive while an answer is written hold it up (a delay cycle), and those that wait when it begins.
    held = average(extra)
    free = np.maximum(1 - rate * held, 1e-3)
    behind = rate * (np.where(load < 1, wait, 0.0) + offsets.mean(axis=0))
    count = np.maximum(answer, 1.0)
    shorter = (1 + requests.answer_variation) / count
    # No step is longer than one with a full chunk, so what holds an answer up saturates there.
    ceiling = np.maximum(average(full), middle)
    gap = np.maximum(ceiling - middle, 1e-12)
    held_up = -gap * np.expm1(-behind * held / free * shorter / gap)
    spread = spread + (held / free) ** 2 * uneven * shorter * (rate * middle + (behind + behind**2) / count)
    writes = np.where(answer > 0, 1.0, 0.0)
    middle = (middle + held_up) * writes
    return Queue(load, rate * answer * middle, busy, beyond, offsets, waits, middle, spread * writes, ceiling)


def _fixed_point(step: Callable[[PerCase], PerCase], start: PerCase, most: float) -> PerCase:
    """Return where `step` returns what it was given, from `start` to `most`: Steffensen's iteration (Aitken 1926), since each
    step alone comes nearer only by the share of time that prompts are read, which is little under a full load."""
    at = start
    for _ in range(ROUNDS):
        once = np.clip(step(at), start, most)
        twice = np.clip(step(once), start, most)
        with np.errstate(all="ignore"):
            beyond = at - (once - at) ** 2 / (twice - 2 * once + at)
        at = np.clip(np.where(np.isfinite(beyond) & (beyond >= twice), beyond, twice), start, most)
    return at


def _chain(births: PerCase, mean: PerCase, answer: PerCase, steps: Steps) -> tuple[PerCase, PerCase]:
    """Return the chance of each number of requests, those that wait counted with a full batch, from none; and the rate
    at which a full batch ends requests."""
    with np.errstate(divide="ignore", over="ignore"):
        # Within a stride the middle state stands for all.
        middle = steps.batch - (steps.stride - 1) / 2
        deaths = np.where(answer > 0, middle / (np.maximum(answer, 1e-300) * mean[1:]), 1e300)
        weight = np.cumsum((np.log(births[:-1]) - np.log(deaths)) * steps.stride, axis=0)
    weight = np.where(steps.within, weight, -np.inf)
    full = steps.within.sum(axis=0)[None]
    drain = np.take_along_axis(deaths, full - 1, axis=0)[0]
    last = np.take_along_axis(births, full, axis=0)[0]
    load = np.where(last < drain, last / drain, 0.0)
    shift = np.maximum(weight.max(axis=0), 0.0)
    chance = np.concatenate([np.exp(-shift)[None], np.exp(weight - shift) * steps.stride])
    waiting = np.exp(np.take_along_axis(weight, full - 1, axis=0)[0] - shift) * load / (1 - load)
    np.put_along_axis(chance, full, np.take_along_axis(chance, full, axis=0) + waiting, axis=0)
    return chance / chance.sum(axis=0), drain


def _full(present: PerCase, batches: PerCase, steps: Steps, rough: PerCase, steady: PerCase) -> PerCase:
    """Return the chance that the batch is full, with deviations from the mean √`rough` times those of the chain."""
    mean = (present * batches).sum(axis=0)
    at = mean + (steps.limit - mean) / np.sqrt(rough)
    upper = np.cumsum(present[::-1], axis=0)[::-1]
    right = np.clip(np.ceil(at / steps.stride), 1, len(batches) - 1).astype(int)
    share = np.clip(right - at / steps.stride, 0, 1)
    high = np.take_along_axis(upper, right[None], axis=0)[0]
    low = np.take_along_axis(upper, right[None] - 1, axis=0)[0]
    return np.where(steady, high + (low - high) * share, 1.0)


def _apart(*waits: tuple[PerCase, PerCase]) -> tuple[tuple[PerCase, PerCase], tuple[PerCase, PerCase]]:
    """Return two waits (chance, rate of the exponential tail) within what can be computed, and with unequal rates."""
    (first, fast), (second, slow) = (
        (np.clip(np.nan_to_num(chance), 0, 1), np.clip(np.nan_to_num(rate, nan=1e9, posinf=1e9), 1e-9, 1e9))
        for chance, rate in waits
    )
    return (first, fast), (second, np.where(np.isclose(fast, slow, rtol=1e-5), slow * (1 + 1e-4), slow))


def _offsets(steps: Steps, present: PerCase, beside: PerCase, rest: PerCase) -> PerCase:
    """Return equally likely times to the first token without waiting for others (times, cases).

    A prompt is read in full chunks and a rest, with `beside` tokens of others in the last; the step under way when it
    arrives ends anywhere between at once and twice `rest`.
    """
    chunk = float(steps.chunk_tokens)
    seconds = np.stack([(present * table).sum(axis=0) for table in steps.table])
    chunks = np.floor(steps.lengths / chunk)
    last = np.minimum(steps.lengths - chunks * chunk + beside, chunk)
    alone = chunks * seconds[-1] + _along(steps.parts, seconds[None], last)[0]
    # Lengths and ends are independent: each length is paired with another end, evenly (golden section).
    return alone + 2 * rest * even_ends().reshape(-1, *(1,) * rest.ndim)


def even_ends() -> np.ndarray:
    """Return the share of a step that is over when each prompt arrives, evenly between 0 and 1."""
    ends: np.ndarray = np.arange(1, _LENGTHS + 1) * (np.sqrt(5) - 1) / 2 % 1
    return ends


def _lengths(mean: PerCase, variation: PerCase) -> PerCase:
    """Return equally likely lengths (lengths, cases) of that mean and, nearly, variation: log-normal."""
    deviation = np.sqrt(np.log1p(variation))
    values = np.exp(normal_quantiles()[:, None] * np.ravel(deviation)).reshape(_LENGTHS, *np.shape(deviation))
    return mean * values / values.mean(axis=0)


def normal_quantiles() -> np.ndarray:
    """Return equally likely numbers of a normal distribution."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / _LENGTHS) for i in range(_LENGTHS)])
