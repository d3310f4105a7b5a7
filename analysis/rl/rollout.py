"""The rollout: replicas of the model write the answers of an iteration, all asked for at once.

A replica answers as many requests at a time as fit beside the weights. While others wait, each that ends makes room for the
next; then fewer and fewer are left, and the iteration waits for the last. Samples of a prompt share its keys and values, so that
it is read once.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import PerCase
from analysis.inference import deployments, inference_offsets, pass_time
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.models.architecture import Architecture
from analysis.rl.batch import Batch, RlError
from analysis.serving import replica_plans

#: Chips of the largest replica that is tried.
MOST_CHIPS = 64
#: Points at which the falling number of answers is looked at.
_POINTS = 24


@dataclass(frozen=True)
class Replicas:
    """Every replica that the model on a chip can be, as arrays. Steps take `slower` times what constants alone predict."""

    deployments: tuple[Deployment, ...]
    cases: Cases
    slower: float
    half_width: float


def replicas(architecture: Architecture, chip: str, precision: str, chips: int, batch: Batch, engine: str = "vLLM") -> Replicas:
    """Return the replicas of up to `chips` chips that hold the weights and the longest answer. Raises DeploymentError."""
    each = replica_plans.fitting(architecture, chip, precision, engine, min(MOST_CHIPS, chips))
    each = tuple(deployment for deployment in each if deployment.chips <= chips)
    if not each:
        raise DeploymentError(f"no replica of up to {chips} x {chip} holds {architecture.name} in {precision}")
    deployments.check_context(each[0], batch.prompt_tokens + batch.longest)
    return copied(each)


def copied(each: tuple[Deployment, ...]) -> Replicas:
    """Return the deployments as replicas of a rollout."""
    return Replicas(each, deployments.cases(each), *inference_offsets.slower(each[0]))


def at_once(some: Replicas, batch: Batch) -> PerCase:
    """Return the answers that fit into each replica at once; 0 where not the longest does."""
    holds = deployments.largest_batch(some.cases, batch.prompt_tokens + batch.longest) >= 1
    # Answers of all ages are under way, so that they hold what the mean one holds at its end, at most.
    return holds * deployments.largest_batch(some.cases, batch.length)


def seconds(some: Replicas, batch: Batch, chips: int, under_way: int = 1) -> PerCase:
    """Return the seconds of the rollout on `chips` by each of the replicas, copied as often as it goes; infinite for one that
    does not go once, or holds no answer. Of several batches `under_way` at once, those of one on the mean."""
    if under_way > 1:
        return seconds(some, replace(batch, prompts=batch.prompts * under_way), chips) / under_way
    copies = np.floor(chips / some.cases.chips)
    room = at_once(some, batch)
    possible = (copies >= 1) & (room >= 1)
    copies, room = np.maximum(copies, 1.0), np.maximum(room, 1.0)
    each = np.maximum(batch.answers / copies, 1.0)
    together = np.minimum(each, room)
    read = pass_time.prefill_seconds(some.cases, np.maximum(batch.prompts / copies, 1.0), batch.prompt_tokens)
    waves = (each - together) / together * batch.answer_tokens
    full = waves * pass_time.decode_seconds(some.cases, together, batch.prompt_tokens + batch.answer_tokens / 2)
    ends = batch.last * (np.arange(_POINTS) + 0.5)[:, None] / _POINTS
    answering = np.maximum(together * batch.left(ends), 1.0)
    falling = batch.last / _POINTS * pass_time.decode_seconds(some.cases, answering, batch.prompt_tokens + ends).sum(axis=0)
    return np.where(possible, some.slower * (read + full + falling), np.inf)


def best(some: Replicas, batch: Batch, chips: int, under_way: int = 1) -> tuple[float, int]:
    """Return the seconds of the fastest replica on `chips`, and its position. Raises RlError where none holds an answer."""
    each = seconds(some, batch, chips, under_way)
    place = int(np.argmin(each))
    if not np.isfinite(each[place]):
        name, chip = some.deployments[0].architecture.name, some.deployments[0].chip
        raise RlError(
            f"no replica of {name} on up to {chips} x {chip} holds an answer of {batch.longest:,.0f} tokens beside the weights; "
            "valid: more chips, or a shorter `longest`"
        )
    return float(each[place]), place


def memory(some: Replicas, batch: Batch, chips: int, place: int) -> dict[str, float]:
    """Return the bytes of a chip that generates, by what fills them."""
    deployment, writer = some.deployments[place], some.cases.take([place])
    copies = max(chips // deployment.chips, 1)
    answering = min(batch.answers / copies, float(at_once(some, batch)[place]))
    held = answering / deployment.data * writer.request_bytes(batch.length).item()
    return {"weights": float(deployments.weight_bytes_on_one(deployment)), "cache": held}
