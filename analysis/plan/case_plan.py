"""The plan of a training run whose chips, sequence and batch a notebook's settings give."""

from analysis.plan.chip import Chip
from analysis.plan.model import Model
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.training.training_case import TrainingCase


def planned(case: TrainingCase) -> TrainingPlan:
    """Return the plan of `case`. Raises PlanError."""
    return plan_training(
        Model.load(case.model), Chip.load(case.chip), case.tokens, chips=case.chips, precision=case.number_format,
        sequence=case.sequence, batch_tokens=case.global_batch * case.sequence,
    )  # fmt: skip
