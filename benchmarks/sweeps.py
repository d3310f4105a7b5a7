"""How long ten million scenarios take, sampled and as a grid, in two processes, against one scenario after the other.

    python -m benchmarks.sweeps [--points N]

The whole command is timed, from its start to the last Parquet file, as a user waits for it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis import paths
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK

POINTS = 10_000_000
JOBS = 2
ONE_BY_ONE = 2_000
SAMPLED = ("utilization=20%:60%", "training_tokens=100e9:10e12", "training_time=10 days:90 days")


def sweep_seconds(*words: str) -> float:
    """Return the seconds of `python -m analysis sweep deck` with `words`, into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "sweep")
        command = [sys.executable, "-m", "analysis", "sweep", "deck", *words, "--jobs", str(JOBS), "--out", out]
        began = time.perf_counter()
        subprocess.run(command, cwd=paths.ROOT, check=True, capture_output=True)
        return time.perf_counter() - began


def one_by_one() -> float:
    """Return the seconds that one estimate takes which is asked for alone."""
    began = time.perf_counter()
    for _ in range(ONE_BY_ONE):
        estimate(DECK)
    return (time.perf_counter() - began) / ONE_BY_ONE


def main() -> None:
    """Time both kinds of sweep, and print a table."""
    parser = argparse.ArgumentParser(description="Time sweeps.")
    parser.add_argument("--points", type=int, default=POINTS, help="how many (default: %(default)s)")
    points = parser.parse_args().points
    if points < 1000:
        parser.error(f"--points: {points} is not at least 1000")
    grid = [
        "--grid", "utilization=20%:59.9%:0.1%", "--grid", "characters_per_question=100:349:1", "--grid",
        f"visits_per_day=1e6:{points // 100_000}e6:1e6",
    ]  # fmt: skip
    sample = [word for field in SAMPLED for word in ("--grid", field)] + ["--sample", str(points)]
    alone = one_by_one()
    print(f"{'':24}{'points':>12}{'seconds':>10}{'points/s':>12}{'times as fast as one by one':>30}", flush=True)
    for name, words in {"sampled, three fields": sample, "grid, three fields": grid}.items():
        taken = sweep_seconds(*words)
        print(f"{name:24}{points:>12,}{taken:>10.1f}{points / taken:>12,.0f}{points * alone / taken:>30,.0f}", flush=True)
    print(f"one by one: {1 / alone:,.0f} points/s in one process, without writing anything")


if __name__ == "__main__":
    main()
