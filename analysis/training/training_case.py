"""One training run whose duration is predicted and taken apart: its settings, and its days as a result of inputs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from pydantic import Field

from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.evidence import runs
from analysis.steps.step import Steps
from analysis.training import assumptions, metrics, plans, prediction, step_time
from analysis.training.constants import FITTED, SHARES, SPREAD, Constants
from analysis.training.fitted import CONSTANTS
from analysis.training.plans import PlanSettings
from analysis.uncertainty.sensitivity import Factor, Result

#: How far the loss of whole runs may lie from what is fitted, as the standard deviation of its logarithm: four of five
#: published runs of a hundred chips and more imply one within.
LOSS_SPREAD = 0.85


class TrainingCase(PlanSettings):
    """A training run: `model` of data/architectures.csv on `chips` of `chip`, over `tokens`."""

    chips: int = Field(1024, ge=8, le=100_000)
    tokens: float = Field(300e9, ge=1e6, le=1e16)
    sequence: int = Field(2048, ge=128, le=1_000_000)
    global_batch: int = Field(1536, ge=1, le=1_000_000)


def steps(case: TrainingCase) -> Steps:
    """Return one step of `case`, under the plan that is predicted to be fastest."""
    return assumptions.decide([plans.question(case)], CONSTANTS)[0]


def slower(case: TrainingCase) -> float:
    """Return how many times as long as by constants alone the run is expected to take, by what published runs teach; as in a
    plan."""
    step = steps(case)
    run = runs.run(
        kind="whole_run", metric="chip_hours", model=case.model, chip=case.chip, precision=case.number_format, n_chips=case.chips,
        tokens=case.tokens, date=plans.DATE,
    )  # fmt: skip
    trains = metrics.trains(step, [run.kind], [case.tokens])
    alone = metrics.by_the_clock(step_time.step_seconds(step), step, trains, CONSTANTS.loss_exponent)
    return float((prediction.predicted([run], step).seconds / alone).item())


def days(case: TrainingCase) -> Result:
    """Return the days that `case` takes by the clock, as a result of the constants, each given as an array.

    At the fitted constants they are those of the plan.
    """
    step, times = steps(case), slower(case)

    def result(values: Mapping[str, PerCase]) -> PerCase:
        constants = replace(CONSTANTS, **values)
        several = step.take(np.zeros(len(next(iter(values.values()))), dtype=int))
        speed = several.tokens / step_time.step_seconds(several, constants)
        goodput = whole_run.goodput(several.chips, constants.loss_exponent)
        return times * whole_run.wall_clock_seconds(case.tokens, speed, goodput) / whole_run.DAY

    return result


def constant_factors(constants: Constants = CONSTANTS, spreads: float = 1.28) -> list[Factor]:
    """Return the fitted constants as factors, each within `spreads` of its expected spread (80% with 1.28)."""
    factors = []
    for name in FITTED:
        value, spread = getattr(constants, name), spreads * SPREAD[name]
        if name in SHARES:
            odds = value / (1 - value)
            low, high = (odds * factor / (1 + odds * factor) for factor in (np.exp(-spread), np.exp(spread)))
        else:
            low, high = value * np.exp(-spread), value * np.exp(spread)
        factors.append(Factor(name, value, float(low), float(high)))
    return factors


def factors(constants: Constants = CONSTANTS) -> list[Factor]:
    """Return what the days depend on: the constants of a step, and the loss of whole runs."""
    loss = constants.loss_exponent
    spread = float(np.exp(1.2816 * LOSS_SPREAD))
    return [*constant_factors(constants), Factor("loss_exponent", loss, loss / spread, loss * spread)]
