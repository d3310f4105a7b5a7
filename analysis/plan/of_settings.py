"""What a scenario says of the settings of notebooks that look at one case: its model, chip, formats, lengths, targets, plan.

The cases have settings of their own, in which few words say much. Where a scenario differs from the deck, they take its values;
what of these can't be shown is given up, in an order that is fixed, and the page says so.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from analysis.inference.decode_case import DecodeCase
from analysis.models.architecture import ArchitectureError
from analysis.plan import of_scenario, settled
from analysis.plan.cost_case import CostCase
from analysis.plan.demand_in_chips import PublishedCase
from analysis.plan.interval import PlanError
from analysis.plan.opening import Opening
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving.chips_compared import ChipsCase
from analysis.serving.serving_case import ServingCase
from analysis.serving.ways_case import WaysCase
from analysis.settings import FromScenario, SettingError, read
from analysis.training.plans import PlanSettings
from analysis.training.training_case import TrainingCase

#: The settings of each notebook that follows a scenario.
CASES: dict[str, type[FromScenario]] = {
    "decode_roofline": DecodeCase,
    "serving_capacity": ServingCase,
    "ways_to_serve": WaysCase,
    "published_demand": PublishedCase,
    "chips_compared": ChipsCase,
    "token_cost": CostCase,
    "token_prices": CostCase,
    "parallel_plans": PlanSettings,
    "duration_sensitivity": TrainingCase,
    "plan": Opening,
}
_TARGETS = ("first_token_seconds", "output_token_seconds", "target_milliseconds")
_LENGTHS = ("prompt_tokens", "answer_tokens", "prompt_variation", "answer_variation", "busiest_over_mean", "requests_per_second")
_SYSTEM = ("model", "chip", "weight_precision", "number_format", "chips", "tokens", "sequence", "global_batch", "tensor", "batch")
#: What is given up, in this order, where a case can't be shown; each with its name in a sentence.
_GIVEN_UP = (
    ((), ""),
    (_TARGETS, "targets"),
    (_LENGTHS, "requests"),
    ((*_TARGETS, *_LENGTHS), "requests and targets"),
    (_SYSTEM, "model and chip"),
    ((*_SYSTEM, *_TARGETS, *_LENGTHS), "values"),
)
#: Why a case can't take a model that is known by its size alone.
_UNNAMED = "only its parameters are said, and no name by which it could be loaded"
#: Chips that share a matrix, and requests answered together, that are tried until one deployment holds them.
_TENSOR = (1, 2, 4, 8, 16, 32, 64)
_BATCH = (64, 16, 4, 1)
#: What a scenario says of serving: where one of these differs from the deck's, cases take all of them.
_SAID = (
    "model", "parameters", "accelerator", "precision", "characters_per_question", "tokens_per_character", "answer_share",
    "prompt_tokens", "answer_tokens", "length_spread", "service", "users", "requests_per_day", "tokens_per_day", "visits_per_day",
    "questions_per_visit", "peak_to_mean", "ttft_target", "tpot_target",
)  # fmt: skip


def handed(scenario: Scenario, notebook: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that `scenario` gives to `notebook`, which has the `defaults`; none if it says nothing of them."""
    case = CASES.get(notebook)
    if case is None:
        return {}
    try:
        asked = {name: value for name, value in _asked(scenario, case).items() if name in defaults}
    except (PlanError, ArchitectureError) as exc:
        return {"not_followed": f"values: {exc}"}
    unnamed = "model" in defaults and scenario.model is None and scenario.parameters != DECK.parameters
    if unnamed:
        asked = {name: value for name, value in asked.items() if name not in _SYSTEM}
    refused = ""
    for names, said in _GIVEN_UP:
        kept = {name: value for name, value in asked.items() if name not in names}
        try:
            sized = _sized(case, defaults, kept)
        except SettingError as exc:
            refused = refused or str(exc).splitlines()[0]
            continue
        left = {"model": _UNNAMED} if unnamed else {}
        left |= {said: refused} if refused else {}
        return sized | ({"not_followed": f"{' and '.join(left)}: {'; '.join(left.values())}"} if left else {})
    raise SettingError(f"{notebook}: its own settings are refused: {refused}")


def _sized(case: type[FromScenario], defaults: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return `values`, with the smallest deployment that holds a new model where the `case` has one. Raises SettingError."""
    sizes = {"batch": _BATCH, "tensor": _TENSOR}
    sizes = {name: tried for name, tried in sizes.items() if name in defaults and "model" in values}
    refused: SettingError | None = None
    for chosen in product(*sizes.values()):
        given = values | dict(zip(sizes, chosen, strict=True))
        try:
            read(case, dict(defaults) | given)
        except SettingError as exc:
            refused = exc
            continue
        return given
    raise refused or SettingError("no deployment is tried")


def _asked(scenario: Scenario, case: type[FromScenario]) -> dict[str, Any]:
    """Return what the scenario says, by the names of settings."""
    if not _differs(scenario, _SAID):
        return {}
    requests = of_scenario.requests(scenario)
    asked: dict[str, Any] = {
        "prompt_tokens": max(1, round(requests.prompt)), "answer_tokens": max(2, round(requests.answer)),
        "busiest_over_mean": requests.peak_to_mean, "requests_per_second": requests.per_second * requests.peak_to_mean,
        "first_token_seconds": scenario.ttft_target, "output_token_seconds": scenario.tpot_target,
        "target_milliseconds": 1e3 * scenario.tpot_target,
    }  # fmt: skip
    if scenario.length_spread is not None:
        asked |= dict.fromkeys(("prompt_variation", "answer_variation"), scenario.length_spread)
    if _differs(scenario, ("model", "accelerator")):
        asked["model"] = scenario.model or of_scenario.DECK_MODEL
        asked |= _training(scenario) if issubclass(case, PlanSettings) else _serving(scenario)
    return asked


def _differs(scenario: Scenario, names: Iterable[str]) -> bool:
    return any(getattr(scenario, name) != getattr(DECK, name) for name in names)


def _serving(scenario: Scenario) -> dict[str, Any]:
    return {"chip": of_scenario.serving_chip(scenario), "weight_precision": of_scenario.serving_precision(scenario)}


def _training(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario's training run, on the chips of its plan. Raises PlanError if it has none."""
    run = settled.training(scenario)
    return {
        "chip": run.chip.name, "number_format": run.precision, "chips": round(run.chips.expected), "tokens": run.tokens,
        "sequence": run.sequence, "global_batch": round(run.batch_tokens / run.sequence),
    }  # fmt: skip
