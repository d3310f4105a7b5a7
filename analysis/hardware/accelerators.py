"""Accelerators, and the dense peak of each in each precision, from `data/accelerators.csv`."""

from functools import cache

import pandas as pd

from analysis import facts
from analysis.suggest import nearest

#: The column of `data/accelerators.csv` that holds the dense peak of each precision, in 1e12 operations a second.
PEAK_COLUMNS = {
    "FP64": "fp64_tflops",
    "FP32": "fp32_tflops",
    "TF32": "tf32_dense_tflops",
    "BF16": "bf16_dense_tflops",
    "FP16": "fp16_dense_tflops",
    "FP8": "fp8_dense_tflops",
    "INT8": "int8_dense_tops",
    "FP4": "fp4_dense_tflops",
}


class AcceleratorError(ValueError):
    """An accelerator, or a precision of one, that `data/accelerators.csv` does not have."""


@cache
def table() -> pd.DataFrame:
    """Return the accelerators, one row each, by name."""
    return facts.read("accelerators").set_index("chip")


def precisions(accelerator: str) -> list[str]:
    """Return the precisions that `accelerator` has a peak for. Raises AcceleratorError for an unknown one."""
    row = _row(accelerator)
    return [precision for precision, column in PEAK_COLUMNS.items() if pd.notna(row[column])]


def peak_flop_per_second(accelerator: str, precision: str) -> float:
    """Return the dense peak of `accelerator` in `precision`, in FLOP/s (integer operations a second for INT8).

    Raises AcceleratorError for an unknown accelerator or precision, or a precision that it lacks.
    """
    row = _row(accelerator)
    if precision not in PEAK_COLUMNS:
        known = ", ".join(PEAK_COLUMNS)
        raise AcceleratorError(f"precision {precision!r} is not known{nearest(precision, PEAK_COLUMNS)} Known: {known}")
    peak = row[PEAK_COLUMNS[precision]]
    if pd.isna(peak):
        has = ", ".join(precisions(accelerator)) or "none that is published"
        raise AcceleratorError(f"{accelerator} has no published dense peak in {precision}; it has: {has}")
    return float(peak) * 1e12


def memory_bytes(accelerator: str) -> float:
    """Return the bytes of memory of `accelerator`. Raises AcceleratorError if they, or it, are not known."""
    memory = _row(accelerator)["memory_gb"]
    if pd.isna(memory):
        raise AcceleratorError(f"{accelerator} has no published size of memory")
    return float(memory) * 1e9


def with_known_memory(accelerator: str, otherwise: str) -> str:
    """Return `accelerator` if the size of its memory is published, else `otherwise`."""
    known = accelerator in table().index and pd.notna(table().loc[accelerator, "memory_gb"])
    return accelerator if known else otherwise


def _row(accelerator: str) -> pd.Series:
    if accelerator not in table().index:
        hint = nearest(accelerator, table().index)
        raise AcceleratorError(f"accelerator {accelerator!r} is not in data/accelerators.csv{hint}")
    return table().loc[accelerator]
