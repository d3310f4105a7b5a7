"""An iteration: rollout, scores, update and the way of the weights, by chips that do all in turn, or by chips of their own.

Together, every chip writes answers, then scores and learns; what the optimizer keeps waits in the host's memory meanwhile. Apart,
some chips only write while others learn from what was written before, so that answers come from weights one update old; the chips
are split so that both take about as long. Either way new weights then go to the replicas that write.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.inference.deployments import DeploymentError
from analysis.models.architecture import Architecture
from analysis.models.shape import ArchitectureError
from analysis.rl import rollout, update
from analysis.rl.batch import Batch, RlError
from analysis.rl.rollout import Replicas
from analysis.rl.update import Learning
from analysis.rl.widths import BEYOND
from analysis.serving.sessions import HOST_BANDWIDTH
from analysis.tuning.method import Tuning

PLACEMENTS = ("together", "apart")
#: Forward passes over each answer before it is learnt from: by the model itself, and by its reference.
SCORES = 2
#: Parts into which chips are divided to split them.
_PARTS = 16


@dataclass(frozen=True)
class Question:
    """What is learnt, on which chip: `scores` forward passes over each answer, and `updates` steps of an iteration; replicas
    write with weights in `rollout_precision`, products of the update are in `precision`. Apart, the weights that write may be
    `steps_off` updates older than those that learn, so that as many batches are under way."""

    architecture: Architecture
    chip: str
    tuning: Tuning
    batch: Batch
    scores: int
    updates: int
    rollout_precision: str
    precision: str | None = None
    steps_off: int = 1

    def __post_init__(self) -> None:
        if self.batch.answers % self.updates:
            raise RlError(
                f"updates = {self.updates} does not divide the {self.batch.answers:,} answers; valid: a divisor of them"
            )


@dataclass(frozen=True)
class Iteration:
    """One way to do an iteration: chips that write and that learn (the same where `placement` is together), the seconds of each
    part, with its share of what published iterations take beyond their parts, and what each of them runs: positions in `replicas`
    and `learning`."""

    placement: str
    generating_chips: int
    learning_chips: int
    parts: dict[str, float]
    replicas: Replicas
    writer: int
    learning: Learning
    learner: int

    @property
    def seconds(self) -> float:
        """Seconds from one update to the next."""
        return period(self.parts, apart=self.placement == "apart")

    @property
    def chips(self) -> int:
        """Chips in all."""
        return self.generating_chips + (self.learning_chips if self.placement == "apart" else 0)

    @cached_property
    def generating_share(self) -> float:
        """The share of the chips that write answers; together, that of their time."""
        return self.generating_chips / self.chips if self.placement == "apart" else self.parts["rollout"] / self.seconds


def parts(copies: Replicas, writer: int, seconds: float, learning: Learning, learner: int, *, apart: bool) -> dict[str, float]:
    """Return the seconds of each part of an iteration whose rollout takes `seconds`, as its work alone asks for."""
    machine = copies.cases.machine
    weights = float(copies.cases.weights_on_one[writer])
    handover = weights / float(machine.network_bandwidth[writer])
    if not apart:
        memory = learning.options.memory
        kept = sum(float(np.broadcast_to(part, learning.memory.shape)[learner])
                   for part in (memory.weights, memory.adapters, memory.optimizer))  # fmt: skip
        handover += 2 * kept / HOST_BANDWIDTH
    return {
        "rollout": seconds,
        "scoring": float(learning.scoring[learner]),
        "update": float(learning.update[learner]),
        "handover": handover,
    }


def period(seconds: dict[str, float], *, apart: bool) -> float:
    """Return the seconds from one update to the next: of all parts in turn, or of the longer side and the handover."""
    learns = seconds["scoring"] + seconds["update"]
    both = max(seconds["rollout"], learns) if apart else seconds["rollout"] + learns
    return both + seconds["handover"]


def together(asked: Question, chips: int) -> Iteration:
    """Return the fastest iteration in which all of `chips` do all in turn. Raises RlError or DeploymentError."""
    return _iteration(asked, "together", chips, chips)


def apart(asked: Question, chips: int) -> Iteration:
    """Return the fastest iteration in which some of `chips` write and the others learn.

    Raises RlError where no split of them can, saying why the last can't.
    """
    return min(every_split(asked, chips), key=lambda way: way.seconds)


def every_split(asked: Question, chips: int) -> list[Iteration]:
    """Return the iterations in which some of `chips` write and the others learn, by how many learn. Raises RlError for none."""
    possible, refused = [], None
    for learning_chips in _splits(chips):
        try:
            possible.append(_iteration(asked, "apart", chips - learning_chips, learning_chips))
        except (RlError, DeploymentError) as exc:
            refused = exc
    if not possible:
        raise RlError(str(refused) if refused else f"chips = {chips}: one chip can't be split; valid: at least 2, or together")
    return possible


def _splits(chips: int) -> Iterator[int]:
    """Yield the numbers of chips that may learn: sixteenths, or each number of fewer chips."""
    parts_ = min(_PARTS, chips)
    yield from sorted({round(chips * part / parts_) for part in range(1, parts_)})


def _iteration(asked: Question, placement: str, generating_chips: int, learning_chips: int) -> Iteration:
    copies = rollout.replicas(asked.architecture, asked.chip, asked.rollout_precision, generating_chips, asked.batch)
    seconds, writer = rollout.best(copies, asked.batch, generating_chips, asked.steps_off if placement == "apart" else 1)
    some = update.learning(
        asked.architecture, asked.chip, asked.tuning, asked.batch, learning_chips,
        scores=asked.scores, updates=asked.updates, precision=asked.precision,
    )  # fmt: skip
    learner = update.best(some)
    if not some.fits[learner]:
        have = float(some.options.steps.machine.memory_bytes[learner])
        raise RlError(
            f"{asked.architecture.name} can't learn by {asked.tuning.method} on {learning_chips:,} x {asked.chip} from answers "
            f"of up to {asked.batch.longest:,.0f} tokens: each needs {float(some.memory[learner]) / 1e9:.0f} GB and has "
            f"{have / 1e9:.0f} GB"
        )
    seconds_of = parts(copies, writer, seconds, some, learner, apart=placement == "apart")
    longer = {name: BEYOND[placement] * value for name, value in seconds_of.items()}
    return Iteration(placement, generating_chips, learning_chips, longer, copies, writer, some, learner)


def ways(asked: Question, chips: int, placements: tuple[str, ...] = PLACEMENTS) -> list[Iteration]:
    """Return the fastest iteration of each of the placements that can be done on `chips`, the fastest first.

    Raises RlError where none can.
    """
    possible, refused = [], None
    for placement in placements:
        try:
            possible.append((together if placement == "together" else apart)(asked, chips))
        except (RlError, DeploymentError, ArchitectureError) as exc:
            refused = refused or exc
    if not possible:
        raise RlError(str(refused))
    return sorted(possible, key=lambda way: way.seconds)
