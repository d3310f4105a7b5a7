"""Answers for programs and terminals: a scenario's question planned, what can't be with its reason, in plain numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.economics import whole_run
from analysis.hardware.accelerators import AcceleratorError
from analysis.models.shape import ArchitectureError
from analysis.plan import nearest_run, of_scenario, scenario_rl, scenario_tuning
from analysis.plan.chip import Chip
from analysis.plan.interval import Interval, PlanError
from analysis.plan.nearest_run import NearestRun
from analysis.plan.rl_plan import RlPlan
from analysis.plan.serving_plan import ServingPlan, plan_serving
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.plan.tuning_plan import TuningPlan
from analysis.scenarios.scenario import Scenario

#: What may be asked, and the name of each in an answer.
PARTS = ("training", "serving", "tuning", "rl")


@dataclass(frozen=True)
class Answer:
    """What was planned of a question: each part, or the reason why it can't be; what was not asked is None with no reason."""

    training: TrainingPlan | None
    serving: ServingPlan | None
    tuning: TuningPlan | None
    rl: RlPlan | None
    reasons: Mapping[str, str]
    assumed: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether any part was planned."""
        return any(getattr(self, part) is not None for part in PARTS)

    def nearest(self, part: str) -> NearestRun | None:
        """Return the published run that is most like a training or a service, None for one that was not planned."""
        if part == "training":
            return None if self.training is None else nearest_run.of_training(self.training)
        if part == "serving":
            return None if self.serving is None else nearest_run.of_serving(self.serving)
        return None


def parts_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the parts that a scenario asks for: training and serving always, the others where it has their fields."""
    also = {"tuning": scenario_tuning.tunes(scenario), "rl": scenario_rl.learns(scenario)}
    return tuple(part for part in PARTS if also.get(part, True))


def answer(
    scenario: Scenario,
    parts: tuple[str, ...] | None = None,
    chip: Chip | None = None,
    measured: str | Path | None = None,
    assumed: tuple[str, ...] = (),
) -> Answer:
    """Return the `parts` of a scenario planned, all that it asks for if left out, on `chip` if that is not its own by name.

    `measured` are rows of one's own stack, as `plan_training` takes them; a part that they say nothing of has that as reason.
    """
    parts = parts_of(scenario) if parts is None else parts
    reasons: dict[str, str] = {}
    plans: dict[str, Any] = dict.fromkeys(PARTS)
    try:
        model, chosen = of_scenario.model(scenario), chip or Chip.load(scenario.accelerator)
        assumed = (*assumed, *of_scenario.model_assumed(scenario))
    except (PlanError, ArchitectureError, AcceleratorError) as exc:
        return Answer(None, None, None, None, dict.fromkeys(parts, str(exc)), assumed)
    if "serving" in parts:
        assumed = (*assumed, *_requests_assumed(scenario))
    for part in parts:
        try:
            if part == "training":
                plans[part] = plan_training(
                    model, chosen, scenario.training_tokens, **_asked(scenario),  # type: ignore[arg-type]
                    precision=of_scenario.training_precision(scenario), measured=measured,
                )  # fmt: skip
            elif part == "tuning":
                plans[part] = scenario_tuning.tuned(scenario, chosen)
            elif part == "rl":
                plans[part] = scenario_rl.learnt(scenario, chosen)
            else:
                narrow = of_scenario.is_narrow(scenario)
                plans[part] = plan_serving(
                    model, chosen, of_scenario.requests(scenario, model.name), ttft=scenario.ttft_target,
                    tpot=scenario.tpot_target, precision=of_scenario.training_precision(scenario) if narrow else chosen.precision,
                    chips_per_server=scenario.accelerators_per_server, measured=measured,
                )  # fmt: skip
        except (PlanError, AcceleratorError) as exc:
            reasons[part] = str(exc)
    return Answer(**plans, reasons=reasons, assumed=assumed)


def _requests_assumed(scenario: Scenario) -> list[str]:
    try:
        return of_scenario.requests_assumed(scenario)
    except PlanError:  # which the plan itself gives as its reason
        return []


def _asked(scenario: Scenario) -> dict[str, float]:
    """Return the one of chips, dollars and days that a scenario asks of a training run."""
    if scenario.training_accelerators is not None:
        return {"chips": scenario.training_accelerators}
    if scenario.training_budget is not None:
        return {"dollars": scenario.training_budget}
    return {"days": scenario.training_time / whole_run.DAY}


def as_dict(answered: Answer) -> dict[str, Any]:
    """Return an answer as plain numbers in SI units, dollars and days; a part that was not asked is None."""
    result: dict[str, Any] = {"tuning": _tuning(answered.tuning), "rl": _rl(answered.rl)}
    for part, described in (("training", _training(answered.training)), ("serving", _serving(answered.serving))):
        result[part] = described
        near = answered.nearest(part)
        if described is not None and near is not None:
            described["nearest_run"] = {
                "run_id": near.run_id, "source": near.source, "model": near.model, "chip": near.chip, "chips": near.chips,
                "metric": near.metric, "published": near.published, "predicted": _number(near.predicted.expected),
                "low": _number(near.predicted.low), "high": _number(near.predicted.high),
            }  # fmt: skip
    if answered.reasons:
        result["reason"] = dict(answered.reasons)
    return result | {"assumed": list(answered.assumed)}


def _training(plan: TrainingPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "model": plan.model.name,
        "accelerator": plan.chip.name,
        "precision": plan.precision,
        "tokens": plan.tokens,
        "accelerators": int(plan.chips.expected),
        "low_accelerators": _number(plan.chips.low),
        "high_accelerators": _number(plan.chips.high),
        **_spread("days", plan.days),
        "model_flops_utilization": plan.model_flops_utilization.expected,
        "tokens_per_second_per_accelerator": plan.tokens_per_second_per_chip.expected,
        "memory_bytes": plan.memory_bytes.expected,
        "memory": {name: float(size) for name, size in plan.memory.items()},
        "fits": bool(plan.fits),
        "plan": plan.plan,
        **_spread("accelerator_hours", plan.chip_hours),
        "megawatt_hours": plan.cost.megawatt_hours.expected,
        **_spread("dollars", plan.cost.dollars),
        "rent_dollars": None if plan.cost.rent is None else plan.cost.rent.expected,
        "owned_dollars": None if plan.cost.owned is None else plan.cost.owned.expected,
        "assumed": list(plan.assumed),
        "basis": plan.basis,
    }


def _serving(plan: ServingPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    dollars = plan.cost_per_million_tokens or plan.owned_per_million_tokens
    return {
        "model": plan.model.name,
        "accelerator": plan.chip.name,
        "precision": plan.precision,
        "requests_per_second": plan.requests.per_second,
        "prompt_tokens": plan.requests.prompt,
        "answer_tokens": plan.requests.answer,
        "accelerators": int(plan.chips.expected),
        "low": _number(plan.chips.low),
        "high": _number(plan.chips.high),
        "replicas": plan.replicas,
        "replica": {
            "accelerators": plan.replica.chips,
            "plan": plan.replica.plan,
            "requests_in_flight": float(plan.replica.requests_in_flight),
        },
        "way": plan.way.kind,
        "ttft": float(plan.ttft),
        "tpot": float(plan.tpot),
        "tokens_per_second_per_accelerator": plan.tokens_per_second_per_chip.expected,
        **_spread("dollars_per_million_tokens", dollars),
        "megawatts": plan.megawatts.expected,
        "memory_bytes": float(plan.memory_bytes),
        "memory": {name: float(size) for name, size in plan.memory.items()},
        "fits": bool(plan.memory_bytes <= plan.chip.memory_bytes),
        "assumed": list(plan.assumed),
        "basis": plan.basis,
    }


def _tuning(plan: TuningPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "model": plan.model.name,
        "accelerator": plan.chip.name,
        "method": plan.tuning.method,
        "tokens": plan.tokens,
        "trained_parameters": plan.trained_parameters,
        "accelerators": plan.chips,
        **_spread("hours", plan.hours),
        "tokens_per_second_per_accelerator": plan.tokens_per_second_per_chip.expected,
        "memory_bytes": plan.memory_bytes.expected,
        "memory": plan.memory,
        "fits": True,  # else it would have been refused
        "plan": plan.plan,
        "accelerator_hours": plan.chip_hours.expected,
        "megawatt_hours": plan.cost.megawatt_hours.expected,
        **_spread("dollars", plan.cost.dollars),
        "assumed": list(plan.assumed),
        "basis": plan.basis,
    }


def _rl(plan: RlPlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "model": plan.model.name,
        "accelerator": plan.chip.name,
        "method": plan.tuning.method,
        "prompts": plan.batch.prompts,
        "samples": plan.batch.samples,
        "prompt_tokens": plan.batch.prompt_tokens,
        "answer_tokens": plan.batch.answer_tokens,
        "longest_answer": plan.batch.longest,
        "iterations": plan.iterations,
        "accelerators": plan.chips,
        "placement": plan.placement,
        "generating_accelerators": plan.generating_chips,
        "generating_share": plan.generating_share,
        **_spread("iteration_seconds", plan.iteration_seconds),
        "parts": plan.parts,
        **_spread("hours", plan.hours),
        "tokens_per_second_per_accelerator": plan.tokens_per_second_per_chip.expected,
        "memory_bytes": plan.memory_bytes.expected,
        "memory": plan.memory,
        "rollout_memory": plan.rollout_memory,
        "fits": True,  # else it would have been refused
        "plan": plan.plan,
        "rollout_plan": plan.rollout_plan,
        "ways": {way.placement: way.seconds for way in plan.ways},
        "accelerator_hours": plan.chip_hours.expected,
        "megawatt_hours": plan.cost.megawatt_hours.expected,
        **_spread("dollars", plan.cost.dollars),
        "assumed": list(plan.assumed),
        "basis": plan.basis,
    }


def _spread(name: str, interval: Interval | None) -> dict[str, float | None]:
    """Return an interval by the names of its three numbers; None where there is none."""
    if interval is None:
        return {name: None, f"low_{name}": None, f"high_{name}": None}
    return {name: _number(interval.expected), f"low_{name}": _number(interval.low), f"high_{name}": _number(interval.high)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
