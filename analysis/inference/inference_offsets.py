"""What published rows tell of the offsets of makers of chips, of sources and of their stacks, kept in a file.

`python -m analysis.validation.inference_validation --write` writes data/generated/inference_offsets.csv.
"""

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.evidence.offsets import NOISE, NOTHING, Evidence
from analysis.inference import inference_calibration
from analysis.inference.deployments import Deployment
from analysis.inference.inference_calibration import Known
from analysis.inference.inference_fitted import HALF_WIDTHS, SCALES
from analysis.steps.shape import is_measured
from analysis.uncertainty import intervals

NAME = f"{paths.GENERATED.name}/inference_offsets"


def write(known: Mapping[str, Known]) -> None:
    """Keep what is seen, four digits a number: a line for each family and cell of rows alike."""
    lines = [
        fitted.seen.traits.rename(columns={NOISE: "group"}).assign(
            family=family, error=fitted.seen.error, weight=fitted.seen.weight
        )
        for family, fitted in known.items()
    ]
    table = pd.concat(lines)[["family", "maker", "source", "engine", "stack", "group", "error", "weight"]]
    paths.write(paths.DATA / f"{NAME}.csv", table.to_csv(index=False, float_format="%.4g"))


@functools.cache
def read() -> dict[str, Known]:
    """Return what is kept, by the family."""
    rows = facts.read(NAME)
    traits = rows[["maker", "source", "engine", "stack", "group"]].fillna(NOTHING).rename(columns={"group": NOISE})
    result = {}
    for family, scales in SCALES.items():
        mine = (rows["family"] == family).to_numpy()
        seen = Evidence(
            traits[mine].reset_index(drop=True).astype(object), rows["error"][mine].to_numpy(), rows["weight"][mine].to_numpy()
        )
        result[family] = Known(scales, seen)
    return result


def measured_makers() -> list[str]:
    """Return the makers, other than the usual one, of chips on which servers were measured; others share their mean offset."""
    makers = read()[inference_calibration.OTHER_MAKERS].seen.traits["maker"]
    return sorted(set(makers) - {NOTHING})


def slower(deployment: Deployment, measured: Mapping[str, Known] | None = None) -> tuple[float, float]:
    """Return how many times as long as by constants alone the steps of a server are expected to take, and the half width of
    the 80% interval of that, as a logarithm.

    `measured` is what is known where rows of one's own stack were measured. Where no published row has such layers, the width
    is the widest.
    """
    of = deployment.chip, deployment.engine, deployment.architecture.name
    error, width = _usual(*of) if measured is None else _expected(*of, inference_calibration.OWN, measured)
    if not is_measured(deployment.architecture):
        width = max(width, *HALF_WIDTHS.values())
    return float(np.exp(-error)), width


@functools.cache
def _usual(chip: str, engine: str, model: str) -> tuple[float, float]:
    return _expected(chip, engine, model, "", read())


def _expected(chip: str, engine: str, model: str, source: str, known: Mapping[str, Known]) -> tuple[float, float]:
    """Return the error that is expected of a server's steps and the half width of its interval, both as logarithms."""
    rows = pd.DataFrame([{
        "chip": chip, "source": source, "engine": engine, "engine_family": engine, "model": model, "group": "output token",
    }])  # fmt: skip
    error, deviation = inference_calibration.expected(known, rows)
    return float(error[0]), float(intervals.of_deviation(deviation)[0])
