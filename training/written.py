"""What a training script leaves, written beside its place and then moved there: weights and a log, or a table of results."""

import argparse
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths


def network(name: str, arrays: Mapping[str, np.ndarray], log: pd.DataFrame, folder: Path) -> None:
    """Write `NAME.npz` and `NAME_log.csv` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part.npz"
    np.savez(part, **arrays)
    os.replace(part, folder / f"{name}.npz")
    part = folder / f"{name}_log.csv.part"
    log.to_csv(part, index=False, float_format="%.6g", lineterminator="\n")
    os.replace(part, folder / f"{name}_log.csv")


def table(name: str, rows: Iterable[Mapping[str, object]], description: str) -> None:
    """Be the command of a script whose `rows` take long: print each as it is found, and write `NAME.csv` at the end."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--into", type=Path, default=paths.GENERATED, help="folder to write to (default: data/generated)")
    chosen = parser.parse_args()
    began, found = time.perf_counter(), []
    for row in rows:
        found.append(row)
        print(row, f"{time.perf_counter() - began:.0f} s", flush=True)
    text = pd.DataFrame(found).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    paths.write(chosen.into / f"{name}.csv", text)
