"""Published runs of tuning, each beside what is predicted of it. Nothing in the prediction is fitted to them."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.models import architecture
from analysis.models.parallelism import Parallelism
from analysis.steps.step import Steps, training_step
from analysis.tuning import memory, speed
from analysis.tuning.method import Tuning
from analysis.uncertainty import intervals

#: Sharding of data/tuning_runs.csv as a ZeRO stage.
SHARDING = {"none": 0, "zero1": 1, "zero2": 2, "zero3": 3}


def tuning_of(row: Any) -> Tuning:
    """Return the way to tune that a row of data/tuning_runs.csv says."""
    adapters = {"rank": int(row.rank), "targets": row.targets} if row.method != "full" else {}
    return Tuning(
        method=row.method, weights=row.weights, optimizer=row.optimizer, precision=row.states, logits=row.logits,
        fused_step=row.fused_step == "yes", **adapters,
    )  # fmt: skip


def steps_of(row: Any) -> Steps:
    """Return the step that a row of data/tuning_runs.csv says, on the software that it names."""
    tensor, pipeline, chips = int(row.tensor), int(row.pipeline), int(row.n_chips)
    plan = Parallelism(
        tensor, pipeline, chips // (tensor * pipeline), virtual_pipeline=int(row.virtual_pipeline),
        zero=SHARDING[row.sharding], micro_batch=int(row.micro_batch), recomputation=row.recompute,
    )  # fmt: skip
    steps = training_step(
        architecture.load(row.model), plan, chip=row.chip, precision=row.products, sequence=int(row.seq_len),
        global_batch=int(row.global_batch), engine=row.engine, date=row.date,
    )  # fmt: skip
    eager, fused = row.execution == "eager", row.attention == "fused"
    does = replace(steps.behaviour, eager=np.array([float(eager)]), fused_attention=np.array([float(fused)]))
    return replace(steps, behaviour=does)


@cache
def predicted() -> pd.DataFrame:
    """Return the usable rows with `predicted_bytes`, `predicted_speed` in tokens a second and chip, and both errors.

    An error is the logarithm of predicted over measured; NaN where a row does not have the quantity.
    """
    table = facts.read("tuning_runs")
    table = table[table["usable"] == "yes"].reset_index(drop=True)
    rows = []
    for row in table.itertuples():
        arch, steps, tuning = architecture.load(row.model), steps_of(row), tuning_of(row)
        rows.append({
            "predicted_bytes": memory.tuning_memory(arch, steps, tuning).total.item(),
            "predicted_speed": (steps.tokens / steps.chips / speed.step(arch, steps, tuning).seconds).item(),
        })  # fmt: skip
    table = table.assign(**pd.DataFrame(rows))
    return table.assign(
        memory_error=np.log(table["predicted_bytes"] / table["peak_memory_bytes"]),
        speed_error=np.log(table["predicted_speed"] / table["tokens_per_second_per_chip"]),
    )


def half_width(error: str) -> float:
    """Return the half width that holds 80% of `error`, `memory_error` or `speed_error`, every source counting the same."""
    rows = predicted().dropna(subset=[error])
    return intervals.half_width(rows[error], rows["source"])
