"""Compare a folder of configurations with what is true of them: `python -m tests.models.check_files FOLDER`.

The folder holds `truth.csv` with the columns file, total_params, active_params (the input embedding's table included),
kv_bytes_per_token_bf16 and vision_params; an empty cell is not compared.
"""

import csv
import sys
from pathlib import Path

from analysis.models import configuration, ledger, memory
from analysis.models.shape import ArchitectureError


def compare(folder: Path) -> list[tuple[str, str]]:
    """Return, by file, what differs: "exact", "refused: ...", or the values that differ."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["file"], verdict(folder / row["file"], row)) for row in rows]


def verdict(path: Path, row: dict[str, str]) -> str:
    """Return what differs of one file."""
    try:
        found = configuration.read(path)
    except ArchitectureError as error:
        return f"refused: {error}"
    ours = {
        "total_params": ledger.parameters(found),
        "active_params": ledger.active_parameters(found),
        "kv_bytes_per_token_bf16": memory.kv_cache_bytes(found, 1),
        "vision_params": sum(count for _, count in found.tower_parameters),
    }
    differ = [f"{name} {value:,} not {int(row[name]):,} ({value - int(row[name]):+,})" for name, value in ours.items()
              if row[name] and int(row[name]) != value]  # fmt: skip
    compared = [name for name in ours if row[name]]
    return "; ".join(differ) or (f"exact ({len(compared)})" if compared else f"no truth: {ours['total_params']:,}")


if __name__ == "__main__":
    for name, what in compare(Path(sys.argv[1])):
        print(f"{name:60} {what}")
