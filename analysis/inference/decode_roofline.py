"""The roofline of decoding: what a deployment yields by batch, beside its bounds and what was measured."""

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import PerCase
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Deployment
from analysis.inference.inference_constants import InferenceConstants
from analysis.inference.inference_fitted import CONSTANTS

#: Where the measurements of one accelerator come from.
MEASURED = "h100_runs"


def by_batch(deployment: Deployment, batches: PerCase, context: float, constants: InferenceConstants = CONSTANTS) -> pd.DataFrame:
    """Return one row a batch that fits: seconds of a step, tokens and FLOP a second and chip, and the bounds of these.

    `flop_per_byte` is the arithmetic intensity; `bound_flop_per_second` the lesser of the peak and of what memory's
    data sheet delivers at that intensity; `bounded_by` which of the two it is. Raises DeploymentError for a context
    longer than the model's.
    """
    batches = np.asarray(batches, dtype=float)
    batches = batches[batches <= deployments.largest_batch(deployment, context)]
    cases = deployments.cases(deployment)
    seconds = pass_time.decode_seconds(cases, batches, context, constants)
    flop, moved = pass_time.decode_flop(cases, batches, context), pass_time.decode_bytes(cases, batches, context)
    peak, memory = cases.machine.peak, flop / moved * cases.machine.memory_bandwidth
    table = {
        "batch": batches.astype(int),
        "seconds": seconds,
        "tokens_per_second_per_request": 1 / seconds,
        "tokens_per_second_per_chip": batches / seconds / deployment.chips,
        "flop_per_byte": flop / moved,
        "flop_per_second_per_chip": flop / seconds / deployment.chips,
        "bound_flop_per_second": np.minimum(peak, memory),
        "bounded_by": np.where(memory < peak, "memory", "arithmetic"),
    }
    return pd.DataFrame({name: np.broadcast_to(values, batches.shape) for name, values in table.items()})


def measured(model: str) -> pd.DataFrame:
    """Return the measured decode steps of `model` on one accelerator: `batch`, `context`, `seconds`, and `chip`."""
    rows = facts.read(MEASURED)
    rows = rows[(rows["kind"] == "decode") & (rows["model"] == model)]
    return pd.DataFrame({
        "batch": rows["concurrency"].astype(int),
        "context": rows["input_len"].astype(int),
        "seconds": rows["value"],
        "chip": rows["chip"],
    }).reset_index(drop=True)  # fmt: skip


def measured_models() -> list[str]:
    """Return the models whose decode steps were measured."""
    rows = facts.read(MEASURED)
    return sorted(rows.loc[rows["kind"] == "decode", "model"].unique())
