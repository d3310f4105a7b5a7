"""Power of servers and sites, efficiency and electricity, from `data/facility.csv`."""

from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.hardware import accelerators, machine, own_chip

#: Items of data/facility.csv that set the power around a chip: nameplate of a server of eight, by the chip in it.
SERVERS = {"A100": "DGX A100 max power", "H100": "DGX H100 max power", "B200": "DGX B200 max power"}
SERVER_CHIPS = 8


class CostError(ValueError):
    """A price or a power that `data/` does not have; the message says what it has."""


@cache
def facility(item: str) -> float:
    """Return the latest value of an item of data/facility.csv, in its unit; the middle of a range. Raises CostError."""
    rows = facts.read("facility")
    values = rows[(rows["item"] == item) & rows["value"].notna()].sort_values("date")
    if values.empty:
        raise CostError(f"data/facility.csv has no value for {item!r}; it has: {', '.join(sorted(set(rows['item'])))}")
    return float(np.mean([float(part) for part in values["value"].iloc[-1].split("-")]))


def server_share(chip: str) -> float:
    """Return the power of a server over that of its chips, of the nearest server whose nameplate is known."""
    chip = own_chip.base(chip)
    name = next((name for name in SERVERS if name in chip and not own_chip.is_own(chip)), "H100")
    chips = {"A100": "A100 SXM4 80GB", "H100": "H100 SXM5", "B200": "B200 SXM (HGX/DGX)"}
    watts: float = accelerators.table().loc[chips[name], "tdp_w"]
    return facility(SERVERS[name]) * 1000 / (SERVER_CHIPS * watts)


@cache
def chip_watts(chip: str) -> float:
    """Return the power limit of an accelerator or of a variant of one. Raises AcceleratorError for an unknown chip."""
    base = machine.systems()["base_chip"].get(chip)
    known = accelerators.precisions(chip if pd.isna(base) else base)
    return machine.case(chip, "bf16" if "BF16" in known else "fp16")["power"]
