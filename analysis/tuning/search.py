"""Plans on which a model can be tuned: how chips share the work, and which of the plans that fit is fastest."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.evidence import runs
from analysis.evidence.runs import RunsError
from analysis.hardware import machine
from analysis.models.architecture import Architecture
from analysis.steps.step import Steps
from analysis.training import assumptions, step_time
from analysis.tuning import memory, speed
from analysis.tuning.adapters import TuningError
from analysis.tuning.memory import TuningMemory
from analysis.tuning.method import Tuning
from analysis.tuning.speed import StepTime

#: Numbers of chips that are tried where none is given: one, then always twice as many.
CHIPS = tuple(2**power for power in range(13))
#: Software of today, eager or compiled by whatever library: what it does is that of PyTorch.
ENGINE, YEAR = "PyTorch", "2025"
#: Tokens of a sequence and sequences of a step where none are said; more chips than sequences take one each.
SEQUENCE, BATCH = 4096, 32
RECOMPUTED = ("none", "selective", "full")


@dataclass(frozen=True)
class Options:
    """Ways to tune a model on some chips, one a case: steps, memory of the fullest chip, and seconds by part."""

    steps: Steps
    memory: TuningMemory
    time: StepTime

    @property
    def seconds(self) -> PerCase:
        return self.time.seconds

    @property
    def fits(self) -> PerCase:
        return self.memory.total <= step_time.USABLE_MEMORY * self.steps.machine.memory_bytes


def options(
    architecture: Architecture,
    chip: str,
    tuning: Tuning,
    chips: int,
    *,
    model: str | None = None,
    sequence: int = SEQUENCE,
    batch: int | None = None,
    micro_batch: int | None = None,
    sharding: str | None = None,
    recompute: str | None = None,
    precision: str | None = None,
) -> Options:
    """Return every plan of tuning on `chips` of `chip`.

    `model` names the architecture where it is not its name; `batch` counts sequences of a step; `sharding` (none, zero1,
    zero2, zero3) and `recompute` (none, selective, full) hold a plan to what is given. Raises TuningError for chips that
    can't share the work.
    """
    if isinstance(chips, bool) or chips % 1 or chips < 1:
        raise TuningError(f"chips = {chips!r} is not a whole number of at least 1")
    chips = int(chips)
    given = batch is not None
    batch = batch or math.ceil(BATCH / chips) * chips
    questions, refused = [], None
    for recomputation in (recompute,) if recompute else RECOMPUTED:
        try:
            questions.append(assumptions.question(runs.run(
                kind="train", metric="step_seconds", model=model or architecture.name, chip=chip, n_chips=chips,
                precision=precision, seq_len=sequence, global_batch=batch, micro_batch=micro_batch, sharding=sharding,
                recompute=recomputation, engine_family=ENGINE, date=YEAR,
            ), architecture))  # fmt: skip
        except RunsError as exc:
            refused = exc
    if not questions:
        said = str(refused).replace("n_chips", "chips").replace("global_batch", "batch").replace("seq_len", "sequence")
        hint = "" if not given else f"; a batch of {math.ceil(BATCH / chips) * chips} sequences would do for {chips:,} chips"
        raise TuningError(f"{said}{hint}") from refused
    steps, _ = assumptions.every_plan(questions)
    return evaluated(architecture, steps, tuning)


def evaluated(architecture: Architecture, steps: Steps, tuning: Tuning) -> Options:
    """Return the memory and the time of `steps`."""
    return Options(steps, memory.tuning_memory(architecture, steps, tuning), speed.step(architecture, steps, tuning))


def best(some: Options) -> int:
    """Return the position of the fastest of the plans that fit; of the least that overfills where none does."""
    speeds = some.steps.tokens / some.seconds
    score = np.where(some.fits, speeds, -some.memory.total / some.steps.machine.memory_bytes)
    return int(np.argmax(score))


def least(
    architecture: Architecture, chip: str, tuning: Tuning, *, counts: Iterable[int] = CHIPS, **asked: object
) -> tuple[int, Options, int]:  # fmt: skip
    """Return the fewest chips of `counts` on which the model can be tuned, their plans, and the fastest of these.

    Raises TuningError where it fits on none, saying by how much.
    """
    tightest, refused = (np.inf, 0), None
    for count in counts:
        try:
            some = options(architecture, chip, tuning, count, **asked)  # type: ignore[arg-type]
        except TuningError as exc:
            refused = exc
            continue
        place = best(some)
        if some.fits[place]:
            return count, some, place
        tightest = min(tightest, (float(some.memory.total[place]), count))
    if np.isinf(tightest[0]) and refused is not None:
        raise refused
    room = machine.case(chip, "bf16" if some.steps.machine.element_bytes[0] >= 2 else "fp8")["memory_bytes"] / 1e9
    raise TuningError(
        f"{architecture.name} can't be tuned by {tuning.method} on up to {tightest[1]:,} x {chip}: each needs "
        f"{tightest[0] / 1e9:.0f} GB and has {room:.0f} GB; valid: chips with more memory, a shorter sequence"
        f"{'' if tuning.quantised else ', or method qlora'}"
    )
