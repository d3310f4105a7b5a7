"""What a training script leaves: the weights and the log, each written beside its place and then moved there."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd


def network(name: str, arrays: Mapping[str, np.ndarray], log: pd.DataFrame, folder: Path) -> None:
    """Write `NAME.npz` and `NAME_log.csv` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part.npz"
    np.savez(part, **arrays)
    os.replace(part, folder / f"{name}.npz")
    part = folder / f"{name}_log.csv.part"
    log.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")
    os.replace(part, folder / f"{name}_log.csv")
