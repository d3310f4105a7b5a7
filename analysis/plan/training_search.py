"""The search for the fastest plan of a training run, over numbers of chips and everything that divides them.

Numbers of chips are whole up to eight, then whole servers of eight (of a number that is given, halves of them, too) with at
most seven binary digits, so that a large cluster is tried at steps of a hundredth; what is left over of a number in between
stays idle. For each number, every way to split
it and every micro-batch, interleaving, sharding and recomputation that divides is predicted, and the fastest that fits is
kept.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from analysis.arrays import PerCase
from analysis.evidence import runs
from analysis.evidence.offsets import Evidence
from analysis.models.architecture import Architecture
from analysis.plan.interval import PlanError
from analysis.steps.step import Steps
from analysis.training import assumptions, footprint, prediction, step_time

#: Chips of the largest run that is planned.
MOST_CHIPS = 131_072
COARSE, FINE = 3, 7
#: Tokens of a batch on each chip at least, and of a whole batch at most, where no batch is said: as Llama 3 405B was
#: trained (Grattafiori et al. 2024, table 4); up to 4,096 chips that is the usual batch of 4 million.
TOKENS_A_CHIP = 1024
#: The year of the software.
YEAR = "2026"


@dataclass(frozen=True)
class TrainingQuestion:
    """What is trained, on what, and how much: `batch_tokens`, `sequence` and `engine` are None where they are not said."""

    architecture: Architecture
    chip: str
    precision: str
    tokens: float
    sequence: float
    batch_tokens: float | None = None
    engine: str | None = None
    measured: Evidence | None = None


@dataclass(frozen=True)
class Answers:
    """The fastest plan for each number of chips that has one, in their order.

    Times in seconds, `wall_clock` of the whole run; the widths are those of 80% intervals, as logarithms.
    """

    steps: Steps
    memory: PerCase
    step_seconds: PerCase
    step_width: PerCase
    wall_clock: PerCase
    wall_clock_width: PerCase

    @property
    def chips(self) -> PerCase:
        """Chips that each plan takes."""
        return self.steps.chips

    def take(self, index: PerCase) -> "Answers":
        """Return the answers that `index` selects."""
        return Answers(self.steps.take(index), *(getattr(self, name)[index] for name in list(vars(self))[1:]))


def sizes(most: float = MOST_CHIPS, digits: int = COARSE, least: float = 1, multiple: int = 8) -> tuple[int, ...]:
    """Return the numbers of chips from `least` to `most` that are tried: from eight on multiples of `multiple`, with at most
    `digits` binary digits."""
    small = range(1, 9)
    large = (whole * 2**power for power in range(int(np.log2(MOST_CHIPS)) + 1) for whole in range(1, 2**digits))
    tried = {*small, *(size for size in large if size > 8 and size % multiple == 0)}
    return tuple(sorted(size for size in tried if least <= size <= most))


def up_to(chips: float) -> tuple[int, ...]:
    """Return the numbers of chips that may be fastest of those up to `chips`."""
    finest = [size for size in sizes(chips, FINE, multiple=4) if size > 7 / 8 * chips]
    return tuple(sorted({*sizes(chips, COARSE + 1, chips / 4, multiple=4), *finest}))


@lru_cache(maxsize=256)
def answers(question: TrainingQuestion, chips: tuple[int, ...]) -> Answers:
    """Return the fastest plan that fits for each of `chips` that has one. Raises PlanError if none has, saying what would."""
    # Which plan is fastest depends neither on how long the run is nor on what was measured.
    fastest = _fastest(replace(question, tokens=1.0, measured=None), chips)
    if isinstance(fastest, str):
        raise PlanError(fastest)
    return _described(question, *fastest)


@lru_cache(maxsize=256)
def _fastest(question: TrainingQuestion, chips: tuple[int, ...]) -> tuple[Steps, PerCase] | str:
    """Return the steps and the memory of the fastest plan that fits for each of `chips` that has one, or why none has."""
    asked, refused = [], None
    for count in chips:
        for batch in _batches(question, count):
            try:
                asked.append(assumptions.question(_run(question, "train", "step_seconds", count, batch), question.architecture))
            except runs.RunsError as exc:
                refused = exc
    if not asked:
        return str(refused or "no number of chips was given")
    steps, _ = assumptions.every_plan(asked)
    memory = footprint.memory_bytes(steps)
    fits = memory <= step_time.USABLE_MEMORY * steps.machine.memory_bytes
    if not np.any(fits):
        at = np.argmin(memory)
        return (
            f"{question.architecture.name} does not fit on {steps.chips[at]:g} x {question.chip}: training takes "
            f"{memory[at] / 1e9:,.0f} GB on each at least, of {steps.machine.memory_bytes[at] / 1e9:.0f} GB"
        )
    steps, memory = steps.take(fits), memory[fits]
    per_token = step_time.step_seconds(steps) / steps.tokens
    order = np.lexsort((per_token, steps.chips))
    chosen = order[np.unique(steps.chips[order], return_index=True)[1]]
    return steps.take(chosen), memory[chosen]


def _described(question: TrainingQuestion, steps: Steps, memory: PerCase) -> Answers:
    step, whole = (
        prediction.predicted([_run(question, kind, metric, chips, None) for chips in steps.chips], steps, question.measured)
        for kind, metric in (("train", "step_seconds"), ("whole_run", "chip_hours"))
    )
    return Answers(
        steps,
        memory,
        step.seconds,
        step.half_width,
        question.tokens / steps.tokens * whole.seconds,
        whole.half_width,
    )


def _run(question: TrainingQuestion, kind: str, metric: str, chips: float, batch: float | None) -> runs.Run:
    return runs.run(
        kind=kind, metric=metric, model=question.architecture.name, chip=question.chip, n_chips=chips,
        precision=question.precision, seq_len=question.sequence, global_batch=batch, tokens=question.tokens,
        engine_family=question.engine, date=YEAR,
    )  # fmt: skip


def _batches(question: TrainingQuestion, chips: int) -> list[float | None]:
    """Return the batches to try, in sequences: the one given, or the usual one for so many chips and one that divides well."""
    if question.batch_tokens:
        return [max(1.0, round(question.batch_tokens / question.sequence))]
    usual = usual_batch_tokens(chips) / question.sequence
    odd = chips // (chips & -chips)
    if odd > usual:
        return [None]
    near = float(odd * 2 ** max(0, round(np.log2(usual / odd))))
    return [near] if chips > assumptions.BATCH_TOKENS / TOKENS_A_CHIP else [near, None]


def usual_batch_tokens(chips: PerCase) -> PerCase:
    """Return the tokens of a batch that is assumed on so many chips."""
    return np.clip(TOKENS_A_CHIP * chips, assumptions.BATCH_TOKENS, assumptions.MOST_BATCH_TOKENS)
