"""What a model, a work and chips take: start from `Model`, `Chip`, `Requests`, `plan_training` and `plan_serving`.

    from analysis import Chip, Model, plan_training

    run = plan_training(Model.load("Llama-3.1-70B"), Chip.load("H100 SXM5"), tokens=15e12, chips=1024)
    print(run.days, run.cost.rent)

These names are the public interface, and load when they are used; `__init__.pyi` tells type checkers of them. The folders below
hold everything that they rest on.
"""

from typing import Any

__all__ = [
    "Chip",
    "Interval",
    "Model",
    "PlanError",
    "Requests",
    "RlPlan",
    "ServingPlan",
    "TrainingPlan",
    "TuningPlan",
    "plan_rl",
    "plan_serving",
    "plan_training",
    "plan_tuning",
]

#: Where each public name lives; a name loads when it is first used (PEP 562).
_HOME = {
    "Chip": "chip",
    "Interval": "interval",
    "Model": "model",
    "PlanError": "interval",
    "Requests": "requests",
    "ServingPlan": "serving_plan",
    "TrainingPlan": "training_plan",
    "plan_serving": "serving_plan",
    "plan_training": "training_plan",
    "TuningPlan": "tuning_plan",
    "plan_tuning": "tuning_plan",
    "RlPlan": "rl_plan",
    "plan_rl": "rl_plan",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"analysis.plan.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
