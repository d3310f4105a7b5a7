"""Tables on plans of parallelism, as DataFrames of text with units in their heads."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.training import plans
from analysis.training.plans import PlanSettings

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
