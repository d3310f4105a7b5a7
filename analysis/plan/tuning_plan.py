"""Tuning planned: a model, a way to tune it and a data set, and the chips, hours and dollars that these take."""

import math
from dataclasses import dataclass

import numpy as np

from analysis import numerals
from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.hardware.accelerators import AcceleratorError
from analysis.plan.chip import Chip
from analysis.plan.cost import Cost, cost
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.training import plans
from analysis.tuning import adapters, search, widths
from analysis.tuning.adapters import TuningError
from analysis.tuning.method import Tuning


@dataclass(frozen=True)
class TuningPlan:
    """What tuning takes. `memory` has the bytes of the fullest chip by what fills them, `parts` the seconds of a step."""

    model: Model
    chip: Chip
    tuning: Tuning
    tokens: float
    sequence: float
    batch_tokens: float
    trained_parameters: int
    chips: int
    hours: Interval
    chip_hours: Interval
    cost: Cost
    tokens_per_second_per_chip: Interval
    plan: str
    parts: dict[str, float]
    memory: dict[str, float]
    memory_bytes: Interval
    assumed: tuple[str, ...]
    basis: str

    @property
    def sentence(self) -> str:
        """The answer in words."""
        dollars = self.cost.dollars
        price = "" if dollars is None else f", for {dollars.written(lambda value: numerals.significant(value, 2))} dollars"
        return (
            f"{self.chips:,} {self.chip.name} tune {self.model.name} by {self.tuning.method} on {numerals.words(self.tokens)} "
            f"tokens in {self.hours.written(lambda value: numerals.significant(value, 3))} hours{price}."
        )


def plan_tuning(
    model: Model,
    chip: Chip,
    tokens: float,
    *,
    method: str = "lora",
    chips: int | None = None,
    rank: int = 16,
    targets: str = "all",
    optimizer: str = "adamw",
    sequence: int | None = None,
    batch_tokens: float | None = None,
) -> TuningPlan:
    """Return the fastest plan of tuning `model` on the `tokens` of a data set: on `chips`, or on the fewest that hold it.

    `method` is full, lora or qlora, `rank` and `targets` (all, attention, mlp, or matrices such as "q,v") are those of
    adapters; `optimizer` is adamw, adamw_8bit or sgd. Sequences are packed to `sequence` tokens, 4,096 if left out, or all that
    the model can attend to. Raises PlanError, naming what would work.
    """
    most = model.architecture.learned_positions or np.inf
    sequence = int(min(search.SEQUENCE, most)) if sequence is None else sequence
    if sequence > most:
        raise PlanError(f"sequence = {sequence:,} is longer than {model.name} can attend to; valid: at most {most:,} tokens")
    if not (np.isfinite(tokens) and tokens > 0):
        raise PlanError(f"tokens = {tokens:g} is not above 0")
    if batch_tokens is not None and not (np.isfinite(batch_tokens) and batch_tokens > 0):
        raise PlanError(f"batch_tokens = {batch_tokens:g} is not above 0")
    if optimizer.startswith("paged"):
        raise PlanError(f"optimizer = {optimizer!r}: its way to the host's memory is not timed; valid: adamw, adamw_8bit, sgd")
    try:
        tuning = Tuning(method=method, rank=rank, targets=targets, optimizer=optimizer)
    except TuningError as exc:
        raise PlanError(str(exc)) from exc
    counts = search.CHIPS if chips is None else (chips,)
    batch = None if batch_tokens is None or sequence <= 0 else max(1, round(batch_tokens / sequence))
    try:
        count, options, place = search.least(
            model.architecture, chip.name, tuning, counts=counts, sequence=sequence, batch=batch, precision=chip.precision
        )
    except (TuningError, AcceleratorError) as exc:
        raise PlanError(f"{exc}{_enough(model, chip, tuning, sequence, batch, chips)}") from exc
    steps = options.steps.take([place])
    seconds = float(np.asarray(options.seconds)[place])
    width = float(np.asarray(widths.of_speed(steps)).item())
    # A data set is passed in whole steps.
    hours = Interval.around(math.ceil(tokens / steps.tokens.item()) * seconds / whole_run.HOUR, width)
    assumed = [
        f"sequences packed to {sequence:,} tokens", f"{steps.global_batch.item():,.0f} sequences a step",
        f"software as PyTorch's of {search.YEAR}",
    ]  # fmt: skip
    if tuning.trains_adapters:
        assumed.append(f"adapters of rank {rank} on {targets} matrices, the rest in {tuning.weights}")
    total = float(np.asarray(options.memory.total)[place])
    return TuningPlan(
        model=model,
        chip=chip,
        tuning=tuning,
        tokens=tokens,
        sequence=float(sequence),
        batch_tokens=steps.tokens.item(),
        trained_parameters=adapters.parameters(model.architecture, rank, targets) if tuning.trains_adapters else model.parameters,
        chips=int(count),
        hours=hours,
        chip_hours=hours * count,
        cost=cost(chip.name, hours * count),
        tokens_per_second_per_chip=Interval.around(steps.tokens.item() / seconds / count, width),
        plan=plans.written(steps),
        parts={name: _at(value, place) for name, value in options.time.parts.items()},
        memory={name: _at(value, place) for name, value in vars(options.memory).items()},
        memory_bytes=Interval.around(total, float(np.asarray(widths.of_memory(steps)).item())),
        assumed=tuple(assumed),
        basis="80% interval; it rests on published runs of tuning, to which nothing was fitted",
    )


def _at(values: PerCase, place: int) -> float:
    return float(values if np.ndim(values) == 0 else values[place])


def _enough(model: Model, chip: Chip, tuning: Tuning, sequence: int, batch: int | None, chips: int | None) -> str:
    """Return how many chips would do the same where `chips` do not; "" where none was given, or none would."""
    if chips is None or isinstance(chips, bool):
        return ""
    try:
        count, _, _ = search.least(
            model.architecture, chip.name, tuning, counts=[tried for tried in search.CHIPS if tried > chips],
            sequence=sequence, batch=batch, precision=chip.precision,
        )  # fmt: skip
    except (TuningError, AcceleratorError):
        return ""
    return f"; {count:,} would"
