"""What a scenario asks of fine-tuning, planned: as it asks, by each method, and on more chips."""

from functools import cache

import pandas as pd

from analysis.hardware.accelerators import AcceleratorError
from analysis.models.shape import ArchitectureError
from analysis.plan import of_scenario
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.tuning_plan import TuningPlan, plan_tuning
from analysis.scenarios.alternatives import TUNING_METHODS
from analysis.scenarios.scenario import DECK, Scenario

#: How a model is tuned, and the rank of its adapters, where that is not said; and the data set where none is.
METHOD, RANK, TOKENS = "lora", 16, 50e6
#: Numbers of chips that are compared: the fewest that hold the model, and each twice as many as the last.
DOUBLINGS = 5


def tunes(scenario: Scenario) -> bool:
    """Say whether the scenario asks for a fine-tuning."""
    return scenario.tuning_tokens is not None


def tuned(scenario: Scenario, chip: Chip | None = None) -> TuningPlan:
    """Return the plan of the fine-tuning that a scenario asks for, on `chip` if that is not the scenario's own by name.

    Raises PlanError, or what loading the model or the chip raises.
    """
    assert scenario.tuning_tokens is not None
    return _planned(
        of_scenario.model(scenario), chip or Chip.load(scenario.accelerator), scenario.tuning_tokens,
        scenario.tuning_method or METHOD, scenario.tuning_rank or RANK, scenario.tuning_accelerators,
    )  # fmt: skip


@cache
def _planned(model: Model, chip: Chip, tokens: float, method: str, rank: int, chips: int | None) -> TuningPlan:
    return plan_tuning(model, chip, tokens, method=method, chips=chips, rank=rank)


def tunable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario with a data set whose model can be tuned on its chip by some method, and what keeps `scenario` from that.

    What is said of neither has its usual value; where nothing can be, the deck's model and chip stand in place.
    """
    asked = scenario.model_copy(
        update={"tuning_tokens": scenario.tuning_tokens or TOKENS, "tuning_rank": scenario.tuning_rank or RANK}
    )
    reason = ""
    for method in reversed(TUNING_METHODS):
        try:
            tuned(_by(asked, method))
            return asked, ""
        except (PlanError, AcceleratorError, ArchitectureError) as exc:
            reason = str(exc)
    instead = {name: getattr(DECK, name) for name in ("model", "parameters", "accelerator", "precision", "peak")}
    return asked.model_copy(update=instead), reason


def _by(scenario: Scenario, method: str, chips: int | None = None) -> Scenario:
    return scenario.model_copy(update={"tuning_method": method, "tuning_accelerators": chips})


def by_method(scenario: Scenario) -> dict[str, TuningPlan]:
    """Return the plan of each method on the fewest chips that hold it; a method that no number does is left out."""
    plans = {}
    for method in TUNING_METHODS:
        try:
            plans[method] = tuned(_by(scenario, method))
        except PlanError:
            continue
    return plans


def by_chips(scenario: Scenario) -> pd.DataFrame:
    """Return `method`, `chips` and `hours` with `low` and `high` from the fewest chips that hold the model on, and `plan`."""
    rows = []
    for method, fewest in by_method(scenario).items():
        for doubled in range(DOUBLINGS):
            try:
                plan = tuned(_by(scenario, method, fewest.chips * 2**doubled))
            except PlanError:
                continue
            hours = plan.hours
            rows.append({"method": method, "chips": plan.chips, "hours": hours.expected, "low": hours.low, "high": hours.high,
                         "plan": plan.plan})  # fmt: skip
    return pd.DataFrame(rows)
