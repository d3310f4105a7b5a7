"""The fit of the constants of inference: least squares on the logarithm of predicted over published time.

As in analysis/training/calibration.py, each unit has an offset of its own, so that the constants are fitted to what differs
within units and to the units' middle; each constant is held near what was expected of it. Large errors count less than
linearly, since some engines were run badly. A unit is one engine and model of a collection of benchmarks, and else a
source.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.evidence import fitting, offsets, run_notes
from analysis.evidence import observations as observations_module
from analysis.evidence.errors import log_error
from analysis.evidence.observations import Observations
from analysis.evidence.offsets import NOISE, NOTHING, Evidence, Scales
from analysis.hardware import accelerators
from analysis.inference import inference_runs, server_load
from analysis.inference.inference_constants import EXPECTED, FITTED, SPREAD, InferenceConstants
from analysis.inference.inference_runs import Question

#: Standard deviation of a row's residual within its unit, and of a unit's offset, as logarithms, and the degrees of
#: freedom of their Student's t. All rows of a unit and metric together count as `_UNIT_ROWS` rows at most, since they
#: share more than an offset.
_RESIDUAL, _OFFSET, _FREEDOM, _UNIT_ROWS = 0.10, 0.15, 2.0, 8.0
_ROUNDS, _STEP, _STILL = 8, 1e-4, 2e-3
#: Sources that are collections of benchmarks of many engines and models.
COLLECTIONS = ("aiconfigurator silicon sample", "H100 SXM measured")
#: To chips of this maker the constants are fitted first of all; those of others have an offset in common.
USUAL_MAKER = "NVIDIA"
#: The source of rows that do not say who published them: one that is new.
UNTOLD = "not told"
#: The source of rows that were measured on one's own stack.
OWN = "one's own"
#: What a family of which no row is known is taken for.
OTHERWISE = "output token"
#: Groups of rows whose offsets are told apart: passes without an engine, passes of one whose batch is known, and what a
#: server queues and mixes.
FAMILIES = {
    "bare": ("bare prefill", "bare step"),
    "prefill": ("prefill",),
    "decode step": ("decode step",),
    "first token": ("first token",),
    "output token": ("output token", "server speed"),
}
#: The family of servers on chips of other makers than the usual one: few were published, and what a maker's software lacks
#: shows in every figure of them.
OTHER_MAKERS = "other makers"
_OF_SERVERS = ("first token", "output token", "server speed")
#: Engines that were written for the usual maker's chips, and what their offset is called on those of others.
_WRITTEN_FOR_USUAL, PORTED, NATIVE = ("vLLM", "SGLang", "TensorRT-LLM", "PyTorch"), "ported", "native"


def observations() -> Observations[Question]:
    """Return the published rows of inference that can be predicted, usable ones and others, with their `unit`."""
    observed = observations_module.read(inference_runs.KINDS, inference_runs.question)
    return Observations(observed.rows.assign(unit=units(observed.rows)), observed.questions)


def units(rows: pd.DataFrame) -> list[str]:
    """Return what each row is held out with: its source, or in a collection its engine and model."""
    return [
        f"{engine if pd.isna(family) else family}, {model}" if source in COLLECTIONS else source
        for source, engine, family, model in rows[["source", "engine", "engine_family", "model"]].itertuples(index=False)
    ]


@dataclass(frozen=True)
class Known:
    """What published rows tell of one family of groups: how far offsets spread, and the errors that were seen."""

    scales: Scales
    seen: Evidence


def traits(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what rows, with their `group`, share offsets with: the `maker` of the chip, the `source`, an `engine` of it,
    and a `stack`, one version of the engine, model and chip. Rows that do not say have a source that nobody knows. On
    chips of other makers `engine` tells engines that were ported from the usual one's from those of the maker."""
    vendors = accelerators.table()["vendor"]
    maker = rows["chip"].map(vendors).replace(USUAL_MAKER, NOTHING).fillna(NOTHING)
    source, written, model, chip = (
        rows[name].astype(object).fillna("") if name in rows else pd.Series("", rows.index)
        for name in ("source", "engine", "model", "chip")
    )
    source = source.where(source != "", UNTOLD)
    family = rows.get("engine_family", written.map(lambda name: run_notes.engine_family(name, training=False)))
    engine = source.str.cat(family.astype(object).fillna(""), sep=", ")
    elsewhere = np.where(family.isin(_WRITTEN_FOR_USUAL), PORTED, NATIVE)
    engine = engine.where(maker == NOTHING, elsewhere)
    stack = source.str.cat([written, model, chip], sep=", ")
    columns = {"maker": maker, "source": source, "engine": engine, "stack": stack, NOISE: rows["group"]}
    return pd.DataFrame(columns).reset_index(drop=True).astype(object)


def _families(rows: pd.DataFrame, of_rows: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each family of which there are `rows`, with the mask of these; `of_rows` are their traits."""
    elsewhere = (of_rows["maker"] != NOTHING).to_numpy() & rows["group"].isin(_OF_SERVERS).to_numpy()
    masks = {family: rows["group"].isin(groups).to_numpy() & ~elsewhere for family, groups in FAMILIES.items()}
    yield from ((family, mine) for family, mine in (masks | {OTHER_MAKERS: elsewhere}).items() if mine.any())


def spreads(errors: np.ndarray, rows: pd.DataFrame) -> tuple[dict[str, Scales], np.ndarray]:
    """Return how far the offsets of each family spread, as the `errors` of `rows` tell, and the weight of each row."""
    scales, weight, of_rows = {}, np.ones(len(rows)), traits(rows)
    for family, mine in _families(rows, of_rows):
        scales[family], weight[mine] = offsets.fit(of_rows[mine].reset_index(drop=True), errors[mine])
    return scales, weight


def learn(errors: np.ndarray, rows: pd.DataFrame, scales: Mapping[str, Scales], weight: np.ndarray) -> dict[str, Known]:
    """Return what the `errors` of `rows`, with their `group`, tell of each family, by what `spreads` gave."""
    result, of_rows = {}, traits(rows)
    for family, mine in _families(rows, of_rows):
        seen = offsets.evidence(of_rows[mine].reset_index(drop=True), errors[mine], weight[mine])
        result[family] = Known(scales[family], seen)
    return result


def with_own(known: Mapping[str, Known], errors: np.ndarray, rows: pd.DataFrame) -> dict[str, Known]:
    """Return `known` with the `errors` of `rows` that were measured on one's own stack, which is the source OWN."""
    result, of_rows = dict(known), traits(rows.assign(source=OWN))
    for family, mine in _families(rows, of_rows):
        seen = offsets.evidence(of_rows[mine].reset_index(drop=True), errors[mine])
        result[family] = Known(known[family].scales, known[family].seen.joined(seen))
    return result


def expected(known: Mapping[str, Known], rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the error to expect of each of `rows`, with their `group`, and its standard deviation, as logarithms."""
    error, of_rows = np.zeros(len(rows)), traits(rows)
    deviation = np.zeros(len(rows))
    for family, mine in _families(rows, of_rows):
        # A family of which nothing is known errs as all others do.
        of_family = known.get(family) or known[OTHERWISE]
        error[mine], deviation[mine] = offsets.at(of_family.seen, of_family.scales, of_rows[mine].reset_index(drop=True))
    return error, deviation


@dataclass(frozen=True)
class Slopes:
    """Errors of observations at some constants, and how they change with the logarithm of each constant.

    A prediction takes longer than a fit, so a fit takes the slopes once a round, and fits without some of the rows can
    share them.
    """

    observed: Observations[Question]
    position: np.ndarray
    errors: np.ndarray
    slopes: np.ndarray
    base: InferenceConstants = EXPECTED
    fitted: tuple[str, ...] = FITTED

    def without(self, left_out: np.ndarray) -> InferenceConstants:
        """Return the constants fitted to the usable rows that the mask `left_out` does not select."""
        if not self.fitted:
            return self.base
        kept = ~left_out & (self.observed.rows["usable"] == "yes").to_numpy()
        objective = _objective(self.observed.rows[kept], self.fitted)

        def linear(position: np.ndarray) -> np.ndarray:
            return objective(self.errors[kept] + self.slopes[kept] @ (position - self.position), position)

        return fitting.constants_at(fitting.least_squares(linear, self.position), self.base, self.fitted)


def slopes(observed: Observations[Question], at: InferenceConstants, fitted: tuple[str, ...] = FITTED) -> Slopes:
    """Return the errors of `observed` at some constants, and their slopes along those that are `fitted`."""
    errors, position = _errors(observed, at, fitted), fitting.coordinates(at, fitted)
    now = errors(position)
    moved = [(errors(position + step) - now) / _STEP for step in _STEP * np.eye(len(position))]
    return Slopes(observed, position, now, np.stack(moved, axis=1) if moved else np.zeros((len(now), 0)), at, fitted)


def fit(
    observed: Observations[Question], start: InferenceConstants = EXPECTED, fitted: tuple[str, ...] = FITTED
) -> InferenceConstants:
    """Return the constants fitted to the usable rows of `observed`, from `start`; those that are not `fitted` stay."""
    if not fitted:
        return start
    observed = observed.usable()
    errors, objective = _errors(observed, start, fitted), _objective(observed.rows, fitted)
    nobody = np.zeros(len(observed.rows), dtype=bool)
    for _ in range(_ROUNDS):
        here = slopes(observed, start, fitted)
        change = fitting.coordinates(here.without(nobody), fitted) - here.position
        least = np.sum(objective(here.errors, here.position) ** 2)
        while np.max(np.abs(change)) > _STILL:
            there = here.position + change
            if np.sum(objective(errors(there), there) ** 2) < least:
                break
            change = change / 2
        start = fitting.constants_at(here.position + change, start, fitted)
        if np.max(np.abs(change)) <= _STILL:
            break
    return start


def _objective(rows: pd.DataFrame, fitted: tuple[str, ...]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return what gives the residuals that a fit makes small, from the rows' errors and the constants' coordinates."""
    codes, _ = pd.factorize(rows["unit"] + rows["metric"])
    counts = np.bincount(codes)
    weight = np.sqrt(np.minimum(_UNIT_ROWS / counts, 1.0))[codes]
    expected, spread = fitting.coordinates(EXPECTED, fitted), np.array([SPREAD[name] for name in fitted])

    def residuals(error: np.ndarray, position: np.ndarray) -> np.ndarray:
        offset = np.bincount(codes, error) / counts
        within = weight * _bent((error - offset[codes]) / _RESIDUAL)
        return np.concatenate([within, _bent(offset / _OFFSET), (position - expected) / spread])

    return residuals


def _errors(
    observed: Observations[Question], base: InferenceConstants, fitted: tuple[str, ...]
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives the logarithm of predicted over published time of each row, by the constants' coordinates."""
    cases, load = inference_runs.stacked(observed.questions)
    named = observed.rows["metric"].to_numpy()

    def errors(position: np.ndarray) -> np.ndarray:
        settled = server_load.equilibrium(cases, load, fitting.constants_at(position, base, fitted))
        predicted = inference_runs.in_metric(cases, load, settled, named)
        error: np.ndarray = log_error(predicted, observed.rows["value"], named)
        return error

    return errors


def _bent(error: np.ndarray) -> np.ndarray:
    """Return residuals in units of their deviation, with the square of large ones growing as a logarithm: the
    likelihood of Student's t, so that an engine that was run badly decides little."""
    bent: np.ndarray = np.sign(error) * np.sqrt(_FREEDOM * np.log1p(error**2 / _FREEDOM))
    return bent
