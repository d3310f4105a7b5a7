"""By how much steps and whole runs of training are predicted too slow or too fast, and how sure that is.

What was learnt from published runs is in data/generated/training_evidence.csv (`training_validation --write` writes it);
runs of one's own stack join it.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.evidence import offsets
from analysis.evidence.offsets import NOISE, Evidence, Scales
from analysis.training.fitted import NEW_STACK, SCALES, STRETCH
from analysis.training.traits import TRAITS

NAME = f"{paths.GENERATED.name}/training_evidence"
#: The trait of a stack of which nobody published a run: what is left of its offset once all other traits are known.
STACK = "new stack"


@cache
def evidence() -> Evidence:
    """Return what published runs say of offsets."""
    table = facts.read(NAME).fillna(dict.fromkeys(TRAITS, offsets.NOTHING))
    return Evidence(table[[*TRAITS, NOISE]], table["log_error"].to_numpy(), table["weight"].to_numpy())


def write(seen: Evidence) -> None:
    """Keep the evidence, four digits a number."""
    table = seen.traits.assign(log_error=seen.error, weight=seen.weight)
    paths.write(paths.DATA / f"{NAME}.csv", table.to_csv(index=False, float_format="%.4g"))


def expected(
    traits: pd.DataFrame, measured: Evidence | None = None, published: Evidence | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the error that is expected of runs with `traits`, and the half width of its 80% interval, as logarithms.

    The error is that of predicted over measured time. All runs are of one stack that nobody published; `measured` are
    others of it. `published` is all that there is, or some of it.
    """
    seen = evidence() if published is None else published
    seen = replace(seen, traits=seen.traits.assign(**{STACK: offsets.NOTHING}))
    if measured is not None:
        seen = seen.joined(replace(measured, traits=measured.traits.assign(**{STACK: STACK})))
    scales = Scales({**SCALES.effects, STACK: NEW_STACK}, SCALES.noise)
    error, deviation = offsets.at(seen, scales, traits.assign(**{STACK: STACK}))
    return error, deviation * stretch(traits)


def stretch(traits: pd.DataFrame) -> np.ndarray:
    """Return the deviations that hold 80% of runs, by the kind of their noise: held-out runs have longer tails than
    normal ones."""
    deviations: np.ndarray = traits[NOISE].map(STRETCH).fillna(max(STRETCH.values())).to_numpy(dtype=float)
    return deviations
