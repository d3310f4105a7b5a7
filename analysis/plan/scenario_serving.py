"""A scenario's day served, planned: by its model on its chip, or by another system."""

from functools import cache

from analysis.plan import of_scenario
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import ServingPlan, plan_serving
from analysis.scenarios.scenario import DECK, Scenario

_TARGETS = ("ttft_target", "tpot_target")
_LENGTHS = ("characters_per_question", "tokens_per_character", "answer_share")
_CHIP = ("accelerator", "precision", "peak")
#: Assumptions that are given up, in this order, where a scenario can't be served; the first set that is enough.
GIVEN_UP = (_TARGETS, _LENGTHS, _CHIP, ("parameters",), (*_TARGETS, *_LENGTHS, *_CHIP, "parameters"))


@cache
def _planned(
    model: Model, chip: str, precision: str, requests: Requests, ttft: float, tpot: float, chips_per_server: int
) -> ServingPlan:
    return plan_serving(
        model, Chip.load(chip), requests, ttft=ttft, tpot=tpot, precision=precision, chips_per_server=chips_per_server
    )


def planned(scenario: Scenario, model: Model | None = None, chip: str | None = None, precision: str | None = None) -> ServingPlan:
    """Return the plan that serves the scenario's day, by another `model`, `chip` or `precision` if one is given.

    Raises PlanError for targets that no plan keeps, questions longer than the model's context, or a model too large.
    """
    model = model or of_scenario.model(scenario)
    asked = of_scenario.serving_chip(scenario) if chip is None else chip
    if precision is None:
        precision = of_scenario.serving_precision(scenario) if chip is None else Chip.load(chip).precision
    requests = of_scenario.requests(scenario, model.name)
    return _planned(
        model, asked, precision, requests, scenario.ttft_target, scenario.tpot_target, scenario.accelerators_per_server
    )


def servable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario that can be served, and what keeps `scenario` itself from that; "" if nothing does.

    What stands in the way has the deck's value, so that a book can be built under a scenario that only serving can't follow.
    Raises PlanError where even that is not enough.
    """
    try:
        planned(scenario)
        return scenario, ""
    except PlanError as exc:
        reason = str(exc)
    for names in GIVEN_UP:
        update = {name: getattr(DECK, name) for name in names}
        if "parameters" in update and getattr(scenario, "model", None):
            update["model"] = None  # which says the parameters, too
        changed = scenario.model_copy(update=update)
        try:
            planned(changed)
        except PlanError:
            continue
        return changed, reason
    raise PlanError(reason)


def served(scenario: Scenario) -> ServingPlan:
    """Return the plan of the scenario's day, or of what of it can be served."""
    return planned(servable(scenario)[0])
