"""How long the command line takes to answer, as a multiple of starting Python bare: `python -m benchmarks.shell`.

Each run of a command follows one of Python alone, so that a busy machine slows both; the median of five such pairs counts.
"""

import argparse
import os
import statistics
import subprocess
import sys
from time import perf_counter

from analysis import paths

#: Commands, with the multiple at which they are aimed.
AIMS = {
    "--help": 5,
    "estimate dekc": 8,
    "estimate deck --set utilization=0,5": 8,
    "estimate deck": 12,
    "serve deck": 40,
}
#: Commands, with the seconds within which they should answer on a machine that does nothing else.
SECONDS = {"plan deck": 3}
PAIRS = 5
#: That of a shell: what is compiled on the first run stays so, in whatever session this is called from.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(*words: str) -> float:
    """Return the seconds that Python takes with these words."""
    began = perf_counter()
    subprocess.run([sys.executable, *words], cwd=paths.ROOT, env=_ENVIRONMENT, capture_output=True, check=False)
    return perf_counter() - began


def ratio(command: str, pairs: int = PAIRS) -> float:
    """Return how many times as long as Python alone the command takes: the median of so many pairs."""
    found = []
    for _ in range(pairs):
        bare = seconds("-c", "pass")
        found.append(seconds("-m", "analysis", *command.split()) / bare)
    return statistics.median(found)


def main() -> None:
    """Print the multiple of each command beside its aim."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pairs", type=int, default=PAIRS, help="pairs of runs of each command")
    pairs = max(1, options.parse_args().pairs)
    for command in AIMS:
        seconds("-m", "analysis", *command.split())  # what is compiled on the first run is compiled
        print(f"{command:<40} {ratio(command, pairs):6.1f} x bare Python   (aim {AIMS[command]})", flush=True)
    for command in SECONDS:
        least = min(seconds("-m", "analysis", *command.split()) for _ in range(pairs))
        print(f"{command:<40} {least:6.1f} s               (aim {SECONDS[command]})", flush=True)


if __name__ == "__main__":
    main()
