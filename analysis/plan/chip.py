"""An accelerator, as the planner takes it: one of data/accelerators.csv, of a file of one's own, or one changed a little."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis import units
from analysis.hardware import accelerators, machine, own_chip
from analysis.hardware.accelerators import AcceleratorError
from analysis.quote import quote
from analysis.suggest import nearest

#: What may be changed of a chip, by the names that people use; columns of data/accelerators.csv stand as well.
CHANGEABLE = {
    "memory": "memory_gb",
    "memory_bandwidth": "mem_bw_tbs",
    "links": "interconnect_gbs",
    "network": "network_gbs",
    "chips_on_fast_links": "chips_on_fast_links",
    "power": "tdp_w",
    "bf16": "bf16_dense_tflops",
    "fp16": "fp16_dense_tflops",
    "fp8": "fp8_dense_tflops",
    "fp4": "fp4_dense_tflops",
    "tf32": "tf32_dense_tflops",
    "rent": "usd_per_gpu_hour_on_demand",
    "price": "usd_purchase_per_gpu",
}


@dataclass(frozen=True)
class Chip:
    """An accelerator by its name."""

    name: str

    @classmethod
    def load(cls, chip: str) -> "Chip":
        """Return a chip of data/accelerators.csv, whatever its case, or of a YAML file of one's own. Raises AcceleratorError."""
        known = {name.casefold(): name for name in machine.chips()}
        if chip.strip().casefold() in known:
            return cls(known[chip.strip().casefold()])
        if own_chip.is_own(chip):
            accelerators.row(chip)
            return cls(chip)
        raise AcceleratorError(f"chip {quote(chip)} is not in data/accelerators.csv{nearest(chip, machine.chips())}")

    def replace(self, **changes: Any) -> "Chip":
        """Return the chip with some columns changed: `memory="141 GB"`, `rent="2 USD/hour"`; see CHANGEABLE.

        Software, server and prices stay those of the chip it was changed from. Raises AcceleratorError.
        """
        if not changes:
            return self
        valid = (*CHANGEABLE, *own_chip.QUANTITIES)
        for name in changes:
            if name not in valid:
                raise AcceleratorError(
                    f"{self.name}: {quote(name)} can't be changed{nearest(name, valid)} valid: {', '.join(valid)}"
                )
        columns = {CHANGEABLE.get(name, name): value for name, value in changes.items()}
        try:
            return Chip(own_chip.changed(self.name, self._columns(), columns))
        except (own_chip.OwnChipError, units.QuantityError) as exc:
            raise AcceleratorError(str(exc)) from exc

    def _columns(self) -> dict[str, Any]:
        """Return what is known of the chip, of its server and of its prices, by the columns of the tables."""
        from analysis.economics import coefficients, prices  # which only a chip that is changed needs

        around = machine.systems().loc[self.name].to_dict() if self.name in machine.systems().index else {}
        source = self.name if pd.isna(around.get("base_chip")) else around["base_chip"]
        described = dict(accelerators.row(source)) | {column: value for column, value in around.items() if pd.notna(value)}
        described.pop("base_chip", None)
        rent, price = prices.level(self.name), coefficients.chip_price(self.name)
        described["usd_per_gpu_hour_on_demand"] = rent.dollars if rent.quotes else None
        described["usd_purchase_per_gpu"] = price.dollars if price.quotes else None
        return described

    @property
    def precision(self) -> str:
        """The usual 16-bit format: bf16, or fp16 where the chip lacks it."""
        base = machine.systems()["base_chip"].get(self.name)
        known = accelerators.precisions(self.name if pd.isna(base) else base)
        return "bf16" if "BF16" in known or "FP16" not in known else "fp16"

    @property
    def memory_bytes(self) -> float:
        """Bytes of memory."""
        return machine.case(self.name, self.precision)["memory_bytes"]

    @property
    def assumed(self) -> list[str]:
        """What is assumed of a chip of one's own."""
        return own_chip.assumed(self.name) if own_chip.is_own(self.name) else []
