"""A scenario's day served, planned: by its model on its chip, or by another system."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference import deployments
from analysis.plan import of_scenario
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import ServingPlan, plan_serving
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving import capacity

_TARGETS = ("ttft_target", "tpot_target")
_LENGTHS = ("characters_per_question", "tokens_per_character", "answer_share")
_CHIP = ("accelerator", "precision", "peak")
#: Assumptions that are given up, in this order, where a scenario can't be served; the first set that is enough.
GIVEN_UP = (_TARGETS, _LENGTHS, _CHIP, ("parameters",), (*_TARGETS, *_LENGTHS, *_CHIP, "parameters"))


@dataclass(frozen=True)
class System:
    """What answers: a model on a chip, with weights in a format."""

    model: str
    chip: str
    precision: str

    @property
    def title(self) -> str:
        """The system as people write it."""
        return f"{self.model}, {self.chip}, {8 * deployments.WEIGHT_BYTES[self.precision]:.0f} bits"


#: Systems that could answer the same questions: the deck's model on later chips, and later models.
OTHERS = (
    System("GPT-3 175B", "A100 SXM4 80GB", "bf16"),
    System("GPT-3 175B", "H100 SXM5", "bf16"),
    System("GPT-3 175B", "H100 SXM5", "fp8"),
    System("Llama-3.1-70B", "A100 SXM4 80GB", "bf16"),
    System("Llama-3.1-70B", "H100 SXM5", "fp8"),
    System("DeepSeek-V3", "Ascend 910B2", "bf16"),
    System("DeepSeek-V3", "H20", "fp8"),
    System("DeepSeek-V3", "H800 SXM5", "fp8"),
    System("DeepSeek-V3", "B200 SXM (HGX/DGX)", "fp8"),
)


def others(scenario: Scenario) -> pd.DataFrame:
    """Return one row a system, the scenario's own first: `system`, `model`, `chips` with `low` and `high`, `megawatts`,
    `tokens_per_day`.

    A system that can't serve the day within the targets has no chips (NaN), and a `reason`.
    """
    asked = planned(scenario)
    rows: list[dict[str, Any]] = []
    for system in dict.fromkeys((System(asked.model.name, asked.chip.name, asked.precision), *OTHERS)):
        row: dict[str, Any] = {"system": system.title, "model": system.model, "reason": ""}
        row |= dict.fromkeys(("chips", "low", "high", "megawatts", "tokens_per_day"), np.nan)
        try:
            plan = planned(scenario, Model.load(system.model), system.chip, system.precision) if rows else asked
        except PlanError as exc:
            rows.append(row | {"reason": str(exc)})
            continue
        day = plan.requests.day
        rows.append(row | {
            "chips": plan.chips.expected, "low": plan.chips.low, "high": plan.chips.high,
            "megawatts": plan.megawatts.expected, "tokens_per_day": day.input_tokens_per_day + day.output_tokens_per_day,
        })  # fmt: skip
    return pd.DataFrame(rows)


def replicas_by_hour(plan: ServingPlan, weights: np.ndarray) -> np.ndarray:
    """Return the whole replicas, of all pools together, that each hour of a day needs, by its `weights` (of mean 1)."""
    needed = [capacity.replicas_by_hour(plan.requests.day, pool.rate, weights) for pool in plan.way.pools]
    return np.asarray(np.sum(needed, axis=0))


def mean_use(plan: ServingPlan) -> float:
    """Return the share of the fleet's chips that the day's mean load needs."""
    per_second = float(plan.requests.day.questions_per_second)
    return per_second * plan.way.chips_per_request / plan.chips.expected if plan.chips.expected else 0.0


@cache
def _planned(
    model: Model, chip: str, precision: str, requests: Requests, targets: tuple[float, float], per_server: int, way: str | None
) -> ServingPlan:
    ttft, tpot = targets
    return plan_serving(
        model, Chip.load(chip), requests, ttft=ttft, tpot=tpot, precision=precision, chips_per_server=per_server, way=way
    )


def planned(
    scenario: Scenario,
    model: Model | None = None,
    chip: str | None = None,
    precision: str | None = None,
    way: str | None = None,
) -> ServingPlan:
    """Return the plan that serves the scenario's day, by another `model`, `chip`, `precision` or `way` if one is given.

    Raises PlanError for targets that no plan keeps, questions longer than the model's context, or a model too large.
    """
    model = model or of_scenario.model(scenario)
    asked = of_scenario.serving_chip(scenario) if chip is None else chip
    if precision is None:
        precision = of_scenario.serving_precision(scenario) if chip is None else Chip.load(chip).precision
    requests = of_scenario.requests(scenario, model.name)
    targets = scenario.ttft_target, scenario.tpot_target
    return _planned(model, asked, precision, requests, targets, scenario.accelerators_per_server, way)


def servable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario that can be served, and what keeps `scenario` itself from that; "" if nothing does.

    What stands in the way has the deck's value, so that a book can be built under a scenario that only serving can't follow.
    Raises PlanError where even that is not enough.
    """
    try:
        _check(scenario)
        return scenario, ""
    except PlanError as exc:
        reason = str(exc)
    for names in GIVEN_UP:
        update = {name: getattr(DECK, name) for name in names}
        if "parameters" in update and scenario.model is not None:
            update["model"] = None  # which says the parameters, too
        changed = scenario.model_copy(update=update)
        try:
            _check(changed)
        except PlanError:
            continue
        return changed, reason
    raise PlanError(reason)


def _check(scenario: Scenario) -> None:
    """Raise PlanError unless the scenario's day can be served, by replicas that read and write, too."""
    _ = planned(scenario).together


def served(scenario: Scenario) -> ServingPlan:
    """Return the plan of the scenario's day, or of what of it can be served."""
    return planned(servable(scenario)[0])
