"""A scenario with the numbers that only a plan can tell: a predicted utilization, and the time that chips or dollars buy.

The utilization is that by 6 N D over the whole run, so that the division gives the chips of the plan back. Where it is not asked
for by name and no plan can be made, the deck's stands in its place, and says so.
"""

from analysis.economics import whole_run
from analysis.plan import of_scenario, scenario_training
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.scenarios.alternatives import PREDICTED
from analysis.scenarios.scenario import DECK, Scenario
from analysis.scenarios.scenario_files import ScenarioError


def settled(scenario: Scenario) -> Scenario:
    """Return the scenario with a number for its utilization and its training time. Raises ScenarioError if it has none."""
    if scenario.is_settled:
        return scenario
    try:
        plan = training(scenario)
    except PlanError as exc:
        if scenario.training_time is None or scenario.written.get("utilization") == PREDICTED:
            raise ScenarioError(f"utilization: no plan can predict it: {exc}; write a number, such as 40%") from exc
        return scenario.following({"utilization": (DECK.utilization, f"the deck's, as no plan can be made: {exc}")})
    utilization = plan.sustained.expected, f"the plan's: {plan.plan} on {plan.chips.expected:,.0f} x {plan.chip.name}"
    follows: dict[str, tuple[object, str]] = {}
    if scenario.utilization == PREDICTED:
        follows["utilization"] = utilization
    if scenario.training_time is None:
        follows["training_time"] = plan.days.expected * whole_run.DAY, "what the plan takes"
    return scenario.following(follows)


def training(scenario: Scenario) -> TrainingPlan:
    """Return the plan of the scenario's training run: on its chips, within its dollars, or within its time, else the fastest.

    Raises PlanError for a chip or a format that can't be predicted, or what no plan meets.
    """
    if not of_scenario.can_train(scenario):
        raise PlanError(f"training on {scenario.accelerator} in {scenario.precision} can't be predicted")
    machine = scenario_training.Machine(scenario.accelerator, of_scenario.training_precision(scenario))
    if scenario.training_accelerators is None and scenario.training_budget is None:
        return scenario_training.done(scenario, machine)[0]
    return plan_training(
        of_scenario.model(scenario), Chip.load(machine.chip), scenario.training_tokens,
        chips=scenario.training_accelerators, dollars=scenario.training_budget, precision=machine.number_format,
    )  # fmt: skip
