"""All parallel plans of one training step, predicted: which fit, how fast each is, and what its time is spent on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.arrays import PerCase
from analysis.evidence import runs
from analysis.models import architecture
from analysis.models.architecture import Architecture
from analysis.models.parallelism import Parallelism, ParallelismError
from analysis.settings import FromScenario
from analysis.steps import links
from analysis.steps.step import Steps
from analysis.training import assumptions, communication, footprint, prediction, step_time
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS

#: What software does is taken to be what was usual from this year on.
DATE = "2025"

#: What a step's time goes to, as people name it, and the parts of analysis/training/step_time.py that belong to it.
GROUPS = {
    "Matrix products": ("matrix products", "attention", "vocabulary"),
    "Memory-bound work": ("elementwise", "waiting for the host", "optimizer"),
    "Recomputation": ("recomputation",),
    "Tensor communication": ("tensor-parallel", "context-parallel", "expert-parallel"),
    "Pipeline": ("pipeline bubble", "uneven stages", "pipeline sends"),
    "Data communication and waiting": ("gradients", "sharded weights", "slowest chip"),
}

#: Fields of a plan that tell it from others.
FIELDS = ("tensor", "pipeline", "virtual_pipeline", "data", "expert", "zero", "recomputation", "recomputed_layers",
          "micro_batch")  # fmt: skip


class PlanSettings(FromScenario):
    """One training step, without its plan: what a reader may change in the notebook on parallelism."""

    model: str = "GPT-3 175B"
    chip: str = "A100 SXM4 80GB"
    number_format: str = "bf16"
    chips: int = Field(1024, ge=1, le=1_000_000)
    sequence: int = Field(2048, ge=1, le=10_000_000)
    global_batch: int = Field(1536, ge=1, le=10_000_000)

    @model_validator(mode="after")
    def _has_a_plan(self) -> "PlanSettings":
        question(self)
        return self


class NoPlanError(ValueError):
    """A training step for which no plan fits; the message says what would."""


def question(chosen: PlanSettings) -> assumptions.Question:
    """Return the step as a question about its plan. Raises RunsError where no plan divides it."""
    return assumptions.question(_run(chosen))


def _run(chosen: PlanSettings) -> runs.Run:
    return runs.run(
        kind="train", metric="step_seconds", model=chosen.model, chip=chosen.chip, precision=chosen.number_format,
        n_chips=chosen.chips, seq_len=chosen.sequence, global_batch=chosen.global_batch, date=DATE,
    )  # fmt: skip


@cache
def _learnt(chosen: PlanSettings) -> tuple[float, float]:
    """Return what published runs teach of the step: how many times as long as by constants alone, and the half width."""
    steps = assumptions.every_plan([question(chosen)])[0].take(np.array([0]))
    predicted = prediction.predicted([_run(chosen)], steps)
    return float(predicted.seconds.item() / step_time.step_seconds(steps).item()), float(predicted.half_width.item())


def slower(chosen: PlanSettings) -> float:
    """Return how many times as long as by constants alone a step is expected to take, as in a plan."""
    return _learnt(chosen)[0]


def half_width(chosen: PlanSettings) -> float:
    """Return the half width of the 80% interval of a step's time, as a logarithm, as in a plan."""
    return _learnt(chosen)[1]


def every(chosen: PlanSettings, constants: Constants = CONSTANTS) -> tuple[Steps, pd.DataFrame]:
    """Return every plan that is tried, the fastest that fits first, as steps and as one row each.

    Columns: the fields of the plan, `seconds` of a step, `utilization` (of model FLOP, attention causal),
    `memory_gb` of one accelerator, `fits`. Raises NoPlanError if none fits.
    """
    steps, _ = assumptions.every_plan([question(chosen)])
    predicted = step_time.predict(steps, constants)
    if not np.any(predicted.fits):
        least = np.min(predicted.memory_bytes) / 1e9
        raise NoPlanError(
            f"no plan of {chosen.model} fits on {chosen.chips} x {chosen.chip}: the least takes {least:,.0f} GB; "
            "valid: more chips, or ones with more memory"
        )
    order = np.lexsort((predicted.seconds, ~predicted.fits))
    steps = steps.take(order)
    return steps, described(steps, slower(chosen), constants)


def described(steps: Steps, slower: float = 1.0, constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return one row a step that takes `slower` times what constants predict, with the columns of `every`."""
    predicted = step_time.predict(steps, constants)
    return pd.DataFrame({
        **{name: getattr(steps.plan, name) for name in FIELDS},
        "seconds": slower * predicted.seconds,
        "utilization": predicted.model_flops_utilization / slower,
        "memory_gb": predicted.memory_bytes / 1e9,
        "fits": predicted.fits,
        "plan": [written(steps, index) for index in range(len(steps))],
    })  # fmt: skip


def by_split(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, of the plans of `every`, the fastest that fits for each tensor and pipeline parallelism."""
    fitting = frame[frame["fits"]].sort_values("seconds")
    return fitting.drop_duplicates(["tensor", "pipeline"]).sort_values(["tensor", "pipeline"], ignore_index=True)


def split(steps: Steps, slower: float = 1.0, constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return seconds of each step by group of GROUPS, one row a step; they add up to its seconds in `described`."""
    parts = step_time.step_parts(steps, constants)
    return pd.DataFrame({
        group: slower * sum(np.broadcast_to(parts[name], len(steps)) for name in names) for group, names in GROUPS.items()
    })  # fmt: skip


def traffic(steps: Steps, slower: float = 1.0, constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return, for the first of the `steps`, what each kind of parallelism sends from one chip, one row a kind.

    Columns: `kind`, `gigabytes` a step, `times` that it sends, `bandwidth` of the link or network in byte/s, and
    `seconds` that it adds to the step, what is hidden left out.
    """
    steps = steps.take(np.array([0]))
    plan, shape, parts = steps.plan, steps.shape, step_time.step_parts(steps, constants)
    micro_batches = steps.micro_batches
    activations = 2 * steps.micro_tokens * shape.d_model
    held = 2 * sum(footprint.parameters_on_one(steps))
    replicas = plan.data * plan.context
    layers = shape.n_layers / plan.pipeline * micro_batches
    chunks = plan.virtual_pipeline * micro_batches
    sharded = plan.zero >= 3
    near = steps.plan.tensor * steps.plan.pipeline <= steps.machine.chips_on_fast_links
    rows = {
        # Two all-reduces a layer in each of two passes; the collectives of sequence parallelism send as much.
        "tensor": (4 * layers * links.all_reduce_bytes(activations, plan.tensor), 4 * layers,
                   links.group_bandwidth(constants, steps, 1.0, plan.tensor), parts["tensor-parallel"]),
        "pipeline": (2 * chunks * activations / plan.tensor * (plan.pipeline > 1), 2 * chunks,
                     np.where(near, steps.machine.link_bandwidth * constants.link_share,
                              steps.machine.network_bandwidth * constants.network_share),
                     parts["pipeline sends"] + parts["pipeline bubble"] + parts["uneven stages"]),
        "data": (np.where(sharded, step_time.SHARDED_PASSES * micro_batches * links.gather_bytes(held, replicas),
                          links.all_reduce_bytes(held, replicas)), np.where(sharded, micro_batches, 1.0),
                 communication.data_parallel_bandwidth(constants, steps),
                 parts["gradients"] + parts["sharded weights"]),
    }  # fmt: skip
    columns = ("gigabytes", "times", "bandwidth", "seconds")
    frame = pd.DataFrame.from_dict(
        {kind: [np.asarray(value, dtype=float).item() for value in row] for kind, row in rows.items()},
        orient="index", columns=columns,
    )  # fmt: skip
    frame["gigabytes"] /= 1e9
    frame["seconds"] *= slower
    return frame.rename_axis("kind").reset_index()


def bubble_share(stages: PerCase, chunks: PerCase, micro_batches: PerCase) -> PerCase:
    """Time in which a stage waits over the time in which it works, with even stages (Narayanan et al. 2021)."""
    return (stages - 1) / (chunks * micro_batches)


def variations(best: Steps, arch: Architecture) -> dict[str, Steps]:
    """Return plans that depart from the plan `best` in one way each, by what they change; only those that divide."""
    tensor, pipeline, data = (int(getattr(best.plan, name).item()) for name in ("tensor", "pipeline", "data"))
    both = tensor * pipeline
    wanted: dict[str, Mapping[str, float]] = {
        "no interleaving": {"virtual_pipeline": 1},
        "micro-batches twice as large": {"micro_batch": 2 * best.plan.micro_batch.item()},
        "full recomputation": {"recomputation": 2, "recomputed_layers": 0},
        "tensor in place of pipeline": {"tensor": both, "pipeline": 1, "virtual_pipeline": 1},
        "pipeline in place of tensor": {"tensor": 1, "pipeline": both, "virtual_pipeline": 1},
        "pipeline in place of data": {
            "pipeline": pipeline * _dividing(data, arch.n_layers // pipeline), "virtual_pipeline": 1,
            "data": data / _dividing(data, arch.n_layers // pipeline),
        },
        "data in place of pipeline, weights sharded": {
            "pipeline": 1, "virtual_pipeline": 1, "data": data * pipeline, "zero": 3, "micro_batch": 1,
        },
    }  # fmt: skip
    plans: dict[str, Steps] = {}
    for name, changes in wanted.items():
        other = changed(best, changes)
        if _divides(other, arch) and not any(_same(other, known) for known in (best, *plans.values())):
            plans[name] = other
    return plans


def changed(steps: Steps, changes: Mapping[str, float]) -> Steps:
    """Return `steps` with some fields of their plan set to other values."""
    values = {name: np.full(len(steps), float(value)) for name, value in changes.items()}
    return replace(steps, plan=replace(steps.plan, **values))


def lengths(best: Steps, sequences: Sequence[float], micro_batches: Sequence[float]) -> Steps:
    """Return the plan `best` at other sequence lengths and micro-batches, a step passing about as many tokens.

    Nothing is recomputed but what the plan says. What does not divide is left out.
    """
    tokens, data = best.tokens.item(), best.plan.data.item()
    kept = []
    for length in sequences:
        for size in micro_batches:
            sequences_a_step = max(1, round(tokens / length / data / size)) * data * size
            if abs(sequences_a_step * length / tokens - 1) < 0.01:
                kept.append((length, size, sequences_a_step))
    many = best.take(np.zeros(len(kept), dtype=int))
    sequence, micro_batch, batch = (np.array(column, dtype=float) for column in zip(*kept, strict=True))
    plan = replace(many.plan, micro_batch=micro_batch, recomputed_layers=np.zeros(len(kept)))
    return replace(many, sequence=sequence, global_batch=batch, plan=plan)


def written(steps: Steps, index: int = 0) -> str:
    """Return the plan of one of the `steps` as text: "tensor 4, pipeline 8 (6 chunks), data 32"."""
    plan = {name: getattr(steps.plan, name)[index].item() for name in FIELDS}
    parts = [f"{name} {plan[name]:g}" for name in ("tensor", "pipeline", "data") if plan[name] > 1]
    if plan["virtual_pipeline"] > 1:
        place = next(place for place, text in enumerate(parts) if text.startswith("pipeline"))
        parts[place] += f" in {plan['virtual_pipeline']:g} chunks"
    if plan["expert"] > 1:
        parts.append(f"expert {plan['expert']:g}")
    if plan["zero"] >= 3:
        parts.append("weights sharded")
    return ", ".join(parts) or "one chip"


def recomputed(kind: float, share: float) -> str:
    """Return what a plan computes twice, as text: its `recomputation`, and the share of layers redone whole."""
    text = ("nothing", "selective", "all")[int(kind)]
    return f"{text}, {share:.0%} of layers whole" if share and kind < 2 else text


def _dividing(number: int, most: int) -> int:
    """Return the largest power of two up to `most` that divides `number`."""
    size = 1
    while number % (2 * size) == 0 and 2 * size <= most:
        size *= 2
    return size


def _divides(steps: Steps, arch: Architecture) -> bool:
    plan = {name: getattr(steps.plan, name).item() for name in FIELDS}
    try:
        parts: dict[str, PerCase] = {
            name: int(plan[name]) for name in ("tensor", "pipeline", "virtual_pipeline", "data", "expert", "zero", "micro_batch")
        }
        given = Parallelism(**parts)
        given.check_architecture(arch)
        given.micro_batches(int(steps.global_batch.item()))
    except ParallelismError:
        return False
    return True


def _same(steps: Steps, other: Steps) -> bool:
    return all(np.array_equal(getattr(steps.plan, name), getattr(other.plan, name)) for name in FIELDS)


def best_split(chosen: PlanSettings, constants: Constants = CONSTANTS) -> tuple[list[str], Steps]:
    """Return names and steps of the best plan and of its variations, in order."""
    steps, _ = every(chosen, constants)
    best = steps.take(np.array([0]))
    others = variations(best, architecture.load(chosen.model))
    return ["the fastest", *others], join([best, *others.values()])


def join(many: Sequence[Steps]) -> Steps:
    """Return several steps as one set."""
    first = many[0].take(np.zeros(len(many), dtype=int))
    values: dict[str, PerCase] = {
        name: np.concatenate([getattr(steps.plan, name) for steps in many]) for name in vars(first.plan)
    }
    return replace(first, plan=replace(first.plan, **values))
