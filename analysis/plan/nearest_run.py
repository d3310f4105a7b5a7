"""The published run that is most like what is planned, and how well it is predicted with its source held out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.economics import whole_run
from analysis.models import library
from analysis.plan.interval import Interval
from analysis.plan.model import Model
from analysis.plan.serving_plan import ServingPlan
from analysis.plan.training_plan import TrainingPlan
from analysis.training import traits

#: How much further a run lies that has experts where the plan has none, or a chip of another generation or vendor, in
#: logarithms of parameters and chips.
_OTHER_KIND, _OTHER_GENERATION, _OTHER_VENDOR = 8.0, 2.0, 4.0


@dataclass(frozen=True)
class NearestRun:
    """A published run: its source, what it measured in its own metric and unit, and what is predicted of it, held out."""

    run_id: str
    source: str
    model: str
    chip: str
    chips: float
    metric: str
    published: float
    predicted: Interval

    @property
    def holds(self) -> bool:
        """Whether what was published lies inside the interval."""
        return self.published in self.predicted


def of_training(plan: TrainingPlan) -> NearestRun:
    """Return the whole run that is most like `plan`: dense or with experts, chip, parameters and number of chips."""
    rows = _rows("held_out", "whole_run")
    active = np.array([Model(library.load(name)).active_parameters for name in rows["model"]])
    trains = ~whole_run.is_benchmark(rows["tokens"].to_numpy(), active)
    rows = rows[trains == (plan.tokens >= plan.model.active_parameters)]
    return _nearest(rows, plan.model, plan.chip.name, plan.chips.expected)


def of_serving(plan: ServingPlan) -> NearestRun:
    """Return the published server that is most like a replica of `plan`."""
    return _nearest(_rows("held_out_inference", "serve"), plan.model, plan.chip.name, plan.replica.chips)


def _rows(held_out: str, kind: str) -> pd.DataFrame:
    predicted = facts.read(f"{paths.GENERATED.name}/{held_out}").set_index("run_id")[["predicted", "low", "high"]]
    rows = facts.read("runs")
    rows = rows[(rows["kind"] == kind) & (rows["usable"] == "yes") & rows["n_chips"].notna()]
    return rows.join(predicted, on="run_id", how="inner").dropna(subset=["predicted"])


def _nearest(rows: pd.DataFrame, model: Model, chip: str, chips: float) -> NearestRun:
    models = {name: Model(library.load(name)) for name in rows["model"].unique()}
    vendor, generation = traits.chip_family(chip)
    families = {name: traits.chip_family(name) for name in rows["chip"].unique()}
    away = (
        _OTHER_KIND * np.array([models[name].has_experts != model.has_experts for name in rows["model"]])
        + _OTHER_VENDOR * np.array([families[name][0] != vendor for name in rows["chip"]])
        + _OTHER_GENERATION * np.array([families[name][1] != generation for name in rows["chip"]])
        + np.abs(np.log([models[name].parameters / model.parameters for name in rows["model"]]))
        + np.abs(np.log(rows["n_chips"].to_numpy() / chips))
    )
    row = rows.iloc[int(np.argmin(away))]
    return NearestRun(
        row["run_id"], row["source"], row["model"], row["chip"], float(row["n_chips"]), row["metric"], float(row["value"]),
        Interval(row["low"], row["predicted"], row["high"]),
    )  # fmt: skip
