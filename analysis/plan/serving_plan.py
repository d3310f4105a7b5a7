"""A service planned: the model, its requests and targets, and the chips, power and money that these take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.arrays import PerCase
from analysis.economics import market
from analysis.evidence import runs
from analysis.hardware import formats
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments, inference_calibration, inference_offsets, pass_time
from analysis.inference.deployments import Deployment, DeploymentError
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.models.parallelism import ParallelismError
from analysis.models.shape import ArchitectureError
from analysis.plan.chip import Chip
from analysis.plan.cost import Cost, cost
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.serving import capacity, serving_plans, serving_queue, serving_ranges
from analysis.serving.capacity import Fleet, Targets
from analysis.serving.serving_queue import ServingError, State
from analysis.steps.shape import is_measured
from analysis.suggest import nearest
from analysis.uncertainty import intervals, sensitivity
from analysis.uncertainty.sensitivity import Factor
from analysis.validation import predict

#: Draws of an interval that holds ranges of what was assumed of requests.
SAMPLES = 400
#: The targets of MLPerf Inference for Llama 2 70B in its server scenario (mlcommons/inference, loadgen/mlperf.conf).
TTFT, TPOT = 2.0, 0.2
ENGINE = "vLLM"


@dataclass(frozen=True)
class ReplicaPlan:
    """One copy of the model: its chips, how they share it, and what it carries at the load that meets the targets."""

    chips: int
    plan: str
    requests_in_flight: float
    requests_per_second: float
    deployment: Deployment


@dataclass(frozen=True)
class ServingPlan:
    """What a service takes. `ttft` and `tpot` are what 95% of requests keep, in seconds, `megawatts` those of the site with
    every chip at its limit; tokens and cost are those of answers, and reading prompts is charged to them. `parts` are the
    seconds of a step of writing, `memory` the bytes of a chip, by what they go to."""

    model: Model
    chip: Chip
    precision: str
    requests: Requests
    chips: Interval
    replicas: int
    servers: int
    replica: ReplicaPlan
    ttft: float
    tpot: float
    tokens_per_second_per_chip: Interval
    cost_per_hour: Cost
    cost_per_million_tokens: Interval | None
    owned_per_million_tokens: Interval | None
    megawatts: Interval
    parts: dict[str, float]
    memory: dict[str, float]
    assumed: tuple[str, ...]
    basis: str

    @property
    def memory_bytes(self) -> float:
        """Bytes of a chip that weights and the cache of the requests in flight fill."""
        return sum(self.memory.values())

    @property
    def sentence(self) -> str:
        """The answer in words."""
        price = self.cost_per_million_tokens or self.owned_per_million_tokens
        dollars = "" if price is None else f", for {price.written(_two_digits)} dollars a million tokens of answers"
        return (
            f"{self.chips.written(numerals.words)} {self.chip.name} serve {numerals.words(self.requests.per_second)} requests a "
            f"second with {self.model.name}{dollars}."
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
    measured: pd.DataFrame | str | Path | None = None,
) -> ServingPlan:
    """Return the plan on the fewest chips that serves `requests` with `model` in their busiest hour.

    95% of requests have their first token within `ttft` seconds, and each further one within `tpot` on the mean of their
    answer. `precision` is that of the weights, the chip's usual 16-bit format if left out. Rows `measured` on one's own
    stack, in the format of data/runs.csv, shift and narrow the intervals. Raises PlanError, naming what would work.
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
    assumed.append(f"{engine} of {deployments.CURRENT_YEAR:g}")
    try:
        targets = Targets(ttft, tpot)
        tried = serving_plans.tried(model.architecture, chip.name, precision, engine)
        deployments.check_context(tried[0], requests.prompt + requests.answer)
        slower, width = _slower(tried[0], measured)
        chips, rates, best = _fewest(tried, requests, targets, slower * np.exp(np.array([-width, 0.0, width])))
        state = _state(best, requests, targets, slower)
        fleet = capacity.fleet(requests.day, state.rate.item(), best.chips, chips_per_server, market.rates(chip.name))
        if requests.unsure:
            low, high = _drawn(best, requests, targets, (slower, width))
            chips = Interval(min(low, chips.expected), chips.expected, max(high, chips.expected))
    except (ServingError, DeploymentError, ParallelismError, AcceleratorError, ArchitectureError) as exc:
        raise PlanError(str(exc)) from exc
    return _plan(model, chip, precision, requests, chips, rates, best, state, fleet, tuple(assumed), slower)


def _slower(deployment: Deployment, measured: pd.DataFrame | str | Path | None) -> tuple[float, float]:
    """Return how many times as long as by constants alone steps are expected to take, and the half width of that."""
    rows = pd.DataFrame([{
        "chip": deployment.chip, "source": "", "engine": deployment.engine, "engine_family": deployment.engine,
        "model": deployment.architecture.name, "group": "output token",
    }])  # fmt: skip
    known = inference_offsets.read()
    if measured is not None:
        frame = measured if isinstance(measured, pd.DataFrame) else runs.read(Path(measured))
        _, known_too = predict.measured_evidence(frame)
        if known_too is None:
            raise PlanError("measured: no row is of inference; valid: rows of kind prefill, decode or serve, each with its value")
        known, rows = known_too, rows.assign(source=inference_calibration.OWN)
    error, deviation = inference_calibration.expected(known, rows)
    width = float(intervals.of_deviation(deviation)[0])
    if not is_measured(deployment.architecture):
        width = max(width, *HALF_WIDTHS.values())
    return float(np.exp(-error[0])), width


def _fewest(
    tried: list[Deployment], requests: Requests, targets: Targets, slower: np.ndarray
) -> tuple[Interval, np.ndarray, Deployment]:
    """Return the fewest chips for the busiest hour at each of `slower`; the deployment of the middle one, and what a replica
    of it carries at each, in requests a second.

    Raises ServingError where none keeps the targets: which of them the nearest misses, and by how much.
    """
    rate = float(requests.day.peak_questions_per_second)
    lengths = _repeated(requests, len(slower))
    needed = []
    for deployment in tried:
        try:
            carried = capacity.largest_rate(capacity.of_deployment(deployment, slower=slower), lengths, targets)
        except ServingError:  # not one request fits beside the weights
            continue
        with np.errstate(divide="ignore"):
            exact = rate / carried
        needed.append((np.ceil(exact) * deployment.chips, exact[1] * deployment.chips, carried, deployment))
    if not needed or not any(np.isfinite(chips[1]) for chips, *_ in needed):
        serving_plans.best(tried, requests.lengths, targets)
        raise ServingError("no plan keeps both targets")
    # Of plans that need as many whole replicas, the one that is used less.
    *_, carried, best = min((case for case in needed if np.isfinite(case[0][1])), key=lambda case: (case[0][1], case[1]))
    low, expected, high = np.min([chips for chips, *_ in needed], axis=0)
    return Interval(low, expected, high), carried, best


def _two_digits(value: float) -> str:
    return numerals.significant(value, 2)


def _repeated(requests: Requests, count: int) -> serving_queue.Requests:
    return replace(requests.lengths, prompt_tokens=np.full(count, float(requests.prompt)))


def _state(deployment: Deployment, requests: Requests, targets: Targets, slower: float) -> State:
    return capacity.capacity(capacity.of_deployment(deployment, slower=slower), requests.lengths, targets)


def _drawn(deployment: Deployment, requests: Requests, targets: Targets, step: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of 80% of draws of the chips, over the ranges of what was assumed and of the steps' time."""
    slower, width = step
    given = {factor.name: factor for factor in serving_ranges.factors(requests.day)}
    given["slower"] = Factor("slower", slower, slower * np.exp(-width), slower * np.exp(width))
    varied = [factor for name, factor in given.items() if name in (*requests.unsure, "slower")]
    result = serving_ranges.chips_result(deployment, requests.day, targets, requests.spread)

    def chips(values: Mapping[str, PerCase]) -> PerCase:
        count = len(next(iter(values.values())))
        fixed = {name: np.full(count, factor.expected) for name, factor in given.items()}
        return result({**fixed, **values})

    low, high = np.quantile(sensitivity.sampled(chips, varied, SAMPLES), [0.1, 0.9], method="nearest")
    return float(np.ceil(low)), float(np.ceil(high)) if np.isfinite(high) else float(high)


def _plan(
    model: Model, chip: Chip, precision: str, requests: Requests, chips: Interval, rates: np.ndarray, best: Deployment,
    state: State, fleet: Fleet, assumed: tuple[str, ...], slower: float,
) -> ServingPlan:  # fmt: skip
    cases = deployments.cases(best)
    context = requests.prompt + requests.answer / 2
    batch, rate = state.batch.item(), state.rate.item()
    used = batch / best.data * cases.request_bytes(context).item()
    whole = float(fleet.chips)
    hourly = cost(chip.name, chips)
    million = requests.per_second * requests.answer * 3600 / 1e6
    return ServingPlan(
        model=model,
        chip=chip,
        precision=precision,
        requests=requests,
        chips=chips,
        replicas=int(fleet.replicas),
        servers=int(fleet.servers),
        replica=ReplicaPlan(best.chips, written(best), batch, rate, best),
        ttft=state.first_token.item(),
        tpot=state.output_token.item(),
        tokens_per_second_per_chip=Interval(*rates[::-1]) * (requests.answer / best.chips),
        cost_per_hour=hourly,
        cost_per_million_tokens=hourly.rent * (1 / million) if hourly.rent and million else None,
        owned_per_million_tokens=hourly.owned * (1 / million) if hourly.owned and million else None,
        megawatts=chips * (float(fleet.watts) / whole / 1e6) if whole else chips,
        parts={
            name: slower * np.asarray(seconds, dtype=float).item()
            for name, seconds in pass_time.decode_parts(best, max(batch, 1.0), context).items()
        },
        memory={"weights": deployments.weight_bytes_on_one(best), "cache": used},
        assumed=assumed,
        basis=_basis(best, requests),
    )


def written(deployment: Deployment) -> str:
    """Return how a deployment's chips share the model, as text: "tensor 8", "data 32, expert 32"."""
    sizes = {name: getattr(deployment, name) for name in ("tensor", "pipeline", "data", "expert")}
    return ", ".join(f"{name} {size}" for name, size in sizes.items() if size > 1) or "one chip"


def _basis(deployment: Deployment, requests: Requests) -> str:
    known = (
        "the errors on published servers that were held out"
        if is_measured(deployment.architecture)
        else ("no published row with such layers, so it is the widest")
    )
    ranges = " and the ranges of what was assumed of requests" if requests.unsure else ""
    return f"80% interval; it rests on {known}{ranges}"
