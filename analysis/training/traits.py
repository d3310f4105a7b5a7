"""Traits of training runs by which predictions err together: see analysis/evidence/offsets.py.

Software gets faster: an engine has an offset, and one for each year, drawn to its own; where the engine or the date is not
said, the run gets a level of its own, and so a wider interval. Vendors' stacks differ, and all others from NVIDIA's, on
which most was published. Number formats are as good as the kernels of a chip's generation are. Whole runs lose more than
steps do, unless they are benchmarks.
"""

from collections.abc import Sequence

import pandas as pd

from analysis.evidence.offsets import NOISE, NOTHING
from analysis.evidence.runs import Run
from analysis.hardware import accelerators, machine, own_chip

#: Traits of a run; each has a standard deviation in analysis/training/fitted.py.
TRAITS = ("source", "other vendors", "vendor", "engine", "engine and year", "chips and format", "model", "experts",
          "whole run", "whole run with experts")  # fmt: skip
NVIDIA = "NVIDIA"
#: Generations of NVIDIA's chips, by what their names begin with; other chips are told apart by their vendor, TPUs by name.
_GENERATIONS = {
    "V100": "Volta", "A100": "Ampere", "A800": "Ampere", "A10": "Ampere", "H": "Hopper", "GH": "Hopper",
    "B300": "Blackwell Ultra", "GB300": "Blackwell Ultra", "B": "Blackwell",
    "GB": "Blackwell", "VR": "Rubin", "L": "Ada", "RTX": "Ada",
}  # fmt: skip


def traits_of_runs(runs: Sequence[Run], sources: Sequence[str], experts: Sequence[bool], trains: Sequence[bool]) -> pd.DataFrame:
    """Return the traits of training runs, a line each, with the kind of their noise.

    `sources` say which stack each belongs to, `experts` whether the model has any; `trains` of whole runs that they train
    a model that is meant to be used, and are no benchmark.
    """
    return pd.DataFrame(
        [_traits(*row) for row in zip(runs, sources, experts, trains, strict=True)], columns=[*TRAITS, NOISE], dtype=object
    )


def _traits(run: Run, source: str, experts: bool, trains: bool) -> tuple[str, ...]:
    vendor, generation = chip_family(run.chip)
    bits = "16 bits"
    if run.precision in machine.PRECISIONS and machine.PRECISIONS[run.precision][1] < 2:
        bits = "8 bits" if machine.PRECISIONS[run.precision][1] == 1 else "4 bits"
    engine = _engine(run.engine_family) or f"that of {source}"
    year = run.date[:4] if run.engine_family and run.date else f"of {source}"
    whole = "whole run" if trains else NOTHING
    return (
        source,
        NOTHING if vendor == NVIDIA else "other vendors",
        vendor,
        engine,
        f"{engine} {year}",
        f"{generation}, {bits}",
        run.model,
        "experts" if experts else NOTHING,
        whole,
        whole if experts else NOTHING,
        whole or ("experts" if experts else "dense, 16 bits" if bits == "16 bits" else "dense, 8 and 4 bits"),
    )


def chip_family(chip: str) -> tuple[str, str]:
    """Return the vendor of a chip, and the generation of chips that its software is written for."""
    chip = own_chip.base(chip)
    if own_chip.is_own(chip):
        return chip, chip
    base = machine.systems()["base_chip"].get(chip)
    base = chip if base is None or pd.isna(base) else base
    vendor = str(accelerators.row(base)["vendor"])
    if vendor == NVIDIA:
        return vendor, next((name for start, name in _GENERATIONS.items() if base.startswith(start)), base)
    return vendor, base if vendor == "Google" else vendor


def _engine(family: str | None) -> str | None:
    """Return the engine of which its generations are; Megatron-DeepSpeed went a way of its own."""
    megatron = family is not None and family.startswith("Megatron") and family != "Megatron-DeepSpeed"
    return "Megatron" if megatron else family
