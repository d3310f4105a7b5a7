"""Accelerators, and the dense peak of each in each precision, from `data/accelerators.csv`."""

from functools import cache
from typing import TYPE_CHECKING

from analysis import facts
from analysis.hardware import own_chip
from analysis.quote import quote
from analysis.suggest import nearest

if TYPE_CHECKING:
    import pandas as pd

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
def table() -> "pd.DataFrame":
    """Return the accelerators, one row each, by name."""
    return facts.read("accelerators").set_index("chip")


@cache
def _by_name() -> dict[str, facts.Row]:
    return {str(row["chip"]): row for row in facts.rows("accelerators")}


def is_known(accelerator: str) -> bool:
    """Say whether `accelerator` is one of `data/accelerators.csv`, or the path of a file that describes one."""
    return accelerator in _by_name() or own_chip.is_own(accelerator)


def row(accelerator: str) -> facts.Row:
    """Return the columns of `data/accelerators.csv` for one, or for the file that describes it. Raises AcceleratorError."""
    if accelerator in _by_name():
        return _by_name()[accelerator]
    if own_chip.is_own(accelerator):
        try:
            return dict(own_chip.read(accelerator))
        except own_chip.OwnChipError as exc:
            raise AcceleratorError(str(exc)) from exc
    hint = nearest(accelerator, _by_name())
    raise AcceleratorError(f"accelerator {quote(accelerator)} is not in data/accelerators.csv{hint}")


def precisions(accelerator: str) -> list[str]:
    """Return the precisions that `accelerator` has a peak for. Raises AcceleratorError for an unknown one."""
    chip = row(accelerator)
    return [precision for precision, column in PEAK_COLUMNS.items() if chip[column] is not None]


def peak_flop_per_second(accelerator: str, precision: str) -> float:
    """Return the dense peak of `accelerator` in `precision`, in FLOP/s (integer operations a second for INT8).

    Raises AcceleratorError for an unknown accelerator or precision, or a precision that it lacks.
    """
    chip = row(accelerator)
    if precision not in PEAK_COLUMNS:
        known = ", ".join(PEAK_COLUMNS)
        raise AcceleratorError(f"precision {quote(precision)} is not known{nearest(precision, PEAK_COLUMNS)} Known: {known}")
    peak = chip[PEAK_COLUMNS[precision]]
    if peak is None:
        has = ", ".join(precisions(accelerator)) or "none that is published"
        raise AcceleratorError(f"{accelerator} has no published dense peak in {precision}; it has: {has}")
    return float(peak) * 1e12


def memory_bytes(accelerator: str) -> float:
    """Return the bytes of memory of `accelerator`. Raises AcceleratorError if they, or it, are not known."""
    memory = row(accelerator)["memory_gb"]
    if memory is None:
        raise AcceleratorError(f"{accelerator} has no published size of memory")
    return float(memory) * 1e9


def with_known_memory(accelerator: str, otherwise: str) -> str:
    """Return `accelerator` if the size of its memory is published, else `otherwise`."""
    known = is_known(accelerator) and row(accelerator)["memory_gb"] is not None
    return accelerator if known else otherwise
