"""The ways to serve requests: what is searched over, what each way needs, and which takes the fewest chips.

A way is a choice of four things: replicas read prompts and write answers *together* (chunked prefill; Agrawal et al. 2024),
or *apart*, on replicas of their own (Zhong et al. 2024, DistServe; Patel et al. 2024, Splitwise); the format of the weights;
that of the cache; and whether drafts are made (Leviathan et al. 2023). For each choice every replica that a model on a chip
can be (analysis/serving/replica_plans.py) is estimated, with chunks of several lengths and drafts of several, and the `ASKED`
best by that estimate are put through the queue (analysis/serving/capacity.py). That is the rule by which the search is cut
short; that only the best `TRIED` are searched, and others where they carry more than these, loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.models import architecture
from analysis.models.architecture import Architecture
from analysis.serving import capacity, drafts, loads, replica_plans, serving_plans
from analysis.serving.capacity import Targets
from analysis.serving.drafts import Drafts
from analysis.serving.loads import ALONE, BESIDE, Candidates
from analysis.serving.replica_plans import MOST_CHIPS
from analysis.serving.serving_queue import Requests, ServingError

KINDS = ("together", "apart")
#: Replicas of each way whose queue is asked, the best by the estimate of `loads.fluid_rate`; and whose largest load is found.
ASKED, TRIED = 48, 8
#: Chips of a server, whose replicas' pools lie on servers of their own.
_SERVER = 8


@dataclass(frozen=True)
class Pool:
    """Replicas that do the same: `role` is "both", "reads" or "writes".

    Each carries at most `rate` requests a second within the targets. `replicas` are those that the demand takes, None without
    one. The times that the percentile of requests keep, in seconds, and the `batch` that is answered at a time are those under
    the demand, or at the largest load. A reader's time for each further token, and a writer's to the first, are 0.
    """

    role: str
    deployment: Deployment
    chunk_tokens: int
    rate: float
    first_token: float
    output_token: float
    batch: float
    replicas: int | None = None

    @property
    def chips_per_request(self) -> float:
        """Chips for one request a second, not whole."""
        return self.deployment.chips / self.rate

    @property
    def chips(self) -> int | None:
        """Chips of the whole replicas that the demand takes."""
        return None if self.replicas is None else self.replicas * self.deployment.chips


@dataclass(frozen=True)
class Way:
    """One way to serve: its kind, its pools of replicas, the drafts that it makes, and the seconds of the cache's transfer."""

    kind: str
    pools: tuple[Pool, ...]
    drafts: Drafts | None = None
    transfer_seconds: float = 0.0

    @property
    def writer(self) -> Pool:
        """The pool that writes the answers."""
        return self.pools[-1]

    @property
    def weight_precision(self) -> str:
        """The format of the weights."""
        return self.writer.deployment.weight_precision

    @property
    def cache_precision(self) -> str:
        """The format of keys and values."""
        return self.writer.deployment.cache_precision

    @property
    def chips_per_request(self) -> float:
        """Chips for one request a second, not whole, in the ratio at which no pool waits for another."""
        return sum(pool.chips_per_request for pool in self.pools)

    @property
    def requests_per_second_per_chip(self) -> float:
        """Requests a second that a chip of the whole fleet carries."""
        return 1 / self.chips_per_request

    @property
    def chips(self) -> int | None:
        """Chips that the demand takes, in whole replicas; None without a demand."""
        return None if self.writer.replicas is None else sum(pool.chips or 0 for pool in self.pools)

    @property
    def readers_per_writer(self) -> float:
        """Replicas that read for each that writes; 0 where the same do both."""
        return self.writer.rate / self.pools[0].rate if self.kind == "apart" else 0.0

    @property
    def first_token(self) -> float:
        """Seconds to the first token that the percentile of requests keep."""
        return self.pools[0].first_token + self.transfer_seconds

    @property
    def output_token(self) -> float:
        """Seconds for each further token that the percentile of requests keep."""
        return self.writer.output_token

    @property
    def title(self) -> str:
        """The way in words: "apart, FP8 weights, BF16 cache, 2 drafted tokens"."""
        written = f"{self.kind}, {self.weight_precision.upper()} weights, {self.cache_precision.upper()} cache"
        if self.drafts is None:
            return written
        return f"{written}, {self.drafts.tokens} drafted token{'s' * (self.drafts.tokens > 1)}"


def weight_formats(chip: str) -> tuple[str, ...]:
    """Return the formats of weights that `chip` multiplies: 16 bits, and FP8 and FP4 where it has units for them."""
    has = deployments.precisions(chip)
    four = "mxfp4" if chip.startswith("Instinct") else "nvfp4"
    return (deployments.usual_16bit(chip), *(name for name, unit in (("fp8", "FP8"), (four, "FP4")) if unit in has))


def cache_formats(chip: str) -> tuple[str, ...]:
    """Return the formats of keys and values: 16 bits, and FP8 where the chip has units for it."""
    return (deployments.usual_16bit(chip), *(("fp8",) if "FP8" in deployments.precisions(chip) else ()))


def ways(
    model: Architecture | str,
    chip: str,
    requests: Requests,
    targets: Targets,
    *,
    per_second: float | None = None,
    weights: Sequence[str] | None = None,
    caches: Sequence[str] | None = None,
    drafted: Sequence[Drafts] | None = None,
    engine: str = "vLLM",
    most_chips: int = MOST_CHIPS,
    slower: float = 1.0,
) -> list[Way]:
    """Return the best of each way to serve `requests` within `targets`, the one that takes the fewest chips first.

    `per_second` requests make it count whole replicas; without, it compares chips a request. `weights` and `caches` default to
    the formats of the chip, `drafted` to `drafts.of_model`; () for none. Lengths are numbers, alike for all replicas. Steps take
    `slower` times what is predicted.

    Raises ServingError where no way keeps the targets, saying which the nearest misses and by how much; DeploymentError where
    no replica of up to `most_chips` holds the weights, or a request is longer than the model's context.
    """
    architecture_ = model if isinstance(model, Architecture) else architecture.load(model)
    space = _space(
        architecture_, chip, tuple(weights or weight_formats(chip)), tuple(caches or cache_formats(chip)),
        drafts.of_model(architecture_) if drafted is None else tuple(drafted), engine, most_chips,
    )  # fmt: skip
    deployments.check_context(space.deployments[0], float(np.max(requests.prompt_tokens + np.asarray(requests.answer_tokens))))
    both = _best(space, "both", requests, targets, per_second, slower)
    reads = _best(space, "reads", requests, targets, per_second, slower)
    writes = _best(space, "writes", requests, targets, per_second, slower)
    every = [Way("together", (pool,), made) for (*_, made), pool in both.items()]
    for (weight, kept, made), writer in writes.items():
        reader = reads.get((weight, kept, None))
        if reader is not None:
            moved = float(_transfer(deployments.cases(reader.deployment), requests.prompt_tokens)[0].item())
            every.append(Way("apart", (reader, writer), made, moved))
    if not every:
        _refuse(space, requests, targets)
    return sorted(every, key=lambda way: (way.chips or 0, way.chips_per_request))


def chips_needed(way: Way, requests: Requests, targets: Targets, slower: PerCase = 1.0) -> PerCase:
    """Return the chips, not whole, that `way` takes for one request a second where lengths or steps differ: arrays over cases.

    Infinite where a pool misses its target. Raises ServingError where a replica does not hold one request.
    """
    count = np.broadcast(slower, *(getattr(requests, name) for name in Requests.__dataclass_fields__)).size
    total: PerCase = 0.0
    for pool in way.pools:
        asked, kept = _asked(pool.role, requests, targets)
        cases = deployments.cases(pool.deployment)
        if pool.role != "both":
            moved, most = _transfer(cases, requests.prompt_tokens)
            if pool.role == "reads":
                kept = replace(kept, first_token=np.maximum(kept.first_token - moved, 1e-6))
        same = Candidates(cases.take(np.zeros(count, dtype=int)), np.full(count, float(pool.chunk_tokens)), slower)
        rate = loads.largest_rate(same, asked, kept)
        with np.errstate(divide="ignore"):
            total = total + pool.deployment.chips / (rate if pool.role == "both" else np.minimum(rate, most))
    return total


def _asked(role: str, requests: Requests, targets: Targets) -> tuple[Requests, Targets]:
    """Return what is asked of a replica in `role`: prompts alone to read, or known ones to answer, at once."""
    if role == "reads":
        return replace(requests, answer_tokens=1.0), targets
    if role == "writes":
        return replace(requests, cached=1.0), replace(targets, first_token=np.inf)
    return requests, targets


@dataclass(frozen=True)
class _Space:
    """All replicas that are searched: `deployments` that hold the weights, and cases of them in every format and length.

    `of` is the deployment of each case, `chosen` its format of the cache and its drafts as a position in `options`.
    """

    deployments: tuple[Deployment, ...]
    options: tuple[tuple[str, Drafts | None], ...]
    cases: Cases
    of: np.ndarray
    chosen: np.ndarray


@cache
def _space(
    model: Architecture, chip: str, weights: tuple[str, ...], caches: tuple[str, ...], drafted: tuple[Drafts, ...],
    engine: str, most_chips: int,
) -> _Space:  # fmt: skip
    holding: list[Deployment] = []
    reason: DeploymentError | None = None
    for precision in weights:
        try:
            holding += replica_plans.fitting(model, chip, precision, engine, most_chips)
        except DeploymentError as exc:
            reason = exc
    if not holding:
        raise reason or DeploymentError("weights = () names no format")
    options = tuple((kept, made) for kept in caches for made in (None, *drafted))
    cases, of = replica_plans.repeated(
        deployments.cases(holding),
        cache_bytes=[deployments.CACHE_BYTES[kept] for kept, _ in options],
        draft_tokens=[made.tokens if made else 0 for _, made in options],
        acceptance=[made.acceptance if made else 0.0 for _, made in options],
        memory_share=[1 + made.memory_share if made else 1.0 for _, made in options],
    )
    return _Space(tuple(holding), options, cases, of, np.repeat(np.arange(len(options)), len(holding)))


def _best(
    space: _Space, role: str, requests: Requests, targets: Targets, per_second: float | None, slower: float
) -> dict[tuple[str, str, Drafts | None], Pool]:
    """Return the pool that takes the fewest chips in `role`, by the formats of weights and cache and the drafts' method.

    Of drafts of several lengths the best stands for all; the key has that of the pool.
    """
    index = np.arange(len(space.cases))
    if role == "reads":
        index = index[[space.options[option][1] is None for option in space.chosen]]
    requests, targets = _asked(role, requests, targets)
    chunks = BESIDE if role == "both" else ALONE
    index, chunk = np.tile(index, len(chunks)), np.repeat(np.array(chunks, dtype=float), len(index))
    everyone = Candidates(space.cases.take(index), chunk, slower)
    moved, most = _transfer(everyone.cases, requests.prompt_tokens) if role != "both" else (0.0, np.inf)
    kept = replace(targets, first_token=np.maximum(targets.first_token - moved, 1e-6)) if role == "reads" else targets
    estimate = _chips(everyone, np.minimum(loads.fluid_rate(everyone, requests, kept), most), per_second)
    groups = {key: _first(members, estimate) for key, members in _groups(space, index).items()}
    rate = np.zeros(len(index))

    def search(places: np.ndarray) -> None:
        if len(places):
            carried = loads.largest_rate(everyone.take(places), requests, _of(kept, places))
            rate[places] = np.minimum(carried, np.broadcast_to(most, rate.shape)[places])

    search(np.concatenate([members[:TRIED] for members in groups.values()]).astype(int))
    # Those that would take fewer chips than the best so far have to carry so much; it costs little to ask whether they do.
    needed = np.full(len(index), np.inf)
    for members in groups.values():
        best = _chips(everyone.take(members), rate[members], per_second).min(initial=np.inf)
        needed[members[TRIED:]] = _rate_for(best, everyone.cases.chips[members[TRIED:]], per_second)
    asked = np.flatnonzero(np.isfinite(needed) & (needed <= most))
    if len(asked):
        search(asked[loads.hold(everyone.take(asked), requests, _of(kept, asked), needed[asked])])
    chips = _chips(everyone, rate, per_second)
    won = {key: members[np.argmin(chips[members])] for key, members in groups.items() if np.isfinite(chips[members]).any()}
    at = np.array(list(won.values()), dtype=int)
    if not len(at):
        return {}
    count = None if per_second is None else np.maximum(np.ceil(per_second / rate[at] * (1 - 1e-9)), 1)
    load = rate[at] if count is None else per_second / count
    shown = loads.under(everyone.take(at), requests, _of(kept, at), load)
    # A quantile of a queue that is nearly full is found coarsely; that it is within the target is known.
    first = np.broadcast_to(kept.first_token, index.shape)
    result = {}
    for place, which in enumerate(at):
        precision, made = space.options[space.chosen[index[which]]]
        plain = space.deployments[space.of[index[which]]]
        deployment = replace(
            plain, cache_precision=precision, draft_tokens=made.tokens if made else 0, acceptance=made.acceptance if made else 0.0
        )
        result[plain.weight_precision, precision, made] = Pool(
            role, deployment, int(chunk[which]), float(rate[which]),
            0.0 if role == "writes" else min(float(shown.first_token[place]), float(first[which])),
            0.0 if role == "reads" else float(shown.output_token[place]),
            float(shown.batch[place]), None if count is None else int(count[place]),
        )  # fmt: skip
    return result


def _groups(space: _Space, index: np.ndarray) -> dict[tuple[str, str, str | None], np.ndarray]:
    """Return the positions in `index` of each way: by formats of weights and cache, and the drafts' method."""
    options = [(kept, made.method if made else None) for kept, made in space.options]
    keys = [(space.deployments[of].weight_precision, *options[option])
            for of, option in zip(space.of[index], space.chosen[index], strict=True)]  # fmt: skip
    return {key: np.asarray(members) for key, members in pd.Series(range(len(index))).groupby(pd.Series(keys)).groups.items()}


def _first(members: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    """Return the `ASKED` of `members` with the fewest chips, of those that have an estimate."""
    order: np.ndarray = members[np.argsort(estimate[members], kind="stable")][:ASKED]
    best: np.ndarray = order[np.isfinite(estimate[order])]
    return best


def _of(targets: Targets, places: np.ndarray) -> Targets:
    """Return the targets of some candidates; that for the first token is one for all, or one for each."""
    first = np.asarray(targets.first_token)
    return replace(targets, first_token=first[places]) if first.ndim else targets


def _rate_for(chips: float, each: PerCase, per_second: float | None) -> PerCase:
    """Return the requests a second that a replica of `each` chips has to carry for its fleet to take no more than `chips`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return each / chips if per_second is None else per_second / np.floor(chips / each)


def _chips(candidates: Candidates, rate: PerCase, per_second: float | None) -> PerCase:
    """Return the chips that `per_second` requests take in whole replicas, and a little of those that are not whole, by which
    alike ones differ; or, without a demand, those that one takes."""
    with np.errstate(divide="ignore"):
        exact = candidates.cases.chips / rate
    if per_second is None:
        return exact
    with np.errstate(divide="ignore", invalid="ignore"):
        replicas = np.maximum(np.ceil(per_second / rate * (1 - 1e-9)), 1)
    return np.where(rate > 0, replicas * candidates.cases.chips + 1e-6 * per_second * exact, np.inf)


def _transfer(cases: Cases, prompt: PerCase) -> tuple[PerCase, PerCase]:
    """Return the seconds in which a prompt's cache goes from the chips that hold it to a replica that writes, and the requests
    a second that these links carry. In a rack both lie on its fast links, else each chip sends over its port."""
    held, machine = cases.request_bytes(prompt), cases.machine
    in_a_rack = machine.chips_on_fast_links > _SERVER
    speed = np.where(in_a_rack, machine.link_bandwidth, machine.network_bandwidth)
    return held / speed, cases.plan.data * speed / held


def _refuse(space: _Space, requests: Requests, targets: Targets) -> None:
    """Raise ServingError of the replica that comes nearest to the targets."""
    plain = np.arange(len(space.deployments))
    cases = space.cases.take(plain)
    room = deployments.largest_batch(cases, requests.prompt_tokens + np.asarray(requests.answer_tokens)) >= 1
    if not room.any():
        capacity.capacity(capacity.of_deployment(space.deployments[-1]), requests, targets)
    seconds = pass_time.decode_seconds(cases, 1.0, requests.mean_context)
    nearest = [space.deployments[place] for place in plain[room][np.argsort(seconds[room])][:TRIED]]
    serving_plans.best(nearest, requests, targets)
    raise ServingError("no plan keeps both targets, though the nearest would if its steps were as fast as published ones")
