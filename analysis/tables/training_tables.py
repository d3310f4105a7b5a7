"""Tables on training runs, as DataFrames of text with units in their heads."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.plan import of_scenario, scenario_training
from analysis.plan.interval import Interval
from analysis.scenarios.scenario import Scenario
from analysis.training import plans
from analysis.training.plans import PlanSettings
from analysis.validation import utilization

_SENDS = {
    "tensor": ("Tensor", "each layer's activations, summed", "links in the server"),
    "pipeline": ("Pipeline", "activations between stages", "network"),
    "data": ("Data", "gradients, summed", "network"),
}


def traffic(chosen: PlanSettings) -> pd.DataFrame:
    """Return what each kind of parallelism sends in a step of the fastest plan, and what that costs."""
    steps, _ = plans.every(chosen)
    frame = plans.traffic(steps, plans.slower(chosen))
    rows = []
    for row in frame.itertuples():
        name, what, way = _SENDS[row.kind]
        rows.append(
            {
                "Parallelism": f"{name} {getattr(steps.plan, row.kind)[0]:g}",
                "Sends": what,
                "Over": way,
                "GB a chip and step": numerals.significant(row.gigabytes, 2) if row.gigabytes else "–",
                "Times": numerals.whole(row.times) if row.gigabytes else "–",
                "GB/s a chip": numerals.significant(row.bandwidth / 1e9, 2) if row.gigabytes else "–",
                "Adds, s": numerals.significant(row.seconds, 2) if row.seconds else "–",
            }
        )
    return pd.DataFrame(rows)


def variations(chosen: PlanSettings) -> pd.DataFrame:
    """Return the fastest plan and those that depart from it in one way, with time, utilization and memory."""
    names, steps = plans.best_split(chosen)
    frame = plans.described(steps, plans.slower(chosen))
    return pd.DataFrame({
        "Plan": [f"{name[0].upper()}{name[1:]}" for name in names],
        "In numbers": frame["plan"],
        "Micro-batch": [f"{size:g}" for size in frame["micro_batch"]],
        "Step, s": [numerals.significant(seconds) for seconds in frame["seconds"]],
        "Utilization": [numerals.percent(share) for share in frame["utilization"]],
        "Memory, GB": [numerals.significant(size, 2) for size in frame["memory_gb"]],
        "Fits": np.where(frame["fits"], "yes", "no"),
    })  # fmt: skip


def by_chips(scaling: pd.DataFrame) -> pd.DataFrame:
    """Return the best plan for each doubling of the chips, at the batch given, from strong_scaling.by_batch."""
    same_batch = scaling[scaling["times"] == 1]
    same_batch = same_batch[np.log2(same_batch["chips"] / same_batch["chips"].iloc[0]) % 1 == 0]
    speed = same_batch["chips"] * same_batch["utilization"]
    return pd.DataFrame({
        "Chips": [numerals.whole(chips) for chips in same_batch["chips"]],
        "Plan": same_batch["plan"],
        "Micro-batch": [numerals.whole(size) for size in same_batch["micro_batch"]],
        "Utilization": [numerals.percent(share) for share in same_batch["utilization"]],
        "Speed, relative": [numerals.significant(ratio) for ratio in speed / speed.iloc[0]],
        "Chips, relative": [numerals.significant(ratio) for ratio in same_batch["chips"] / same_batch["chips"].iloc[0]],
    }).reset_index(drop=True)  # fmt: skip


def published_large() -> pd.DataFrame:
    """Return what the deck's time knew: utilizations of large models on A100, in one convention, lowest first."""
    table = utilization.of_the_deck()
    return pd.DataFrame({
        "Run": table["run"],
        "Published": [date[:7] for date in table["date"]],
        "Chips": [numerals.whole(chips) for chips in table["n_chips"]],
        "As published": [
            f"{numerals.percent(share, 3)} ({quantity.upper()})"
            for share, quantity in zip(table["utilization"], table["quantity"], strict=True)
        ],
        "In one convention": [numerals.percent(share, 3) for share in table["common"]],
        "How": table["how"],
        "Source": table["source"],
        "Verified": table["verified"],
    })  # fmt: skip


_RUN_COLUMNS = ("MFU of steps", "Days", "Chip-hours, thousand", "MWh", "Rent, M$", "Own, M$")


def runs_in_time(scenario: Scenario) -> pd.DataFrame:
    """Return, machine by machine, the chips that are done in the scenario's time, with all that the run takes.

    Where no number tried is, the fastest stands there, and says so.
    """
    rows = []
    for machine in scenario_training.machines(scenario):
        run, in_time = scenario_training.done(scenario, machine)
        fewest, most = ("–" if count is None else numerals.whole(count) for count in scenario_training.between(run))
        chips = f"{numerals.whole(run.chips.expected)}\n({f'{fewest} to {most}' if in_time else 'too slow; the fastest'})"
        values = [
            numerals.percent(run.model_flops_utilization.expected), numerals.significant(run.days.expected),
            _thousands(run.chip_hours.expected), numerals.significant(run.cost.megawatt_hours.expected),
            _millions(run.cost.rent), _millions(run.cost.owned),
        ]  # fmt: skip
        rows.append({"Machine": machine.title, "Chips": chips} | dict(zip(_RUN_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows)


def trainable(followed: Scenario, reason: str) -> str:
    """Return a sentence on what stands in place of a model that can't be trained; "" if it can."""
    if not reason:
        return ""
    return (
        f"The scenario's own model can't be planned here: {reason}. This page takes {of_scenario.model(followed).name} instead."
    )


def enough(scenario: Scenario, chips: float) -> pd.DataFrame:
    """Return, machine by machine, what the deck's number of chips takes, and whether that is in time."""
    table = scenario_training.enough(scenario, chips)
    return pd.DataFrame({
        "Machine": table["machine"],
        "Chips in a plan": [numerals.whole(count) for count in table["chips"]],
        "Needed": [numerals.percent(share) for share in table["required"]],
        "Predicted": [numerals.percent(share) for share in table["sustained"]],
        "Days": [numerals.significant(days) for days in table["days"]],
        "80% interval, days": [
            f"{numerals.significant(low)} to {numerals.significant(high)}"
            for low, high in zip(table["low_days"], table["high_days"], strict=True)
        ],
        "Enough": table["verdict"],
    })  # fmt: skip


def _thousands(value: float) -> str:
    return numerals.significant(value / 1e3)


def _millions(dollars: Interval | None) -> str:
    return "–" if dollars is None else numerals.significant(dollars.expected / 1e6, 2)
