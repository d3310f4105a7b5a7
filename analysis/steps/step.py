"""Training steps as arrays: architecture, accelerator, software and parallel plan of each case."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Arrays, PerCase
from analysis.evidence import run_notes
from analysis.hardware import machine
from analysis.hardware.machine import Machine
from analysis.models.architecture import Architecture
from analysis.models.parallelism import RECOMPUTATION, Parallelism
from analysis.steps import software
from analysis.steps.shape import Shape, shape_case
from analysis.steps.software import Behaviour


@dataclass(frozen=True)
class Plan(Arrays):
    """Parallel plans, one a case. `zero` is the ZeRO stage; `recomputation` 0 none, 1 selective, 2 full;
    `recomputed_layers` the share of layers that are recomputed whole beyond that."""

    tensor: PerCase
    pipeline: PerCase
    virtual_pipeline: PerCase
    data: PerCase
    context: PerCase
    expert: PerCase
    zero: PerCase
    recomputation: PerCase
    recomputed_layers: PerCase
    sequence_parallel: PerCase
    micro_batch: PerCase


@dataclass(frozen=True)
class Steps(Arrays):
    """Training steps, one a case. Batches count sequences; `sequence` is their length in tokens; `predicted_tokens`
    is how many tokens ahead the model is trained to predict by further layers (multi-token prediction), mostly 0."""

    sequence: PerCase
    global_batch: PerCase
    predicted_tokens: PerCase
    shape: Shape
    machine: Machine
    behaviour: Behaviour
    plan: Plan

    @property
    def chips(self) -> PerCase:
        """Accelerators that work together."""
        return self.plan.tensor * self.plan.pipeline * self.plan.data * self.plan.context

    @property
    def tokens(self) -> PerCase:
        """Tokens of one step."""
        return self.global_batch * self.sequence

    @property
    def micro_batches(self) -> PerCase:
        """Micro-batches that one replica passes in a step."""
        return np.maximum(1.0, self.global_batch / (self.plan.data * self.plan.micro_batch))

    @property
    def micro_tokens(self) -> PerCase:
        """Tokens of one micro-batch on one accelerator."""
        return self.plan.micro_batch * self.sequence / self.plan.context


def training_step(
    architecture: Architecture,
    plan: Parallelism,
    *,
    chip: str,
    precision: str,
    sequence: int,
    global_batch: int,
    engine: str | None = None,
    date: str | None = None,
) -> Steps:
    """Return one training step of any architecture under a plan, all of it given.

    `engine` and `date` say what the software does, see analysis/steps/software.py; left out, what is usual today. Raises
    AcceleratorError for an unknown chip or precision, ParallelismError for a plan that does not divide.
    """
    plan.check_architecture(architecture)
    plan.micro_batches(global_batch)
    around = machine.case(chip, precision)
    does = software.software_of(run_notes.engine_family(engine, training=True), date, tpu=bool(around["is_tpu"]))
    split: dict[str, float] = {
        "tensor": plan.tensor, "pipeline": plan.pipeline, "virtual_pipeline": plan.virtual_pipeline, "data": plan.data,
        "context": plan.context, "expert": plan.expert, "zero": plan.zero, "micro_batch": plan.micro_batch,
        "recomputation": RECOMPUTATION.index(plan.recomputation), "recomputed_layers": 0,
        "sequence_parallel": plan.sequence_parallel,
    }  # fmt: skip
    return Steps(
        sequence=np.array([float(sequence)]),
        global_batch=np.array([float(global_batch)]),
        predicted_tokens=np.zeros(1),
        shape=Shape.stack([shape_case(architecture)]),
        machine=Machine.stack([around]),
        behaviour=Behaviour.stack([software.behaviour(does, hopper=bool(around["is_hopper"]))]),
        plan=Plan.stack([split]),
    )
