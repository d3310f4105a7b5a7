"""What a scenario asks of reinforcement learning, planned: as it asks, and by how many of the chips write."""

from functools import cache
from typing import Any

import pandas as pd

from analysis.hardware.accelerators import AcceleratorError
from analysis.models.shape import ArchitectureError
from analysis.plan import of_scenario
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.rl_plan import RlPlan, plan_rl
from analysis.scenarios.scenario import DECK, Scenario

#: Prompts, samples and lengths where none are said, and chips over the fewest that hold the model, so that they can be split.
USUAL = {"rl_prompts": 64, "rl_samples": 16, "rl_prompt_tokens": 300.0, "rl_answer_tokens": 1000.0}
TIMES_FEWEST = 4
_OPEN = {"rl_accelerators": None, "rl_placement": None}
_INSTEAD = ("model", "parameters", "accelerator", "precision", "peak")


def learns(scenario: Scenario) -> bool:
    """Say whether the scenario asks for reinforcement learning."""
    return scenario.rl_prompts is not None


def learnt(scenario: Scenario, chip: Chip | None = None) -> RlPlan:
    """Return the plan of the reinforcement learning that a scenario asks for, on `chip` if that is not its own by name.

    Raises PlanError, or what loading the model or the chip raises.
    """
    given: dict[str, Any] = {
        "prompts": scenario.rl_prompts, "samples": scenario.rl_samples, "prompt_tokens": scenario.rl_prompt_tokens,
        "answer_tokens": scenario.rl_answer_tokens, "longest": scenario.rl_longest_answer, "chips": scenario.rl_accelerators,
        "placement": scenario.rl_placement, "iterations": scenario.rl_iterations,
    }  # fmt: skip
    said = tuple((name, value) for name, value in given.items() if value is not None)
    return _planned(of_scenario.model(scenario), chip or Chip.load(scenario.accelerator), said)


@cache
def _planned(model: Model, chip: Chip, said: tuple[tuple[str, Any], ...]) -> RlPlan:
    return plan_rl(model, chip, **dict(said))


def learnable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario whose model can learn on its chips, and what keeps `scenario` from that; "" if nothing does.

    What is not said has its usual value, and chips are several times the fewest that hold the model. Where that can't be, chips
    and placement are left open, then the usual prompts and lengths stand in place, and at last the deck's model and chip.
    """
    usual = {name: value for name, value in USUAL.items() if getattr(scenario, name) is None}
    decks = {name: getattr(DECK, name) for name in _INSTEAD}
    reason = ""
    for update in (
        usual,
        usual | _OPEN,
        USUAL | _OPEN | {"rl_longest_answer": None},
        USUAL | _OPEN | {"rl_longest_answer": None} | decks,
    ):
        asked = scenario.model_copy(update=update)
        try:
            if asked.rl_accelerators is None:
                fewest = learnt(asked.model_copy(update={"rl_placement": "together"})).chips
                asked = asked.model_copy(update={"rl_accelerators": TIMES_FEWEST * fewest})
            learnt(asked)
            return asked, reason
        except (PlanError, AcceleratorError, ArchitectureError) as exc:
            reason = reason or str(exc)
    raise PlanError(reason)


def placements(scenario: Scenario) -> dict[str, RlPlan]:
    """Return the plan of each placement that can be, the faster first."""
    plans = {}
    for placement in ("together", "apart"):
        try:
            plans[placement] = learnt(scenario.model_copy(update={"rl_placement": placement}))
        except PlanError:
            continue
    return dict(sorted(plans.items(), key=lambda plan: plan[1].iteration_seconds.expected))


def by_split(scenario: Scenario) -> tuple[int, pd.DataFrame]:
    """Return the chips that are split, and for each split how many are `generating`, their `share`, and the seconds of an
    iteration in which they `write` and in which the others `learn`.

    The chips are the scenario's, or, where they can't be split, four times the fewest that hold the model.
    """
    asked = scenario.model_copy(update={"rl_placement": None})
    plan = learnt(asked)
    if not plan.splits():
        fewest = learnt(asked.model_copy(update={"rl_placement": "together", "rl_accelerators": None})).chips
        plan = learnt(asked.model_copy(update={"rl_accelerators": TIMES_FEWEST * fewest}))
    return plan.chips, pd.DataFrame([
        {"generating": way.generating_chips, "share": way.generating_share, "write": way.parts["rollout"],
         "learn": way.parts["scoring"] + way.parts["update"], "seconds": way.seconds}
        for way in plan.splits()
    ])  # fmt: skip
