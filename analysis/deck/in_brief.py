"""The report in brief: for training and for serving, what the deck prints, what its formula gives, and what is predicted."""

import pandas as pd

from analysis.deck import audit
from analysis.plan import scenario_serving, scenario_training
from analysis.plan.model import Model
from analysis.plan.serving_plan import ServingPlan
from analysis.plan.training_plan import TrainingPlan
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import Scenario

#: A chip that most clouds rent, and an open model with experts that many serve on it, in the format it was trained in.
TODAYS_MACHINE, TODAYS_MODEL = scenario_training.Machine("H100 SXM5", "bf16"), "DeepSeek-V3"
PRINTED, FORMULA, PREDICTED = "the deck prints", "its formula gives", "we predict"
WORK = ("To train", "To serve")


def estimates(scenario: Scenario) -> pd.DataFrame:
    """Return accelerators by `work` and by `says`: `accelerators`, whole where a formula gives them, with `low` and `high`.

    Both ends of an 80% interval belong to what is predicted, and are NaN for the others. An end that lies beyond
    whatever was tried is infinite, as is a prediction for a time that no number of chips keeps. What can't be served is
    answered by scenario_serving.servable.
    """
    printed = audit.claims().set_index("claim")["printed"]
    formula = estimate(scenario)
    trained, _ = scenario_training.trainable(scenario)
    run = scenario_training.in_time(trained, scenario_training.machine_of(trained))
    need = (float("inf"),) * 3 if run is None else (run.chips.expected, run.chips.low, run.chips.high)
    served = scenario_serving.served(scenario).chips
    rows = [
        (WORK[0], PRINTED, float(printed["training_accelerators"]), None, None),
        (WORK[0], FORMULA, formula.training.accelerators, None, None),
        (WORK[0], PREDICTED, *need),
        (WORK[1], PRINTED, float(printed["inference_accelerators"]), None, None),
        (WORK[1], FORMULA, formula.inference.accelerators, None, None),
        (WORK[1], PREDICTED, served.expected, served.low, served.high),
    ]
    frame = pd.DataFrame(rows, columns=["work", "says", "accelerators", "low", "high"])
    return frame.astype(dict.fromkeys(("accelerators", "low", "high"), float))


def today(scenario: Scenario) -> tuple[TrainingPlan, ServingPlan]:
    """Return the same run on a chip of today, and the same questions answered by a model of today on it.

    Raises PlanError where a scenario's targets or lengths are out of reach for these.
    """
    trained, _ = scenario_training.trainable(scenario)
    run, _ = scenario_training.done(trained, TODAYS_MACHINE)
    served, _ = scenario_serving.servable(scenario)
    return run, scenario_serving.planned(served, Model.load(TODAYS_MODEL), TODAYS_MACHINE.chip, "fp8")
