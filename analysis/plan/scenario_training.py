"""A scenario's training run, planned: its model on its chip and on others, and what the deck's number of chips would do."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.economics import whole_run
from analysis.hardware import formats, machine
from analysis.models import ledger
from analysis.plan import of_scenario, training_plan
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK, Scenario

#: Chips that the deck prints for its run.
DECK_CHIPS = 1558


@dataclass(frozen=True)
class Machine:
    """An accelerator and the number format that it trains in, by the engine's names."""

    chip: str
    number_format: str

    @property
    def title(self) -> str:
        """The machine as people write it."""
        return f"{self.chip} in {machine.PRECISIONS[self.number_format][0]}"

    @property
    def peak(self) -> float:
        """Dense peak, in FLOP/s."""
        return machine.case(self.chip, self.number_format)["peak"]


#: The machine of most runs of the deck's time, and what came after it.
A100 = Machine("A100 SXM4 80GB", "bf16")
LATER = tuple(Machine(chip, "bf16") for chip in ("H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)"))


def machine_of(scenario: Scenario) -> Machine:
    """Return the scenario's machine if training its model on it can be predicted, else the deck's."""
    if of_scenario.can_train(scenario):
        asked = Machine(scenario.accelerator, of_scenario.training_precision(scenario))
        try:
            sizes(scenario, asked)
            return asked
        except PlanError:
            pass
    return Machine(DECK.accelerator, formats.named(DECK.precision))


def trainable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario whose model the machines of these pages can train, and what keeps `scenario` from that; "" if nothing.

    The deck's number of chips has to hold it, on the usual machine and on its own; else the deck's model stands in its place.
    """
    try:
        for platform in (machine_of(scenario), A100):
            on_chips(scenario, platform, DECK_CHIPS)
            sizes(scenario, platform)
        return scenario, ""
    except PlanError as exc:
        given_up: dict[str, float | None] = {"parameters": DECK.parameters}
        if scenario.model is not None:
            given_up["model"] = None
        return scenario.model_copy(update=given_up), str(exc)


def machines(scenario: Scenario) -> list[Machine]:
    """Return the machines to compare that can hold the scenario's model, the scenario's first."""
    return [platform for platform in dict.fromkeys((machine_of(scenario), A100, *LATER)) if _holds(scenario, platform)]


def _holds(scenario: Scenario, platform: Machine) -> bool:
    try:
        sizes(scenario, platform)
    except PlanError:
        return False
    return True


@cache
def _sizes(model: Model, platform: Machine, tokens: float) -> pd.DataFrame:
    table = training_plan.curve(model, Chip.load(platform.chip), tokens, precision=platform.number_format)
    return table.assign(machine=platform.title)


def sizes(scenario: Scenario, platform: Machine) -> pd.DataFrame:
    """Return `training_plan.curve` of the scenario's model and tokens on a machine, with its `machine`. Raises PlanError."""
    return _sizes(of_scenario.model(scenario), platform, scenario.training_tokens).copy()


@cache
def _planned(model: Model, platform: Machine, tokens: float, days: float) -> TrainingPlan:
    return plan_training(model, Chip.load(platform.chip), tokens, days=days, precision=platform.number_format)


def in_time(scenario: Scenario, platform: Machine) -> TrainingPlan | None:
    """Return the plan on the fewest chips that is done in the scenario's time, None if no number is."""
    days = scenario.training_time / whole_run.DAY
    try:
        return _planned(of_scenario.model(scenario), platform, scenario.training_tokens, days)
    except PlanError:
        return None


@cache
def _on(model: Model, platform: Machine, tokens: float, chips: float) -> TrainingPlan:
    return plan_training(model, Chip.load(platform.chip), tokens, chips=chips, precision=platform.number_format)


def on_chips(scenario: Scenario, platform: Machine, chips: float) -> TrainingPlan:
    """Return the fastest plan of the scenario's run on up to so many chips. Raises PlanError."""
    return _on(of_scenario.model(scenario), platform, scenario.training_tokens, chips)


def done(scenario: Scenario, platform: Machine) -> tuple[TrainingPlan, bool]:
    """Return the plan on the fewest chips that is done in the scenario's time, and True; if none is, the fastest."""
    planned = in_time(scenario, platform)
    if planned is not None:
        return planned, True
    table = sizes(scenario, platform)
    return on_chips(scenario, platform, float(table["chips"][table["days"].idxmin()])), False


def required(scenario: Scenario, chips: float, peak: float) -> float:
    """Return the utilization by 6 N D that `chips` of `peak` FLOP/s have to sustain to be done in the scenario's time."""
    parameters = ledger.active_parameters(of_scenario.model(scenario).architecture)
    return float(sizing.training_flop(parameters, scenario.training_tokens) / (chips * scenario.training_time * peak))


def enough(scenario: Scenario, chips: float) -> pd.DataFrame:
    """Return, machine by machine, what `chips` of it take, and whether that is within the scenario's time.

    Columns: `machine`, `chips` that a plan can use, `required` utilization by 6 N D, `sustained` with `low` and `high`,
    `days` with `low_days` and `high_days`, and `verdict`. A machine on which so few chips can't hold the model is left out.
    """
    rows = []
    limit = scenario.training_time / whole_run.DAY
    for platform in machines(scenario):
        try:
            run = on_chips(scenario, platform, chips)
        except PlanError:
            continue
        days = run.days
        verdict = "yes" if days.high <= limit else "no" if days.low > limit else ""
        rows.append({
            "machine": platform.title, "chips": run.chips.expected,
            "required": required(scenario, run.chips.expected, platform.peak),
            "sustained": run.sustained.expected, "low": run.sustained.low, "high": run.sustained.high,
            "days": days.expected, "low_days": days.low, "high_days": days.high,
            "verdict": verdict or ("likely" if days.expected <= limit else "unlikely"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def steps_alone(run: TrainingPlan) -> float:
    """Return the days that a plan would take if steps were all it did, of the batches that its tokens make."""
    return run.tokens / run.batch_tokens * run.step_seconds.expected / whole_run.DAY


def between(plan: TrainingPlan | None) -> tuple[int | None, int | None]:
    """Return the chips at both ends of a plan's interval, None for an end beyond what was tried."""
    if plan is None:
        return None, None
    low, high = (int(end) if np.isfinite(end) else None for end in (plan.chips.low, plan.chips.high))
    return low, high
