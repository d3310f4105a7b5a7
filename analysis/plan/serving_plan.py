"""A service planned: the model, its requests and targets, and the chips, power and money that these take.

Of the ways to serve (analysis/serving/ways.py) the plan takes the one with the fewest chips of those that leave every answer
as it is and need nothing but the model: weights in the format that is asked, a cache in 16 bits and no drafts, prompts read
and answers written together or apart. What each of the others would need is in `ServingPlan.ways`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.arrays import PerCase
from analysis.hardware import formats
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments, inference_offsets, pass_time
from analysis.inference.deployments import Deployment, DeploymentError
from analysis.models.architecture import Architecture
from analysis.models.parallelism import ParallelismError
from analysis.models.shape import ArchitectureError
from analysis.plan import measured as measured_rows
from analysis.plan.chip import Chip
from analysis.plan.interval import Interval, PlanError
from analysis.plan.measured import Measured
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.serving import capacity, engine_flags, replica_plans, serving_queue, serving_ranges, ways
from analysis.serving.capacity import Fleet, Targets
from analysis.serving.serving_queue import ServingError
from analysis.serving.ways import Way
from analysis.steps.shape import is_measured
from analysis.suggest import nearest
from analysis.uncertainty import sensitivity
from analysis.uncertainty.sensitivity import Factor, Result

if TYPE_CHECKING:
    from analysis.plan.cost import Cost

#: Draws of an interval that holds ranges of what was assumed of requests.
SAMPLES = 400
#: The targets of MLPerf Inference for Llama 2 70B in its server scenario (mlcommons/inference, loadgen/mlperf.conf).
TTFT, TPOT = 2.0, 0.2
ENGINE = "vLLM"
#: The two kinds of ways in a sentence.
_HOW = {"together": "by the same chips", "apart": "by chips of their own"}


@dataclass(frozen=True)
class ReplicaPlan:
    """One copy of the model: its chips, how they share it, the requests in flight under the demand, and those a second that it
    carries at most within the targets."""

    chips: int
    plan: str
    requests_in_flight: float
    requests_per_second: float
    deployment: Deployment


@dataclass(frozen=True)
class ServingPlan:
    """What a service takes. `ttft` and `tpot` are what 95% of requests keep, in seconds, `megawatts` those of the site with
    every chip at its limit; tokens and cost are those of answers, and reading prompts is charged to them. `parts` are the
    seconds of a step of writing, `memory` the bytes of a chip, by what they go to. `way` is how requests are served; its
    `pools` are the replicas that read and write, or do both. `replica` is one that writes, `replicas` are all."""

    model: Model
    chip: Chip
    precision: str
    requests: Requests
    chips: Interval
    fleets: tuple[Fleet, ...]
    replica: ReplicaPlan
    ttft: float
    tpot: float
    tokens_per_second_per_chip: Interval
    parts: dict[str, float]
    memory: dict[str, float]
    assumed: tuple[str, ...]
    basis: str
    way: Way
    targets: Targets
    slower: float
    width: float
    search: "_Search"

    @property
    def replicas(self) -> int:
        """Whole replicas, of all pools."""
        return sum(int(fleet.replicas) for fleet in self.fleets)

    @property
    def servers(self) -> int:
        """Servers that hold the replicas."""
        return sum(int(fleet.servers) for fleet in self.fleets)

    @cached_property
    def cost_per_hour(self) -> "Cost":
        """What an hour of all chips takes."""
        from analysis.plan.cost import cost  # prices are read when they are asked for: the chips alone take none

        return cost(self.chip.name, self.chips)

    @property
    def cost_per_million_tokens(self) -> Interval | None:
        """Dollars of rent for a million tokens of answers; None where it is not known, or nothing is answered."""
        return self._per_million_tokens(self.cost_per_hour.rent)

    @property
    def owned_per_million_tokens(self) -> Interval | None:
        """Dollars of owning for a million tokens of answers; None where it is not known, or nothing is answered."""
        return self._per_million_tokens(self.cost_per_hour.owned)

    def _per_million_tokens(self, hourly: Interval | None) -> Interval | None:
        millions = self.requests.per_second * self.requests.answer * 3600 / 1e6
        return hourly * (1 / millions) if hourly and millions else None

    @cached_property
    def megawatts(self) -> Interval:
        """Power of the site."""
        if not self.chips.expected:
            return self.chips
        from analysis.economics import market

        rates = market.rates(self.chip.name)
        watts = sum(float(capacity.site_watts(fleet.chips, rates)) for fleet in self.fleets)
        return self.chips * (watts / self.chips.expected / 1e6)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """Every way to serve the demand and the chips that each would take, fewest first: other formats of the weights and
        the cache where the chip has units for them, drafts, together and apart. Searched when it is first asked for."""
        replica = self.replica.deployment
        formats_ = tuple(dict.fromkeys((self.precision, *ways.weight_formats(self.chip.name))))
        every = ways.ways(
            self.model.architecture, self.chip.name, self.requests.lengths, self.targets, weights=formats_,
            per_second=_peak(self.requests), engine=replica.engine, slower=self.slower,
        )  # fmt: skip
        # A search over more formats asks fewer replicas of each, so that the plan's own may be better.
        others = [way for way in every if _named(way) != _named(self.way)]
        return tuple(sorted((self.way, *others), key=lambda way: (way.chips or 0, way.chips_per_request)))

    @cached_property
    def together(self) -> Way:
        """The best way in which the same replicas read prompts and write answers. It has no interval. Raises PlanError."""
        if self.way.kind == "together":
            return self.way
        try:
            return replace(self.search, kind="together").best(self.slower)
        except ServingError as exc:
            raise PlanError(str(exc)) from exc

    def launch(self, engine: str = ENGINE) -> list[str]:
        """Return the lines that start the plan's replicas in an engine, one for those that read and one for those that write if
        these are apart; none was run here. Raises PlanError for an engine without such a line."""
        if engine not in engine_flags.ENGINES:
            hint = nearest(engine, engine_flags.ENGINES)
            raise PlanError(f"engine {engine!r} has no line to paste{hint} valid: {', '.join(engine_flags.ENGINES)}")
        return engine_flags.launches(self.way, self.model.name, engine)

    @property
    def memory_bytes(self) -> float:
        """Bytes of a chip that weights and the cache of the requests in flight fill."""
        return sum(self.memory.values())

    @property
    def how(self) -> str:
        """By which chips prompts are read and answers written, as the end of a sentence."""
        return _HOW[self.way.kind]

    @property
    def sentence(self) -> str:
        """The answer in words."""
        price = self.cost_per_million_tokens or self.owned_per_million_tokens
        dollars = "" if price is None else f", for {price.written(_two_digits)} dollars a million tokens of answers"
        return (
            f"{self.chips.written(numerals.words)} {self.chip.name} serve {numerals.words(self.requests.per_second)} requests a "
            f"second with {self.model.name}{dollars}; prompts are read and answers written {self.how}."
        )


def plan_serving(
    model: Model,
    chip: Chip,
    requests: Requests,
    *,
    ttft: float = TTFT,
    tpot: float = TPOT,
    precision: str | None = None,
    engine: str = ENGINE,
    chips_per_server: int = 8,
    way: str | None = None,
    measured: Measured | None = None,
) -> ServingPlan:
    """Return the plan on the fewest chips that serves `requests` with `model` in their busiest hour.

    95% of requests have their first token within `ttft` seconds, and each further one within `tpot` on the mean of their
    answer. `precision` is that of the weights, the chip's usual 16-bit format if left out; `way` one of "together" and "apart",
    whichever takes fewer chips if left out. Rows `measured` on one's own stack, in the format of data/runs.csv, shift and narrow
    the intervals. Raises PlanError, naming what would work.
    """
    assumed = list(chip.assumed)
    if precision is None:
        precision = chip.precision
        assumed.append(f"weights in {precision}")
    precision = formats.named(precision)
    if engine not in deployments.ENGINES:
        raise PlanError(
            f"engine {engine!r} is not known{nearest(engine, deployments.ENGINES)} valid: {', '.join(deployments.ENGINES)}"
        )
    if way is not None and way not in ways.KINDS:
        raise PlanError(f"way {way!r} is not one of {', '.join(ways.KINDS)}{nearest(way, ways.KINDS)}")
    assumed.append(f"{engine} of {deployments.CURRENT_YEAR:g}")
    try:
        targets = Targets(ttft, tpot)
        first = replica_plans.fitting(model.architecture, chip.name, precision, engine)[0]
        slower, width = inference_offsets.slower(first, None if measured is None else measured_rows.of_serving(measured))
        search = _Search(model, chip, requests, targets, precision, engine, way)
        best = search.best(slower)
        ends = search.chips(slower * np.exp(-width)), search.chips(slower * np.exp(width))
        fleets = [capacity.fleet(requests.day, pool.rate, pool.deployment.chips, chips_per_server) for pool in best.pools]
        expected = float(sum(fleet.chips for fleet in fleets))
        chips = Interval(min(ends[0], expected), expected, max(ends[1], expected))
        if requests.unsure:
            low, high = _drawn(best, requests, targets, (slower, width))
            chips = Interval(min(low, chips.expected), chips.expected, max(high, chips.expected))
        each = ways.chips_needed(best, search.lengths(3), targets, slower * np.exp(np.array([-width, 0.0, width])))
    except (ServingError, DeploymentError, ParallelismError, AcceleratorError, ArchitectureError) as exc:
        raise PlanError(str(exc)) from exc
    return _plan(search, best, chips, each, fleets, tuple(assumed), (slower, width))


@dataclass(frozen=True)
class _Search:
    """What is searched for a plan: the ways that need nothing but the model, of one `kind` if it is given."""

    model: Model
    chip: Chip
    requests: Requests
    targets: Targets
    precision: str
    engine: str
    kind: str | None

    def best(self, slower: float) -> Way:
        """Return the way with the fewest chips where steps take `slower` times what is predicted; as many, the one that does
        both. Raises ServingError."""
        every = _every(
            self.model.architecture, self.chip.name, self.requests.lengths, self.targets, _peak(self.requests), self.precision,
            self.engine, float(slower),
        )  # fmt: skip
        allowed = [way for way in every if self.kind in (None, way.kind)]
        if not allowed:
            raise ServingError(f"no plan keeps both targets with prompts and answers {self.kind}; {every[0].kind} would")
        return min(allowed, key=lambda way: (way.chips or 0, way.kind == "apart"))

    def chips(self, slower: float) -> float:
        """Return the fewest chips where steps take `slower` times what is predicted; infinite where no way keeps the targets."""
        try:
            return float(self.best(slower).chips or 0)
        except ServingError:
            return np.inf

    def lengths(self, count: int) -> serving_queue.Requests:
        """Return the requests, `count` times."""
        return replace(self.requests.lengths, prompt_tokens=np.full(count, float(self.requests.prompt)))


@lru_cache(maxsize=64)
def _every(
    architecture: Architecture, chip: str, requests: serving_queue.Requests, targets: Targets, per_second: float | None,
    precision: str, engine: str, slower: float,
) -> tuple[Way, ...]:  # fmt: skip
    """Return every way that needs nothing but the model, by `ways.ways`."""
    return tuple(ways.ways(
        architecture, chip, requests, targets, per_second=per_second, weights=(precision,),
        caches=(deployments.usual_16bit(chip),), drafted=(), engine=engine, slower=slower,
    ))  # fmt: skip


def _named(way: Way) -> tuple[str, str, str, object]:
    """Return what tells a way from others."""
    return way.kind, way.weight_precision, way.cache_precision, way.drafts


def _peak(requests: Requests) -> float | None:
    """Return the requests a second of the busiest hour; None for none."""
    return float(requests.day.peak_questions_per_second) or None


def _two_digits(value: float) -> str:
    return numerals.significant(value, 2)


def dependence(plan: ServingPlan) -> pd.DataFrame:
    """Return the chips, not whole, with each input that is unsure at its low and its high, all others as expected; see
    `sensitivity.tornado`."""
    return sensitivity.tornado(*chips_result(plan))


def chips_result(plan: ServingPlan) -> tuple[Result, list[Factor]]:
    """Return the chips, not whole, as a result of each input that is unsure, and these inputs with their ranges.

    The inputs are `prompt_tokens`, `answer_tokens`, `fresh` and `peak_to_mean`, of these what the plan's requests call unsure,
    and `slower`, how many times as long as predicted a step takes.
    """
    return _chips_result(plan.way, plan.requests, plan.targets, (plan.slower, plan.width))


def _drawn(way: Way, requests: Requests, targets: Targets, step: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of 80% of draws of the chips, over the ranges of what was assumed and of the steps' time."""
    chips, varied = _chips_result(way, requests, targets, step)
    low, high = np.quantile(sensitivity.sampled(chips, varied, SAMPLES), [0.1, 0.9], method="nearest")
    return float(np.ceil(low)), float(np.ceil(high)) if np.isfinite(high) else float(high)


def _chips_result(way: Way, requests: Requests, targets: Targets, step: tuple[float, float]) -> tuple[Result, list[Factor]]:
    """Return the chips, not whole, that `requests` take, as a result of what is unsure: what was assumed, and the steps' time."""
    slower, width = step
    given = {factor.name: factor for factor in serving_ranges.factors(requests.day)}
    given["slower"] = Factor("slower", slower, slower * np.exp(-width), slower * np.exp(width))
    varied = [factor for name, factor in given.items() if name in (*requests.unsure, "slower")]

    def chips(values: Mapping[str, PerCase]) -> PerCase:
        count = len(next(iter(values.values())))
        at = {name: np.full(count, factor.expected) for name, factor in given.items()} | dict(values)
        asked = serving_queue.Requests(
            at["prompt_tokens"], at["answer_tokens"], 1 - at["fresh"], requests.spread, requests.spread
        )
        needed = ways.chips_needed(way, asked, targets, at["slower"])
        return requests.day.questions_per_second * at["peak_to_mean"] * needed

    return chips, varied


def _plan(
    search: _Search, way: Way, chips: Interval, each: np.ndarray, fleets: list[Fleet], assumed: tuple[str, ...],
    step: tuple[float, float],
) -> ServingPlan:  # fmt: skip
    requests, writer = search.requests, way.writer
    slower, width = step
    deployment = writer.deployment
    cases = deployments.cases(deployment)
    context = requests.prompt + requests.answer / 2
    used = writer.batch / deployment.data * cases.request_bytes(context).item()
    return ServingPlan(
        model=search.model,
        chip=search.chip,
        precision=search.precision,
        requests=requests,
        chips=chips,
        fleets=tuple(fleets),
        replica=ReplicaPlan(deployment.chips, written(deployment), writer.batch, writer.rate, deployment),
        ttft=way.first_token,
        tpot=way.output_token,
        tokens_per_second_per_chip=Interval(*(requests.answer / each[::-1])),
        parts={
            name: slower * np.asarray(seconds, dtype=float).item()
            for name, seconds in pass_time.decode_parts(deployment, max(writer.batch, 1.0), context).items()
        },
        memory={"weights": deployments.weight_bytes_on_one(deployment), "cache": used},
        assumed=assumed,
        basis=_basis(way, requests),
        way=way,
        targets=search.targets,
        slower=slower,
        width=width,
        search=search,
    )


def written(deployment: Deployment) -> str:
    """Return how a deployment's chips share the model, as text: "tensor 8", "data 32, expert 32"."""
    sizes = {name: getattr(deployment, name) for name in ("tensor", "pipeline", "data", "expert")}
    return ", ".join(f"{name} {size}" for name, size in sizes.items() if size > 1) or "one chip"


def _basis(way: Way, requests: Requests) -> str:
    known = (
        "the errors on published servers that were held out"
        if is_measured(way.writer.deployment.architecture)
        else ("no published row with such layers, so it is the widest")
    )
    ranges = " and the ranges of what was assumed of requests" if requests.unsure else ""
    kinds = [
        what for what, has in (("replicas apart", way.kind == "apart"), ("prompts known from before", requests.cached > 0)) if has
    ]
    alone = f"; of {' and of '.join(kinds)} one service's day alone is published" if kinds else ""
    return f"80% interval; it rests on {known}{ranges}{alone}"
