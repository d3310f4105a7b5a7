"""Every replica that a model on a chip can be: how it is split over chips, and the replicas as arrays.

A replica's chips share fast links, or fill whole groups of them (servers of eight, racks of 72): so many as divide a group,
or a multiple of it. On these, every split into tensor, pipeline and data parallelism that divides is listed. Experts lie
whole on the chips of a stage, spread over all of them, or each is cut over all of them: the two ways that vLLM has. A dense
model's data parallelism would be a second replica, so that it is none of this.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from analysis.arrays import PerCase
from analysis.hardware import machine
from analysis.inference import deployments
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.models.architecture import Architecture
from analysis.models.parallelism import ParallelismError

#: Chips of the largest replica, where fast links do not join more.
MOST_CHIPS = 64
#: Chips of a server, which share matrices over its slots where no fast links join them.
SERVER = 8
#: The most chips that fast links are taken to join in one replica: a rack's. Pods of TPUs join thousands.
RACK = 72


@dataclass(frozen=True)
class Split:
    """How a replica is split: `tensor` x `pipeline` x `data` chips, and `expert` groups that hold different experts."""

    tensor: int
    pipeline: int = 1
    data: int = 1
    expert: int = 1

    @property
    def chips(self) -> int:
        """Chips of the replica."""
        return self.tensor * self.pipeline * self.data


def sizes(chip: str, most_chips: int = MOST_CHIPS) -> list[int]:
    """Return how many chips a replica may have: the divisors of a group on fast links, and multiples of it."""
    joined = int(machine.case(chip, deployments.usual_16bit(chip))["chips_on_fast_links"])
    group = max(joined, SERVER) if joined <= RACK else MOST_CHIPS
    most = max(most_chips, group) if most_chips == MOST_CHIPS else most_chips
    within = [size for size in range(1, group + 1) if group % size == 0]
    return [size for size in (*within, *range(2 * group, most + 1, group)) if size <= most]


def splits(architecture: Architecture, chip: str, most_chips: int = MOST_CHIPS) -> Iterator[Split]:
    """Yield the splits of a replica, smallest first. Tensor parallelism stays on fast links, or in a server, and divides the
    heads."""
    joined = machine.case(chip, deployments.usual_16bit(chip))["chips_on_fast_links"]
    heads, kv_heads = architecture.n_heads, architecture.n_kv_heads
    for size in sizes(chip, most_chips):
        for tensor in _divisors(size):
            divides = heads % tensor == 0 and (kv_heads % tensor == 0 or tensor % kv_heads == 0)
            if tensor > max(joined, SERVER) or not divides:
                continue
            for pipeline in _divisors(size // tensor):
                data = size // tensor // pipeline
                if pipeline > architecture.n_layers or (data > 1 and not architecture.n_experts):
                    continue
                spread = tensor * data if architecture.n_experts else 1
                yield from (Split(tensor, pipeline, data, expert) for expert in sorted({1, spread}))


@cache
def fitting(
    architecture: Architecture,
    chip: str,
    weight_precision: str,
    engine: str = "vLLM",
    most_chips: int = MOST_CHIPS,
    compute_precision: str | None = None,
) -> tuple[Deployment, ...]:
    """Return the deployments whose weights fit, one a split.

    Raises DeploymentError if there is none, saying why the largest does not fit; what `deploy` raises for a chip or a format
    that there is not.
    """
    holding: list[Deployment] = []
    reason: Exception | None = None
    for split in splits(architecture, chip, most_chips):
        try:
            holding.append(deployments.deploy(
                architecture, chip, weight_precision=weight_precision, compute_precision=compute_precision, engine=engine,
                tensor=split.tensor, pipeline=split.pipeline, data=split.data, expert=split.expert,
            ))  # fmt: skip
        except (DeploymentError, ParallelismError) as exc:
            reason = exc
    if not holding:
        raise DeploymentError(f"no replica of up to {max(sizes(chip, most_chips))} x {chip} holds {architecture.name}: {reason}")
    return tuple(holding)


def repeated(cases: Cases, **fields: PerCase) -> tuple[Cases, np.ndarray]:
    """Return `cases` once for each element of `fields` (arrays of one length), and which case each is of.

    `memory_share` among the fields multiplies the bytes of weights; the others are fields of Cases.
    """
    count = len(np.atleast_1d(next(iter(fields.values()))))
    index = np.tile(np.arange(len(cases)), count)
    taken = cases.take(index)
    values: dict[str, Any] = {name: np.repeat(np.asarray(value, dtype=float), len(cases)) for name, value in fields.items()}
    weights = taken.weights_on_one * values.pop("memory_share", 1.0)
    return replace(taken, weights_on_one=weights, **values), index


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
