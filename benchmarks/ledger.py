"""How long the ledger takes, on a number and on arrays of cases, against an earlier state of this project.

    git worktree add BEFORE COMMIT && python -m benchmarks.ledger BEFORE

Both states run in turn, round by round, so that what else the machine does falls on both. The goal for arrays: at most 1.2
times the state before architectures became lists of layers, f8647f9^.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

MODELS = ("GPT-3-175B", "Llama-3.1-70B", "Mixtral-8x7B", "gpt-oss-120b", "DeepSeek-V3", "T5-11B")
CASES = {"a number": 1, "1,000 cases": 1_000, "100,000 cases": 100_000}
ROUNDS = 15
#: One state of the project: times a pass of every model at each line that it reads.
WORKER = """
import json, sys, time
import numpy as np
from analysis.models import architecture, ledger

draw = np.random.default_rng(0)
models = {name: architecture.load(name) for name in json.loads(sys.argv[1])}
cases = {
    int(count): (float(count), 2048.0) if count == 1 else (draw.integers(1, 64, count), draw.integers(1, 8192, count))
    for count in json.loads(sys.argv[2])
}
for line in sys.stdin:
    seconds = {}
    for name, model in models.items():
        for count, (batch, sequence) in cases.items():
            began = time.perf_counter()
            for _ in range(20 if count < 10_000 else 1):
                operations = ledger.ledger(model, batch, sequence, causal=True)
                for amount in ("forward_flop", "backward_flop", "forward_bytes_read", "forward_bytes_written"):
                    ledger.total(operations, amount)
            seconds[f"{name} {count}"] = time.perf_counter() - began
    print(json.dumps(seconds), flush=True)
"""


def state(folder: Path) -> subprocess.Popen[str]:
    """Start the state of the project in `folder`."""
    command = [sys.executable, "-c", WORKER, json.dumps(MODELS), json.dumps(list(CASES.values()))]
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def timed(process: subprocess.Popen[str]) -> dict[str, float]:
    """Return the seconds of one round, by model and cases."""
    process.stdin.write("go\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="a folder with the earlier state")
    earlier = state(parser.parse_args().before)
    now = state(Path(__file__).parents[1])
    for process in (earlier, now):
        timed(process)  # warm
    rounds = [(timed(earlier), timed(now)) for _ in range(ROUNDS)]
    for process in (earlier, now):
        process.stdin.close()
        process.wait()
    print(f"{'':15}" + "".join(f"{name:>28}" for name in CASES))
    for model in MODELS:
        cells = []
        for count in CASES.values():
            ratio = np.median([new[f"{model} {count}"] / old[f"{model} {count}"] for old, new in rounds])
            milliseconds = 1e3 * np.median([new[f"{model} {count}"] for _, new in rounds]) / (20 if count < 10_000 else 1)
            cells.append(f"{milliseconds:12.2f} ms, {ratio:.2f} times")
        print(f"{model:15}" + "".join(f"{cell:>28}" for cell in cells))


if __name__ == "__main__":
    main()
