"""What a note's scenario takes, as planned: the numbers that the note tells, each with its interval.

One who reads a note reads the plan. The deck's division is told where the deck is.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from analysis.economics import whole_run
from analysis.hardware import accelerators, formats
from analysis.inference.decode_case import GROUPS as OF_WRITING
from analysis.plan import of_scenario, scenario_serving, scenario_training, settled
from analysis.plan.chip import Chip
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.plan.serving_plan import ServingPlan
from analysis.plan.training_plan import TrainingPlan
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.training.plans import GROUPS as OF_A_STEP

#: Assumptions that a plan reads, by the part of the work, in the order of the scenario's fields.
_READ = {
    "training": (
        "model", "parameters", "training_tokens", "training_time", "training_accelerators", "training_budget", "accelerator",
        "precision",
    ),
    "inference": (
        "model", "parameters", "accelerator", "precision", "accelerators_per_server", "visits_per_day", "questions_per_visit",
        "characters_per_question", "tokens_per_character", "requests_per_day", "tokens_per_day", "users", "requests_per_user",
        "service", "prompt_tokens", "answer_tokens", "length_spread", "cached_share", "answer_share", "peak_to_mean",
        "ttft_target", "tpot_target",
    ),
}  # fmt: skip
#: Chips that a note compares with those of its scenario and its base.
CHIPS = ("H20", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "Ascend 910C")


@dataclass(frozen=True)
class Quantity:
    """A number of a plan: its name, the kind of quantity, which says how people read it, and its interval in SI units."""

    name: str
    kind: str
    value: Interval


@dataclass(frozen=True)
class Planned:
    """A scenario's plans; of one that can't be made, why."""

    scenario: Scenario

    @cached_property
    def _training(self) -> tuple[TrainingPlan | None, str]:
        try:
            return settled.training(self.scenario), ""
        except PlanError as exc:
            return None, str(exc)

    @cached_property
    def _serving(self) -> tuple[ServingPlan | None, str]:
        if of_scenario.serving_chip(self.scenario) != self.scenario.accelerator:
            return None, f"serving on {self.scenario.accelerator} can't be predicted"
        try:
            return scenario_serving.planned(self.scenario), ""
        except PlanError as exc:
            return None, str(exc)

    @property
    def training(self) -> TrainingPlan | None:
        """The training run on the fewest chips that are done in time, or the fastest; None if there is none."""
        return self._training[0]

    @property
    def in_time(self) -> bool:
        """Whether the training run is done in the scenario's time; where chips or dollars are given, it takes what it takes."""
        run, scenario = self.training, self.scenario
        if run is None or scenario.training_time is None or scenario.training_accelerators or scenario.training_budget:
            return run is not None
        return run.days.expected * whole_run.DAY <= scenario.training_time

    @property
    def serving(self) -> ServingPlan | None:
        """The plan of the day's demand; None if there is none."""
        return self._serving[0]

    def reason(self, part: str) -> str:
        """Return why a part of the work, "training" or "inference", has no plan; "" if it has one."""
        return self._training[1] if part == "training" else self._serving[1]

    def chips(self, part: str) -> Interval | None:
        """Return the accelerators of a part of the work."""
        plan = self.training if part == "training" else self.serving
        return None if plan is None else plan.chips

    def quantities(self, part: str) -> list[Quantity]:
        """Return the numbers of a part of the work that a note tells, in their order; none without a plan."""
        if part == "training":
            return [] if self.training is None else list(_of_training(self.training))
        return [] if self.serving is None else list(_of_serving(self.serving))


def assumptions(scenario: Scenario, parts: Iterable[str]) -> list[str]:
    """Return the assumptions that plans of these parts of the work read, without what follows from others, in the scenario's
    order."""
    read = {name for part in parts for name in _READ[part] if getattr(scenario, name) is not None}
    return [name for name in ASSUMPTIONS if name in read and name not in scenario.derived]


def _certain(value: float) -> Interval:
    return Interval(value, value, value)


def _of_training(run: TrainingPlan) -> Iterator[Quantity]:
    yield Quantity("training_accelerators", "count", run.chips)
    yield Quantity("training_days", "days", run.days)
    yield Quantity("training_chip_hours", "hours", run.chip_hours)
    yield Quantity("training_utilization", "share", run.sustained)
    yield Quantity("training_energy", "energy", run.cost.megawatt_hours * 3.6e9)
    if run.cost.rent is not None:
        yield Quantity("training_rent", "dollars", run.cost.rent)
    if run.cost.owned is not None:
        yield Quantity("training_owned", "dollars", run.cost.owned)
    yield Quantity("training_memory", "bytes", run.memory_bytes)


def _of_serving(plan: ServingPlan) -> Iterator[Quantity]:
    yield Quantity("inference_accelerators", "count", plan.chips)
    yield Quantity("inference_servers", "count", _certain(plan.servers))
    yield Quantity("inference_speed", "speed", plan.tokens_per_second_per_chip)
    yield Quantity("inference_first_token", "seconds", _certain(plan.ttft))
    yield Quantity("inference_output_token", "seconds", _certain(plan.tpot))
    yield Quantity("inference_power", "power", plan.megawatts * 1e6)
    if plan.cost_per_hour.rent is not None:
        yield Quantity("inference_rent", "dollars", plan.cost_per_hour.rent * 24)
    if plan.cost_per_million_tokens is not None:
        yield Quantity("inference_answer_rent", "price", plan.cost_per_million_tokens)
    if plan.owned_per_million_tokens is not None:
        yield Quantity("inference_answer_owned", "price", plan.owned_per_million_tokens)


def shares(planned: Planned, part: str) -> dict[str, float]:
    """Return what a step's time goes to, as shares by the group's name, the largest first: one of training, or of writing."""
    plan, groups = (planned.training, OF_A_STEP) if part == "training" else (planned.serving, OF_WRITING)
    if plan is None:
        return {}
    seconds = {name: sum(plan.parts.get(part_name, 0.0) for part_name in names) for name, names in groups.items()}
    whole = sum(seconds.values())
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return {name: value / whole for name, value in ordered if value > 0}


def by_chip(planned: Planned, part: str, others: tuple[str, ...] = CHIPS) -> dict[str, Interval | str]:
    """Return the accelerators that the same work takes on each chip, the scenario's first; where none would do, why."""
    scenario = planned.scenario
    counts: dict[str, Interval | str] = {scenario.accelerator: planned.chips(part) or planned.reason(part)}
    for name in others:
        if name not in counts:
            try:
                counts[name] = _on(scenario, part, name)
            except PlanError as exc:
                counts[name] = str(exc)
    return counts


def _on(scenario: Scenario, part: str, chip: str) -> Interval:
    """Return the accelerators on another chip, in its 16-bit format, or in 8 bits where the scenario's is so narrow."""
    target = Chip.load(chip)
    known = {formats.named(name) for name in accelerators.precisions(target.name)}
    if part == "inference":
        model: Model = of_scenario.model(scenario)
        narrow = of_scenario.is_narrow(scenario) and of_scenario.serving_precision(scenario) in known
        precision = of_scenario.serving_precision(scenario) if narrow else target.precision
        return scenario_serving.planned(scenario, model, chip, precision).chips
    wanted = of_scenario.training_precision(scenario)
    run = scenario_training.in_time(scenario, scenario_training.Machine(chip, wanted if wanted in known else target.precision))
    if run is None:
        raise PlanError("no number of chips is done in time")
    return run.chips


def is_bounded(value: Interval) -> bool:
    """Say whether both ends are within reach."""
    return math.isfinite(value.low) and math.isfinite(value.high)
