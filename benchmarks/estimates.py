"""Estimates a second: the closed form, the full prediction of a training and of a decode step, and two installable
estimators on the same training runs.

    python -m benchmarks.estimates [--rivals PYTHON [--record]]

PYTHON is an interpreter that has llm-analysis and mlsysim installed (they are no requirement of this report). Their
accuracy on the published dense runs in 16 bits is printed beside their speed; `--record` only writes what they say of
these runs into data/rivals.csv, from which the book compares.
"""

import argparse
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import paths
from analysis.inference import inference_calibration, inference_runs, pass_time
from analysis.scenarios import sizing
from analysis.steps.parameters import parameters
from analysis.training import assumptions, calibration, step_time
from analysis.validation import training_validation

CASES = 100_000
CLOSED_FORM = 10_000_000
THREADS = 2
CHUNK = 5_000


def closed_form():
    """Return sizings a second by 6 N D: accelerators for drawn models, tokens, days and utilizations."""
    draw = np.random.default_rng(0)
    parts = [draw.uniform(0.5, 2.0, (4, 20_000)) for _ in range(CLOSED_FORM // 20_000)]

    def size(part):
        flop = sizing.training_flop(part[0] * 1e11, part[1] * 1e12)
        return sizing.accelerators_needed(flop, part[2] * 2.6e6, 312e12, part[3] / 4)

    return CLOSED_FORM / _seconds(size, parts)


def full_steps(steps):
    """Return full predictions of steps a second, with memory, on the cases given, over and over."""
    index = np.arange(CASES) % len(steps)
    parts = [steps.take(index[start : start + CHUNK]) for start in range(0, CASES, CHUNK)]
    return CASES / _seconds(step_time.predict, parts)


def decode_steps():
    """Return predictions of decode steps a second, on the published deployments, batches and contexts, over and over."""
    cases, load = inference_runs.stacked(inference_calibration.observations().questions)
    index = np.arange(CASES) % len(load)
    chunks = [index[start : start + CHUNK] for start in range(0, CASES, CHUNK)]
    parts = [(cases.take(chunk), load.take(chunk)) for chunk in chunks]

    def predict(part):
        return pass_time.decode_seconds(part[0], part[1].requests, part[1].prompt + 1)

    return CASES / _seconds(predict, parts)


def _seconds(function, parts):
    with ThreadPoolExecutor(THREADS) as pool:
        best = np.inf
        for _ in range(3):
            start = time.perf_counter()
            list(pool.map(function, parts))
            best = min(best, time.perf_counter() - start)
    return best


def dense_runs():
    """Return the usable published steps of dense models in 16 bits, and their arrays."""
    observed = calibration.observations().usable()
    plain = [not one.shape["n_experts"] and one.machine["element_bytes"] == 2 for one in observed.questions]
    observed = observed.take(np.array(plain))
    return observed.rows, assumptions.decide(observed.questions, step_time.CONSTANTS)[0]


def as_cases(rows, steps):
    """Return the runs as plain numbers for the rivals."""
    shape, machine, plan = steps.shape, steps.machine, steps.plan
    model = parameters(steps)
    columns = {
        "n_layers": shape.n_layers, "n_heads": shape.n_heads, "n_kv_heads": shape.n_kv_heads, "d_model": shape.d_model,
        "d_ff": shape.d_ff, "vocab_size": shape.vocab_size, "sequence": steps.sequence, "chips": steps.chips,
        "global_batch": steps.global_batch, "micro_batch": plan.micro_batch, "micro_batches": steps.micro_batches,
        "tp": plan.tensor, "pp": plan.pipeline, "dp": plan.data, "zero": plan.zero, "recomputation": plan.recomputation,
    }  # fmt: skip
    table = pd.DataFrame({name: np.asarray(values).astype(int) for name, values in columns.items()})
    table["parameters"] = model.dense + model.embeddings
    table["gated"] = shape.mlp_inputs == 2
    table["chip"] = rows["chip"].to_numpy()
    table["memory_gb"], table["memory_gbs"] = machine.memory_bytes / 1e9, machine.memory_bandwidth / 1e9
    table["link_gbs"], table["network_gbs"] = machine.link_bandwidth / 1e9, machine.network_bandwidth * 8 / 1e9
    table["peak_tflops"] = machine.peak / 1e12
    return table.to_dict("records")


def rivals(python, cases):
    """Return what the rivals say, by name."""
    script = Path(__file__).with_name("rivals.py")
    done = subprocess.run([python, script], input=json.dumps(cases), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def record(python, rows, steps):
    """Write the rivals' seconds of each step into data/rivals.csv, with their versions."""
    lines = []
    for name, said in rivals(python, as_cases(rows, steps)).items():
        for run_id, seconds in zip(rows["run_id"], said["seconds"], strict=True):
            if seconds is not None:
                lines.append({"run_id": run_id, "program": name, "version": said["version"], "step_seconds": seconds})
    table = pd.DataFrame(lines).assign(verified="yes")
    table.to_csv(paths.DATA / "rivals.csv", index=False, float_format="%.6g")
    print(f"{len(table)} rows: data/rivals.csv")


def accuracy(rows, steps, seconds):
    """Return cases answered, and the macro averages of the median and 90th-percentile error over sources."""
    answered = np.array([second is not None for second in seconds])
    metric = calibration.in_metric(np.array([second or np.nan for second in seconds]), steps, rows)
    frame = rows.assign(error=training_validation.errors(metric, rows))[answered]
    grouped = frame.groupby("source")["error"]
    return answered.sum(), grouped.median().mean(), grouped.quantile(0.9).mean()


def main():
    """Print the estimates a second, and the errors, or write what the rivals say."""
    parser = argparse.ArgumentParser(description="Estimates a second, beside two installable estimators.")
    parser.add_argument("--rivals", metavar="PYTHON", help="an interpreter that has llm-analysis and mlsysim")
    parser.add_argument("--record", action="store_true", help="only write what they say into data/rivals.csv")
    given = parser.parse_args()
    if given.record and not given.rivals:
        parser.error("--record needs --rivals PYTHON")
    rows, steps = dense_runs()
    if given.record:
        record(given.rivals, rows, steps)
        return
    lines = [("closed form, 6 N D", closed_form(), None), ("full step, this report", full_steps(steps), None),
             ("decode step, this report", decode_steps(), None)]  # fmt: skip
    if given.rivals:
        for name, said in rivals(given.rivals, as_cases(rows, steps)).items():
            lines.append((f"full step, {name}", said["per_second"], accuracy(rows, steps, said["seconds"])))
    for name, speed, error in lines:
        print(f"{name:28s} {speed:14,.0f} estimates a second")
        if error and error[0]:
            print(f"{'':28s} {error[0]:6d} of {len(rows)} runs answered; error by source: median {error[1]:.1%}, "
                  f"90th percentile {error[2]:.1%}")  # fmt: skip
    held = training_validation.held_out()
    held = held[held["run_id"].isin(rows["run_id"])]
    average = training_validation.by_source(held).loc["macro average"]
    print(f"{'this report, sources held out':28s} error by source: median {average['median error']:.1%}, "
          f"90th percentile {average['90th percentile']:.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
