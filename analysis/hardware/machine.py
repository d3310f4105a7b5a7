"""Accelerators in their servers, as arrays: peaks that matrix products reach, memory, links, network, power."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import Arrays, PerCase
from analysis.hardware import accelerators, formats, own_chip
from analysis.suggest import nearest

#: Formats of the matrix products in training: the peak that they run at, bytes of one number, whether they carry a
#: scale a block of numbers (Rouhani et al. 2023), which is more work to convert to.
PRECISIONS = {
    name: (formats.SHEET[name], element_bytes, block_scaled)
    for name, element_bytes, block_scaled in (
        ("bf16", 2.0, False), ("fp16", 2.0, False), ("fp8", 1.0, False), ("mxfp8", 1.0, True), ("nvfp4", 0.5, True),
        ("mxfp4", 0.5, True), ("tf32", 4.0, False), ("fp32", 4.0, False),
    )
}  # fmt: skip

#: For a chip that data/systems.csv does not have: a server of eight with a port of 200 Gbit/s each, and three
#: quarters of the peak.
_DEFAULT = {"chips_on_fast_links": 8.0, "network_gbs": 25.0, "ceiling_16bit": 0.75}
#: Bytes a second each way between chips whose links are not published: those of PCIe 4.0 x16.
USUAL_LINK = 32e9


@dataclass(frozen=True)
class Machine(Arrays):
    """Accelerators, one a case. Rates in FLOP/s, bandwidths in byte/s and one direction, memory in bytes, power in W.

    `peak` is that of the precision of the linear layers, `peak_16bit` that of attention and the vocabulary;
    `reached` and `reached_16bit` are what the best matrix product reaches of it. `seconds_per_exponential` bounds
    softmax, 0 where it is not known. `power_ratio` is the power limit over that of the chip on which this was measured.
    """

    peak: PerCase
    peak_16bit: PerCase
    reached: PerCase
    reached_16bit: PerCase
    element_bytes: PerCase
    block_scaled: PerCase
    seconds_per_exponential: PerCase
    memory_bytes: PerCase
    memory_bandwidth: PerCase
    link_bandwidth: PerCase
    chips_on_fast_links: PerCase
    network_bandwidth: PerCase
    power: PerCase
    power_ratio: PerCase
    is_tpu: PerCase
    is_hopper: PerCase


@cache
def systems() -> pd.DataFrame:
    """Return `data/systems.csv`, by chip."""
    return facts.read("systems").set_index("chip")


@cache
def chips() -> list[str]:
    """Return every accelerator that can be named: those of data/accelerators.csv, and variants of them."""
    return sorted(set(accelerators.table().index) | set(systems().index))


@cache
def case(name: str, precision: str) -> dict[str, float]:
    """Return what is known of one accelerator and what surrounds it, by the fields of Machine. Raises AcceleratorError."""
    if precision not in PRECISIONS:
        hint = nearest(precision, PRECISIONS)
        raise accelerators.AcceleratorError(f"precision {precision!r} is not one of {', '.join(PRECISIONS)}{hint}")
    if name not in chips() and not own_chip.is_own(name):
        hint = nearest(name, chips())
        raise accelerators.AcceleratorError(f"chip {name!r} is not in data/accelerators.csv{hint}")
    around = _around(name)
    base = around.get("base_chip")
    base = name if pd.isna(base) else base
    chip = accelerators.row(base)
    format_, element_bytes, block_scaled = PRECISIONS[precision]
    peak = accelerators.peak_flop_per_second(base, format_)
    peak_16bit = peak if element_bytes >= 2 else _peak_16bit(base)
    ceiling_16bit = around["ceiling_16bit"]
    ceiling = {1.0: around.get("ceiling_8bit"), 0.5: around.get("ceiling_4bit")}.get(element_bytes, ceiling_16bit)
    power = _first(around.get("tdp_w"), chip["tdp_w"], 500.0)
    memory = _first(around.get("memory_gb"), chip["memory_gb"]) * 1e9
    bandwidth = _first(around.get("mem_bw_tbs"), chip["mem_bw_tbs"]) * 1e12
    if pd.isna(memory + bandwidth):
        raise accelerators.AcceleratorError(f"{name} has no published memory or memory bandwidth")
    return {
        "peak": peak,
        "peak_16bit": peak_16bit,
        "reached": peak * _first(ceiling, ceiling_16bit),
        "reached_16bit": peak_16bit * ceiling_16bit,
        "element_bytes": element_bytes,
        "block_scaled": float(block_scaled),
        "seconds_per_exponential": 1e-12 / _first(around.get("exponentials_tera"), np.inf),
        "memory_bytes": memory,
        "memory_bandwidth": bandwidth,
        "link_bandwidth": _first(chip["interconnect_gbs"] and float(chip["interconnect_gbs"]) / 2 * 1e9, USUAL_LINK),
        "chips_on_fast_links": around["chips_on_fast_links"],
        "network_bandwidth": around["network_gbs"] * 1e9,
        "power": power,
        "power_ratio": power / _first(around.get("ceiling_tdp_w"), power),
        "is_tpu": float(own_chip.base(base).startswith("TPU")),
        "is_hopper": float(own_chip.base(base).startswith(("H100", "H200", "H800", "H20", "GH200"))),
    }


def _around(name: str) -> "pd.Series[Any]":
    """Return the row of data/systems.csv for a chip, or what its own file says, or else what is assumed."""
    if name in systems().index:
        return systems().loc[name]
    given = accelerators.row(name) if own_chip.is_own(name) else {}
    return pd.Series({
        **{column: given.get(column) or value for column, value in _DEFAULT.items()},
        **{column: given.get(column) for column in ("ceiling_8bit", "ceiling_4bit", "exponentials_tera", "ceiling_tdp_w")},
    }, dtype=float)  # fmt: skip


def _peak_16bit(base: str) -> float:
    has = accelerators.precisions(base)
    return accelerators.peak_flop_per_second(base, "BF16" if "BF16" in has else "FP16")


def _first(*values: Any) -> float:
    """Return the first of `values` that is known, else NaN."""
    return next((float(value) for value in values if value is not None and pd.notna(value)), float("nan"))
