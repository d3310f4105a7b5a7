"""Reinforcement learning planned: a model, prompts, samples and lengths, and the chips, hours and dollars that these take."""

from dataclasses import dataclass

import numpy as np

from analysis import numerals
from analysis.economics import whole_run
from analysis.hardware import formats
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError
from analysis.models.parallelism import ParallelismError
from analysis.models.shape import ArchitectureError
from analysis.plan.chip import Chip
from analysis.plan.cost import Cost, cost
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.plan.serving_plan import written
from analysis.rl import iteration, rollout, widths
from analysis.rl.batch import Batch, RlError
from analysis.rl.iteration import Iteration, Question
from analysis.steps.shape import is_measured
from analysis.suggest import nearest
from analysis.training import plans, step_time
from analysis.training.fitted import HALF_WIDTHS as TRAINING
from analysis.tuning import search
from analysis.tuning import widths as tuning_widths
from analysis.tuning.adapters import TuningError
from analysis.tuning.method import Tuning
from analysis.uncertainty import intervals

#: Iterations where none are said; and the longest answer, over the mean one.
ITERATIONS, LONGEST = 100, 4
#: Most passes over an answer and steps of the optimizer that are planned.
_MOST = 1024


@dataclass(frozen=True)
class RlPlan:
    """What learning from answers that are scored takes. `placement` is how chips share the work: together, all write, score and
    learn in turn; apart, `generating_chips` only write. `generating_share` is theirs of all, or that of all chips' time. `parts`
    are the seconds of an iteration by what is done; apart, the rollout goes on beside scoring and update. `memory` has the bytes
    of the fullest chip that learns, `rollout_memory` of one that writes. `ways` are both placements that can be, this one first.
    """

    model: Model
    chip: Chip
    tuning: Tuning
    batch: Batch
    iterations: int
    chips: int
    placement: str
    generating_chips: int
    generating_share: float
    iteration_seconds: Interval
    hours: Interval
    chip_hours: Interval
    cost: Cost
    tokens_per_second_per_chip: Interval
    rollout_plan: str
    plan: str
    parts: dict[str, float]
    memory: dict[str, float]
    rollout_memory: dict[str, float]
    memory_bytes: Interval
    ways: tuple[Iteration, ...]
    assumed: tuple[str, ...]
    basis: str
    question: Question

    def splits(self) -> list[Iteration]:
        """Return an iteration for each split of the chips that can be; none where none can."""
        try:
            return iteration.every_split(self.question, self.chips)
        except RlError:
            return []

    @property
    def sentence(self) -> str:
        """The answer in words."""
        dollars = self.cost.dollars
        price = "" if dollars is None else f", for {dollars.written(_two)} dollars"
        iterations = numerals.counted(self.iterations, "iteration")
        how = (
            f"all of them write for {numerals.percent(self.generating_share)} of the time"
            if self.placement == "together"
            else f"{self.generating_chips:,} of them write while the others learn"
        )
        return (
            f"{self.chips:,} {self.chip.name} take {self.model.name} through {iterations} of "
            f"{self.batch.answers:,} answers in {self.hours.written(_two)} hours{price}; {how}."
        )


def plan_rl(
    model: Model,
    chip: Chip,
    *,
    prompts: int,
    samples: int,
    prompt_tokens: float,
    answer_tokens: float,
    longest: float | None = None,
    iterations: int = ITERATIONS,
    chips: int | None = None,
    placement: str | None = None,
    method: str = "full",
    rank: int = 16,
    targets: str = "all",
    optimizer: str = "adamw",
    scores: int = iteration.SCORES,
    updates: int = 1,
    steps_off: int = 1,
    rollout_precision: str | None = None,
) -> RlPlan:
    """Return the fastest plan of learning from `samples` answers to each of `prompts` an iteration, on `chips`, or on the fewest
    that can.

    Answers have `answer_tokens` on the mean and are cut at `longest`, four times that if left out. Each is scored by `scores`
    forward passes (of the model itself and its reference) and learnt from once, in `updates` steps of an equal part each.
    `placement` is one of "together" and "apart", whichever is faster if left out; apart, weights that write may be `steps_off`
    updates old. `method`, `rank`, `targets` and `optimizer` are those of `plan_tuning`; replicas write with weights in
    `rollout_precision`, 16 bits if left out. Raises PlanError, naming what would work.
    """
    for name, value in (("iterations", iterations), ("scores", scores), ("updates", updates), ("steps_off", steps_off)):
        _whole(name, value, 0 if name == "scores" else 1, 10**9 if name == "iterations" else _MOST)
    if placement is not None and placement not in iteration.PLACEMENTS:
        hint = nearest(placement, iteration.PLACEMENTS)
        raise PlanError(f"placement {placement!r} is not one of {', '.join(iteration.PLACEMENTS)}{hint}")
    if optimizer.startswith("paged"):
        raise PlanError(f"optimizer = {optimizer!r}: its way to the host's memory is not timed; valid: adamw, adamw_8bit, sgd")
    if chips is not None:
        _whole("chips", chips, 1, search.CHIPS[-1])
    assumed = list(chip.assumed)
    if longest is None:
        most = deployments.context_length(model.architecture) - prompt_tokens
        longest = max(min(LONGEST * answer_tokens, most), answer_tokens)
        why = "four times their mean" if longest == LONGEST * answer_tokens else "which is all that the model can attend to"
        assumed.append(f"answers are cut at {longest:,.0f} tokens, {why}")
    placements = iteration.PLACEMENTS if placement is None else (placement,)
    try:
        batch = Batch(prompts, samples, prompt_tokens, answer_tokens, longest)
        tuning = Tuning(method=method, rank=rank, targets=targets, optimizer=optimizer)
        asked = Question(
            model.architecture, chip.name, tuning, batch, scores, updates, formats.named(rollout_precision or chip.precision),
            chip.precision, steps_off,
        )  # fmt: skip
        ways = _ways(asked, chips, placements)
    except (RlError, TuningError, DeploymentError, ParallelismError, AcceleratorError, ArchitectureError) as exc:
        raise PlanError(str(exc)) from exc
    return _plan(model, chip, asked, ways, iterations, assumed)


def _whole(name: str, value: float, least: int, most: int) -> None:
    """Raise PlanError unless `value` is a whole number from `least` to `most`."""
    if isinstance(value, bool) or not np.isfinite(value) or value % 1 or not least <= value <= most:
        raise PlanError(f"{name} = {value!r} is not a whole number from {least:,} to {most:,}")


def _ways(asked: Question, chips: int | None, placements: tuple[str, ...]) -> list[Iteration]:
    """Return the ways on `chips`, or on the fewest that are tried and can. Raises RlError, saying how many would."""
    if chips is None:
        return _fewest(asked, search.CHIPS, placements)
    try:
        return iteration.ways(asked, int(chips), placements)
    except RlError as exc:
        try:
            enough = _fewest(asked, tuple(count for count in search.CHIPS if count > chips), placements)[0].chips
        except (RlError, IndexError):
            raise exc from None
        raise RlError(f"{exc}; {enough:,} chips would") from exc


def _fewest(asked: Question, counts: tuple[int, ...], placements: tuple[str, ...]) -> list[Iteration]:
    refused: RlError = RlError("no number of chips is left to try")
    for count in counts:
        try:
            return iteration.ways(asked, count, placements)
        except RlError as exc:
            refused = exc
    raise refused


def _plan(model: Model, chip: Chip, asked: Question, ways: list[Iteration], iterations: int, assumed: list[str]) -> RlPlan:
    best, batch = ways[0], asked.batch
    width = _width(asked, best)
    seconds = Interval.around(best.seconds, width)
    hours = seconds * (iterations / whole_run.HOUR)
    steps = best.learning.options.steps.take([best.learner])
    learns = {
        name: float(np.broadcast_to(value, best.learning.memory.shape)[best.learner])
        for name, value in vars(best.learning.options.memory).items()
    }
    held = float(best.learning.memory[best.learner])
    if held > sum(learns.values()):
        learns["longest answer"] = held - sum(learns.values())
    writes = rollout.memory(best.replicas, batch, best.generating_chips, best.writer)
    fullest = max(held, sum(writes.values()))
    assumed += [
        f"{numerals.counted(asked.scores, 'score')} of each answer, a forward pass each, before it is learnt from",
        f"rewards that cost no chip's time, replicas of vLLM with weights in {asked.rollout_precision}",
        "lengths of answers that fall off exponentially up to the longest",
        f"what iterations of one published library take beyond their parts, a factor of {widths.BEYOND[best.placement]:g}",
    ]
    if best.placement == "apart":
        old = numerals.counted(asked.steps_off, "update")
        assumed.append(f"weights that write answers may be {old} old, which learning has to bear")
    else:
        assumed.append("optimizer and weights of the update wait in the host's memory while answers are written")
    return RlPlan(
        model=model,
        chip=chip,
        tuning=asked.tuning,
        batch=batch,
        iterations=int(iterations),
        chips=best.chips,
        placement=best.placement,
        generating_chips=best.generating_chips,
        generating_share=best.generating_share,
        iteration_seconds=seconds,
        hours=hours,
        chip_hours=hours * best.chips,
        cost=cost(chip.name, hours * best.chips),
        tokens_per_second_per_chip=Interval.around(batch.tokens / best.seconds / best.chips, width),
        rollout_plan=written(best.replicas.deployments[best.writer]),
        plan=plans.written(steps),
        parts=best.parts,
        memory=learns,
        rollout_memory=writes,
        memory_bytes=Interval.around(fullest, max(tuning_widths.HALF_WIDTHS["memory"], TRAINING["memory"])),
        ways=tuple(ways),
        assumed=tuple(assumed),
        basis=_basis(asked),
        question=asked,
    )


def _width(asked: Question, best: Iteration) -> float:
    """Return the half width of the seconds of an iteration."""
    width = widths.half_width(best.placement)
    if asked.tuning.trains_adapters:
        width = intervals.combined(width, tuning_widths.HALF_WIDTHS["speed"])
    if not is_measured(asked.architecture):
        width = np.maximum(width, step_time.UNMEASURED)
    return float(width)


def _basis(asked: Question) -> str:
    rows = "80% interval; it rests on published iterations of one library, and on how far engines lie from each other"
    return f"{rows}; none of them trained adapters, so it is wider" if asked.tuning.trains_adapters else rows


def _two(value: float) -> str:
    return numerals.significant(value, 2)
