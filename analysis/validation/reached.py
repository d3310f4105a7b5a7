"""What share of the peak published training runs and servers reached: how far an assumed utilization may be off.

Utilization here is the model's own FLOP over the dense peak of the run's own number format.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.economics import whole_run
from analysis.hardware import machine
from analysis.inference import deployments
from analysis.models import architecture, ledger
from analysis.scenarios import sizing
from analysis.training import calibration
from analysis.uncertainty import intervals
from analysis.validation import held_out, training_validation

#: Number formats of 8 and 4 bits, as data/runs.csv writes them and as data/accelerators.csv does.
_NARROW = {"fp8", "mxfp8", "int8", "nvfp4", "mxfp4", "fp4", "int4"}
#: Sources of whole runs that are enough to say how far these spread.
_ENOUGH = 3
_SETTING = ["source", "engine", "model", "chip", "n_chips", "precision", "input_len", "output_len", "concurrency"]


@dataclass(frozen=True)
class Reached:
    """Utilization that a tenth of published runs stay below (`low`), half (`middle`), and nine tenths (`high`).

    `what` were the runs: "whole runs", "training steps" or "servers"; there are `runs` of them from `groups` groups,
    each of which counts the same.
    """

    low: float
    middle: float
    high: float
    runs: int
    groups: int
    what: str


@cache
def training(precision: str) -> Reached:
    """Return what published training reached in formats as wide as `precision`, a column of data/accelerators.csv.

    Benchmarks are no whole runs here.

    Of whole runs, with all that these lose; where too few sources publish such runs, of single steps, which lose less.
    Each source counts the same.
    """
    rows = held_out.read()
    rows = rows[rows["usable"] == "yes"]
    rows = rows[rows["precision"].isin(_NARROW) == (precision.lower() in _NARROW)]
    what, chosen = "whole runs", rows[rows["kind"] == "whole_run"]
    active = chosen["model"].map(lambda name: ledger.active_parameters(architecture.load(name)))
    chosen = chosen[~whole_run.is_benchmark(chosen["tokens"], active)]
    if chosen["source"].nunique() < _ENOUGH:
        what, chosen = "training steps", rows[rows["kind"] == "train"]
    return _reached(training_validation.reported_utilization(chosen), chosen["source"].map(calibration.family), what)


@cache
def serving() -> Reached:
    """Return what published servers reached of their peak, prompts and answers counted alike at 2 N FLOP a token.

    Of each engine, model, chip and format its best load counts, in whatever format it ran: too few are published in any
    one of them. Those that seem to do more than the peak took prompts from a cache, and are left out.
    """
    rows = servers()
    best = rows.groupby(["source", "family", "model", "chip", "precision"], as_index=False)["utilization"].max()
    best = best[best["utilization"] <= 1]
    return _reached(best["utilization"], best["model"], "servers")


def servers() -> pd.DataFrame:
    """Return published loads of servers, with `family` of the engine and `utilization`, N being active parameters."""
    rows = facts.read("runs")
    rows = rows[(rows["kind"] == "serve") & (rows["usable"] == "yes")]
    times = rows[rows["metric"].isin(["ttft_seconds", "tpot_seconds"])]
    times = times.pivot_table(index=_SETTING, columns="metric", values="value").dropna().reset_index()
    answered = times["ttft_seconds"] + times["tpot_seconds"] * (times["output_len"] - 1)
    times["written"] = times["concurrency"] * times["output_len"] / answered / times["n_chips"]
    speeds = rows[rows["metric"].isin(["tokens_per_second_per_chip", "tokens_per_second"])]
    together = speeds["metric"] == "tokens_per_second"
    speeds = speeds.assign(written=speeds["value"] / speeds["n_chips"].where(together, 1.0))
    published = pd.concat([times, speeds[[*_SETTING, "written"]]], ignore_index=True)
    active = published["model"].map(lambda name: ledger.active_parameters(architecture.load(name)))
    tokens = published["written"] * (1 + published["input_len"] / published["output_len"])
    peak = [_peak(row.chip, row.precision.removesuffix("_wo")) for row in published.itertuples()]
    published["utilization"] = sizing.inference_flop(active, tokens) / peak
    published["family"] = published["engine"].str.split().str[0]
    return published


def _peak(chip: str, weights: str) -> float:
    return machine.case(chip, deployments.usual_compute(chip, weights))["peak"]


def _reached(utilization: pd.Series, groups: pd.Series, what: str) -> Reached:
    low, middle, high = intervals.quantile(utilization, groups, np.array([0.1, 0.5, 0.9]))
    return Reached(float(low), float(middle), float(high), len(utilization), groups.nunique(), what)
