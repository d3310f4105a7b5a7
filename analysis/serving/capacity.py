"""How much load a replica carries within its targets, and the replicas, chips, servers and power that a day needs.

The replica's queue is that of analysis/serving/serving_queue.py, which says how far it was found to be right.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Deployment
from analysis.scenarios.estimate import whole
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import (
    Replica,
    Requests,
    ServingError,
    State,
    Steps,
    steady_state,
    tabulate,
    under_load,
)

if TYPE_CHECKING:
    from analysis.economics.market import Rates

#: The largest load is found to this part of what no load can exceed.
CELL = 2.0**-30
#: The part that is tried first below that, the width that halves leave to interpolation, the steps by which it may be behind
#: halves, and the logarithm of something over its bound that says no more of where the two are equal.
_USUAL, _HALVED, _BEHIND, _FAR = 7 / 8, 1 / 8, 8, 10.0
#: What bounds a load: the time to the first token, that of each further one, and the work that there is.
_BOUNDS = 3
#: Tokens of prompts that a step of one replica reads at most, where nothing is said.
CHUNK_TOKENS = 2048
#: Cases that are searched together.
_ALIKE = 50


def of_deployment(deployment: Deployment, chunk_tokens: int = CHUNK_TOKENS, slower: PerCase = 1.0) -> Replica:
    """Return the replica that `deployment` is; each of its groups reads up to `chunk_tokens` of prompts a step.

    Steps take `slower` times what analysis/inference/pass_time.py predicts: a number, or an array over cases, for its error.
    """

    arrays = deployments.cases(deployment)

    def step_seconds(tokens: PerCase, batch: PerCase, context: PerCase) -> PerCase:
        return slower * pass_time.step_seconds(arrays, tokens, batch, context)

    def largest_batch(context: PerCase) -> PerCase:
        return deployments.largest_batch(arrays, context)

    return Replica(step_seconds, largest_batch, deployment.chips, chunk_tokens * deployment.data)


@dataclass(frozen=True)
class Targets:
    """Seconds to the first token, and for each further one, that the share `percentile` of requests has to keep."""

    first_token: PerCase
    output_token: PerCase
    percentile: float = 0.95

    def __post_init__(self) -> None:
        for name in ("first_token", "output_token"):
            values = np.asarray(getattr(self, name), dtype=float)
            within(ServingError, name, np.where(np.isposinf(values), 1.0, values), 1e-6)
        within(ServingError, "percentile", self.percentile, 0.5, 0.9999)


def capacity(replica: Replica, requests: Requests, targets: Targets, *, refuse: bool = True) -> State:
    """Return the replica under the largest load at which both targets hold; arrays over cases.

    Raises ServingError where a request alone already misses a target: says which, and by how much. Without `refuse`
    such a case has a rate of 0.
    """
    steps = tabulate(replica, requests)
    share = targets.percentile
    most = np.broadcast_to(_most(steps), steps.limit.shape)
    if refuse:
        alone = steady_state(steps, 1e-6 * most, share)
        _reachable("time to first token", alone.first_token, targets.first_token, share)
        _reachable("time per output token", alone.output_token, targets.output_token, share)
    rate = _largest_rate(steps, targets, most)
    return replace(steady_state(steps, np.maximum(rate, 1e-9 * most), share), rate=rate)


def at_rate(replica: Replica, requests: Requests, rate: PerCase, percentile: float = 0.95) -> State:
    """Return the replica under `rate` requests a second; arrays over cases."""
    return steady_state(tabulate(replica, requests), rate, percentile)


def holds(replica: Replica, requests: Requests, targets: Targets, rate: PerCase) -> PerCase:
    """Say whether the targets hold under `rate` requests a second; a mask over cases. It costs a twentieth of `capacity`."""
    steps = tabulate(replica, requests)
    return (_excess(steps, targets, np.broadcast_to(rate, steps.limit.shape)) <= 0).all(axis=0)


def largest_rate(replica: Replica, requests: Requests, targets: Targets) -> PerCase:
    """Return the rate of `capacity` alone, in requests a second; 0 where a request alone already misses a target."""
    steps = tabulate(replica, requests)
    return _largest_rate(steps, targets, np.broadcast_to(_most(steps), steps.limit.shape))


def _largest_rate(steps: Steps, targets: Targets, most: PerCase) -> PerCase:
    first, output = (np.broadcast_to(bound, most.shape) for bound in (targets.first_token, targets.output_token))

    def excess(part: PerCase, chosen: PerCase) -> PerCase:
        some = Targets(first[chosen], output[chosen], targets.percentile)
        return _excess(steps if chosen.all() else steps.take(chosen), some, part * most[chosen])

    if most.size > _ALIKE:  # of many cases, those are searched together that have about as many states
        order = np.argsort(steps.limit, axis=None)
        rate = np.empty(most.shape)
        for group in np.array_split(order, -(-most.size // _ALIKE)):
            chosen = np.isin(np.arange(most.size), group).reshape(most.shape)
            some = Targets(first[chosen], output[chosen], targets.percentile)
            rate[chosen] = _largest_rate(steps.take(chosen), some, most[chosen])
        return rate
    rate = _largest(excess, most.shape) * most
    return rate * (rate > 1e-8 * most)


def apart(
    reader: Replica, writer: Replica, requests: Requests, targets: Targets, transfer_seconds: PerCase = 0.0
) -> tuple[State, State]:
    """Return the largest load of a replica that only reads prompts, and of one that only writes answers.

    Disaggregated serving (Zhong et al. 2024, DistServe): the cache goes from one to the other in `transfer_seconds`,
    which the first token's target has to leave room for. The pools stand to each other as the writers' rate to the
    readers'. Raises ServingError as `capacity` does.
    """
    room = np.asarray(targets.first_token) - transfer_seconds
    if (room <= 0).any():
        raise ServingError(
            f"time to first token: the cache's transfer alone takes {np.max(transfer_seconds):.3g} s of the target of "
            f"{np.min(targets.first_token):.3g} s; no batch can meet it"
        )
    reads = capacity(reader, replace(requests, answer_tokens=1.0), replace(targets, first_token=room))
    waits = replace(targets, first_token=np.full_like(np.asarray(targets.first_token, dtype=float), np.inf))
    return reads, capacity(writer, replace(requests, cached=1.0), waits)


@dataclass(frozen=True)
class Fleet:
    """What a day's demand needs; whole numbers, or arrays of them over cases. `mean_use` is the share of the fleet that the
    day's mean load needs."""

    replicas: PerCase
    chips: PerCase
    servers: PerCase
    mean_use: PerCase


def fleet(demand: Demand, rate_per_replica: PerCase, chips_per_replica: PerCase, chips_per_server: int) -> Fleet:
    """Return the fleet for the busiest hour of `demand`, each replica carrying `rate_per_replica` questions a second.

    A demand of zero needs nothing. Replicas are whole, and one larger than a server has servers of its own.
    """
    within(ServingError, "rate_per_replica", rate_per_replica, 1e-12)
    within(ServingError, "chips_per_replica", chips_per_replica, 1)
    within(ServingError, "chips_per_server", chips_per_server, 1)
    exact = demand.peak_questions_per_second / np.asarray(rate_per_replica, dtype=float)
    replicas = whole(np.asarray(exact))
    chips = replicas * chips_per_replica
    servers_each = np.ceil(np.asarray(chips_per_replica) / chips_per_server)
    servers = np.where(
        np.asarray(chips_per_replica) >= chips_per_server,
        replicas * servers_each,
        np.ceil(replicas / np.maximum(chips_per_server // np.asarray(chips_per_replica), 1)),
    )
    mean = demand.questions_per_second / np.asarray(rate_per_replica, dtype=float)
    mean_use = np.where(replicas > 0, mean / np.maximum(replicas, 1), 0.0)
    return Fleet(replicas[()], chips, servers[()], mean_use[()])


def site_watts(chips: PerCase, rates: "Rates") -> PerCase:
    """Return the power in W of the whole site with every chip at its limit, so an upper bound; `rates` as `market.rates`."""
    return chips * rates.chip_watts * rates.server_share * rates.power_usage_effectiveness


def replicas_by_hour(demand: Demand, rate_per_replica: float, weights: PerCase) -> np.ndarray:
    """Return the whole replicas that each hour of a day needs, by its `weights` (of mean 1)."""
    within(ServingError, "rate_per_replica", rate_per_replica, 1e-12)
    replicas: np.ndarray = whole(demand.questions_per_second * np.asarray(weights) / rate_per_replica)
    return replicas


def _reachable(name: str, reached: PerCase, target: PerCase, share: float) -> None:
    """Raise ServingError where `reached`, without load, is over `target`."""
    missed = reached > np.asarray(target)
    if missed.any():
        least, wanted = reached[missed].flat[0], np.broadcast_to(target, reached.shape)[missed].flat[0]
        raise ServingError(
            f"{name}: {least:.3g} s for {share:.0%} of requests even without load, {least / wanted:.3g} times the "
            f"target of {wanted:.3g} s; no batch can meet it"
        )


def _excess(steps: Steps, targets: Targets, rate: PerCase) -> PerCase:
    """Return by how much `rate` is too much: logarithms, above 0 where it is, of what comes late, slowly and in all over the
    bound of each (3, cases)."""
    queue = under_load(steps, rate)
    late = queue.late(targets.first_token) / (1 - targets.percentile)
    slow = queue.output_token(targets.percentile) / targets.output_token
    with np.errstate(divide="ignore"):
        over = np.log(np.stack(np.broadcast_arrays(late, slow, queue.load)))
    over[2] = np.where(queue.stable, over[2], np.maximum(over[2], CELL))
    return np.nan_to_num(over, nan=np.inf)


def _largest(excess: Callable[[PerCase, PerCase], PerCase], cases: tuple[int, ...]) -> PerCase:
    """Return the largest multiple of `CELL` below 1 at which nothing of `excess`, all of which rises, is above 0; 0 if none is.

    `excess(parts, chosen)` is asked for the cases that the mask `chosen` names: first at the largest load, which it is where
    only a full batch bounds it, then at the usual one, at the least where that is too much, and by halves. Then each bound is
    found by itself, as the first of them counts: regula falsi by the Illinois rule (Dowell and Jarratt 1971), with halves
    again where it falls behind, as it does at a jump.
    """
    low, high, part = np.zeros(cases), np.ones(cases), np.full(cases, 1 - CELL)
    surplus, below, above = np.zeros((3, _BOUNDS, *cases))
    chosen, held, step = np.ones(cases, dtype=bool), np.zeros(cases, dtype=bool), 0
    while chosen.any():
        surplus[:, chosen] = np.clip(excess(part[chosen], chosen), -_FAR, _FAR)
        before, held = held, (surplus <= 0).all(axis=0)
        # An end that stays once more counts half, which draws the next guess to it.
        below, above = (
            np.where(held, surplus, np.where(before, below, below / 2)),
            np.where(held, np.where(before, above / 2, above), surplus),
        )
        low, high = np.where(held, part, low), np.where(held, high, part)
        chosen = high - low > CELL
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = low + (high - low) * below / (below - above)
        guess = np.where(above > 0, crossing, high).min(axis=0)
        guess = np.where(high - low > min(_HALVED, 2.0 ** (_BEHIND - step)), (low + high) / 2, guess)
        guess = np.where(low == 0, CELL if step else _USUAL, guess)
        part = np.where(chosen, np.clip(np.round(guess / CELL) * CELL, low + CELL, high - CELL), part)
        step += 1
    return low


def _most(steps: Steps) -> PerCase:
    """Requests a second that no load on the replica can exceed: prompts alone at full chunks, or answers alone."""
    with np.errstate(divide="ignore"):
        prompts = steps.chunk_tokens / (steps.requests.read_tokens * steps.table[-1])
        answers = steps.batch / (steps.requests.steps * steps.table[0, 1:])
    most = np.minimum(prompts.max(axis=0), answers.max(axis=0))
    if not np.isfinite(most).all():
        raise ServingError("requests with nothing to read and nothing to write put no load on a replica")
    return most
