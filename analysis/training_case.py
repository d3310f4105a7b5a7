"""One training run whose duration is predicted and taken apart: its settings, and its days as a result of inputs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import Field, field_validator, model_validator

from analysis import architecture, assumptions, machine, runs, training, whole_run
from analysis.constants import Constants
from analysis.fitted import CONSTANTS
from analysis.sensitivity import Factor, Result, constant_factors
from analysis.settings import Settings
from analysis.steps import Steps
from analysis.suggest import nearest

#: How far the loss of whole runs may lie from what is fitted, as the standard deviation of its logarithm: four of five
#: published runs of a hundred chips and more imply one within.
LOSS_SPREAD = 0.6


class TrainingCase(Settings):
    """A training run: `model` of data/architectures.csv on `chips` of `chip`, over `tokens`."""

    model: str = "GPT-3-175B"
    chip: str = "A100 SXM4 80GB"
    number_format: str = "bf16"
    chips: int = Field(1024, ge=8, le=100_000)
    tokens: float = Field(300e9, ge=1e6, le=1e16)
    sequence: int = Field(2048, ge=128, le=1_000_000)
    global_batch: int = Field(1536, ge=1, le=1_000_000)

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        if value not in architecture.names():
            raise ValueError(f"{value!r} is not in data/architectures.csv{nearest(value, architecture.names())}")
        return value

    @field_validator("chip")
    @classmethod
    def _known_chip(cls, value: str) -> str:
        if value not in machine.chips():
            raise ValueError(f"{value!r} is not in data/accelerators.csv{nearest(value, machine.chips())}")
        return value

    @model_validator(mode="after")
    def _can_be_planned(self) -> "TrainingCase":
        steps(self)
        return self


def steps(case: TrainingCase) -> Steps:
    """Return one step of `case`, under the plan that is predicted to be fastest. Raises RunsError."""
    cells = {"kind": "train", "metric": "step_seconds", "model": case.model, "chip": case.chip, "date": "2025",
             "precision": case.number_format, "n_chips": case.chips, "seq_len": case.sequence,
             "global_batch": case.global_batch}  # fmt: skip
    try:
        return assumptions.decide([assumptions.question(runs.parsed(cells))], CONSTANTS)[0]
    except runs.RunsError as exc:
        raise ValueError(str(exc)) from exc


def days(case: TrainingCase) -> Result:
    """Return the days that `case` takes by the clock, as a result of the constants, each given as an array."""
    step = steps(case)

    def result(values: Mapping[str, Any]) -> Any:
        constants = replace(CONSTANTS, **values)
        several = step.take(np.zeros(len(next(iter(values.values()))), dtype=int))
        speed = several.tokens / training.step_seconds(several, constants)
        goodput = whole_run.goodput(several.chips, constants.loss_exponent)
        return whole_run.wall_clock_seconds(case.tokens, speed, goodput) / whole_run.DAY

    return result


def factors(constants: Constants = CONSTANTS) -> list[Factor]:
    """Return what the days depend on: the constants of a step, and the loss of whole runs."""
    loss = constants.loss_exponent
    spread = float(np.exp(1.2816 * LOSS_SPREAD))
    return [*constant_factors(constants), Factor("loss_exponent", loss, loss / spread, loss * spread)]
