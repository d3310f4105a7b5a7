"""What a scenario asks of fine-tuning and of reinforcement learning, planned."""

from typing import Any

from analysis.plan import of_scenario
from analysis.plan.chip import Chip
from analysis.plan.rl_plan import RlPlan, plan_rl
from analysis.plan.tuning_plan import TuningPlan, plan_tuning
from analysis.scenarios.scenario import Scenario

#: How a model is tuned, and the rank of its adapters, where that is not said.
METHOD, RANK = "lora", 16


def tunes(scenario: Scenario) -> bool:
    """Say whether the scenario asks for a fine-tuning."""
    return scenario.tuning_tokens is not None


def learns(scenario: Scenario) -> bool:
    """Say whether the scenario asks for reinforcement learning."""
    return scenario.rl_prompts is not None


def tuned(scenario: Scenario, chip: Chip | None = None) -> TuningPlan:
    """Return the plan of the fine-tuning that a scenario asks for, on `chip` if that is not the scenario's own by name.

    Raises PlanError, or what loading the model or the chip raises.
    """
    assert scenario.tuning_tokens is not None
    return plan_tuning(
        of_scenario.model(scenario), chip or Chip.load(scenario.accelerator), scenario.tuning_tokens,
        method=scenario.tuning_method or METHOD, chips=scenario.tuning_accelerators, rank=scenario.tuning_rank or RANK,
    )  # fmt: skip


def learnt(scenario: Scenario, chip: Chip | None = None) -> RlPlan:
    """Return the plan of the reinforcement learning that a scenario asks for, as `tuned`."""
    given: dict[str, Any] = {
        "prompts": scenario.rl_prompts, "samples": scenario.rl_samples, "prompt_tokens": scenario.rl_prompt_tokens,
        "answer_tokens": scenario.rl_answer_tokens, "longest": scenario.rl_longest_answer, "chips": scenario.rl_accelerators,
        "placement": scenario.rl_placement, "iterations": scenario.rl_iterations,
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    return plan_rl(of_scenario.model(scenario), chip or Chip.load(scenario.accelerator), **said)
