"""Which deployment of a model on a chip serves requests with the fewest chips, of the plans that are usual."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from analysis.inference import deployments
from analysis.inference.deployments import Deployment, DeploymentError
from analysis.models import architecture
from analysis.models.architecture import Architecture
from analysis.models.parallelism import ParallelismError
from analysis.serving import capacity
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Requests, ServingError, State

#: Chips that share each matrix, pipeline stages, and groups over which experts are spread, that are tried.
TENSOR, PIPELINE, EXPERTS = (1, 2, 4, 8), (1, 2, 4, 8), (8, 16, 32, 64)
#: Chips of the largest deployment that is tried.
MOST_CHIPS = 64


def tried(model: Architecture | str, chip: str, weight_precision: str | None = None, engine: str = "vLLM") -> list[Deployment]:
    """Return the deployments of `model` on `chip` that are tried: those that fit, of up to `MOST_CHIPS`.

    `weight_precision` defaults to the chip's 16-bit format. Raises DeploymentError if none fits, saying why the largest
    does not; AcceleratorError for a chip or a format that there is not.
    """
    precision = weight_precision or deployments.usual_16bit(chip)
    plans: list[dict[str, Any]] = [{"tensor": tensor, "pipeline": stages} for stages in PIPELINE for tensor in TENSOR
             if tensor * stages <= MOST_CHIPS]  # fmt: skip
    arch = model if isinstance(model, Architecture) else architecture.load(model)
    if arch.n_experts:
        plans = [*plans, *({"data": groups, "expert": groups} for groups in EXPERTS)]
    described, reason = [], None
    for plan in plans:
        try:
            described.append(deployments.deploy(arch, chip, weight_precision=precision, engine=engine, **plan))
        except (DeploymentError, ParallelismError) as exc:
            reason = exc
    if not described:
        raise DeploymentError(f"no plan of up to {MOST_CHIPS} x {chip} holds {arch.name}: {reason}")
    return described


def best(deployments: Iterable[Deployment], requests: Requests, targets: Targets) -> tuple[Deployment, State]:
    """Return the deployment that carries the most requests a chip within the targets, and its state under that load.

    Raises ServingError where none keeps the targets: which of them the nearest misses, and by how much.
    """
    carried = []
    for deployment in deployments:
        try:
            state = capacity.capacity(capacity.of_deployment(deployment), requests, targets, refuse=False)
        except ServingError:  # not one request fits beside the weights
            continue
        carried.append((float(state.rate.item()) / deployment.chips, deployment, state))
    if not carried:
        capacity.capacity(capacity.of_deployment(list(deployments)[-1]), requests, targets)
    rate, deployment, state = max(carried, key=lambda case: case[0])
    if rate == 0:
        _, deployment, _ = min(carried, key=lambda case: _miss(case[2], targets))
        capacity.capacity(capacity.of_deployment(deployment), requests, targets)
    return deployment, state


def _miss(alone: State, targets: Targets) -> float:
    """Return how many times over its target the worse of both times is, without load."""
    return float(np.max([alone.first_token / targets.first_token, alone.output_token / targets.output_token]))
