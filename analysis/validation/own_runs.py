"""What runs of one's own are worth: a few of a source known, how well are its others predicted?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.evidence import offsets
from analysis.evidence.offsets import Evidence
from analysis.training import assumptions, calibration, offset
from analysis.training.fitted import CONSTANTS
from analysis.validation import held_out

#: A source needs so many steps; so many times others of them are drawn, by this seed.
_ENOUGH, _DRAWS, _SEED = 6, 4, 20261201


def known(counts: Sequence[int] = (0, 1, 3)) -> pd.DataFrame:
    """Return by how many of a source's training steps are known the error of its others: `error` and `held`, the median
    and the share within the interval, means over sources, of `sources`."""
    rows = held_out.read()
    rows = rows[(rows["usable"] == "yes") & (rows["kind"] == "train")].set_index("run_id")
    observed = calibration.observations("train")
    observed = observed.take(observed.rows["run_id"].isin(rows.index).to_numpy())
    error = rows.loc[observed.rows["run_id"], "physics_error"].to_numpy()
    steps, _ = assumptions.decide(observed.questions, CONSTANTS)
    families = observed.rows["source"].map(calibration.family)
    stacks = observed.rows["source"] + ", " + observed.rows["chip"]
    traits = calibration.traits_of(observed, steps, stacks)
    sizes = stacks.value_counts()
    random, outcomes = np.random.default_rng(_SEED), []
    for stack in sorted(sizes[sizes >= _ENOUGH].index):
        members = np.flatnonzero(stacks == stack)
        others = _without(families.iloc[members[0]])
        for count in counts:
            for _ in range(_DRAWS if count else 1):
                picked = random.permutation(len(members))
                first, rest = members[picked[:count]], members[picked[count:]]
                own_ones = offsets.evidence(traits.iloc[first], error[first]) if count else None
                told, width = offset.expected(traits.iloc[rest], own_ones, others)
                left = np.abs(error[rest] - told)
                held = np.mean(left <= width)
                outcomes.append({"known": count, "stack": stack, "error": np.expm1(np.median(left)), "held": held})
    table = pd.DataFrame(outcomes).groupby(["known", "stack"]).mean().groupby("known").agg(["mean", "size"])
    return pd.DataFrame({
        "error": table[("error", "mean")], "held": table[("held", "mean")], "sources": table[("error", "size")],
    })  # fmt: skip


def _without(family: str) -> Evidence:
    seen = offset.evidence()
    kept = (seen.traits["source"] != family).to_numpy()
    return Evidence(seen.traits[kept].reset_index(drop=True), seen.error[kept], seen.weight[kept])
