"""Number formats: what their bits can say."""

import pandas as pd

from analysis import facts
from analysis.hardware.accelerators import PEAK_COLUMNS

#: The formats that each precision of `data/accelerators.csv` computes in; FP8 has two.
FORMATS = {"FP8": ("FP8 E4M3", "FP8 E5M2"), "FP4": ("FP4 E2M1",)}


def table() -> pd.DataFrame:
    """Return the formats by name, with the bit for the sign and `step`, the gap from 1 to the next number."""
    frame = facts.read("number_formats").set_index("format")
    return frame.assign(sign_bits=1, step=2.0 ** -frame["fraction_bits"])


def floating_formats(precision: str) -> tuple[str, ...]:
    """Return the formats that `precision` computes in; none for integers."""
    return FORMATS.get(precision, (precision,) if precision in table().index else ())


def precisions() -> list[str]:
    """Return the precisions that are floating-point formats, wide to narrow."""
    return [precision for precision in PEAK_COLUMNS if floating_formats(precision)]
