"""What predictions of runs err by together: offsets of software, chips, models and sources, each shrunk.

The error of a row, as a logarithm, is taken to be a sum of effects (one a trait of the row: the level of that trait draws
it from a normal distribution around 0, whose deviation all levels of the trait share) and of noise, whose deviation rows
of a kind share: a linear mixed model (Laird and Ware 1982; Gelman and Hill 2007). So a level with much evidence keeps its
own offset, one with little is drawn to 0, and one never seen adds its whole deviation to the interval. The source is a
trait too: a source that nobody has seen brings an offset of its own, and runs of one's own stack tell it.

Deviations are those of highest posterior density, under a weak prior; rows far off count less, as under Student's t
(Lange, Little and Taylor 1989). Rows alike in all traits are a cell, which holds their mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: The effect of a level that no row has said: none. A trait that matters but is not known gets a level of its own.
NOTHING = ""
#: Column of the kind of row, whose noise it shares; the other columns are traits.
NOISE = "noise"
#: What deviations are before anything is seen: about this, within a factor of e**_SPREAD or so.
_USUAL, _SPREAD = 0.08, 0.8
_LEAST, _MOST = 0.004, 0.8
#: Degrees of freedom of Student's t, and times that weights and deviations are found in turn.
_FREEDOM, _ROUNDS, _STEPS = 4.0, 3, 40


@dataclass(frozen=True)
class Scales:
    """Standard deviations, as logarithms: of the effects of each trait, and of the noise of each kind of row."""

    effects: Mapping[str, float]
    noise: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Cells of rows alike in traits: `traits` (a column each, and NOISE), the mean `error` and the `weight` of the rows."""

    traits: pd.DataFrame
    error: np.ndarray
    weight: np.ndarray

    def joined(self, other: "Evidence") -> "Evidence":
        """Return the evidence of both, whose cells have to differ."""
        traits = pd.concat([self.traits, other.traits], ignore_index=True)
        return Evidence(traits, np.concatenate([self.error, other.error]), np.concatenate([self.weight, other.weight]))


def evidence(traits: pd.DataFrame, error: np.ndarray, weight: np.ndarray | None = None) -> Evidence:
    """Return rows, one a line of `traits` with its `error` and `weight` (default: 1), as cells."""
    weight = np.ones(len(error)) if weight is None else weight
    cell, first = _cells(traits)
    total = np.bincount(cell, weight)
    mean = np.bincount(cell, weight * error) / total
    return Evidence(traits.iloc[first].reset_index(drop=True), mean, total)


def fit(traits: pd.DataFrame, error: np.ndarray, start: Scales | None = None, refined: bool = True) -> tuple[Scales, np.ndarray]:
    """Return the deviations that make the `error` of rows likeliest, and the weight of each row, at most about 1.

    From `start`, such as the deviations of nearly the same rows, fewer steps do; they are kept unless `refined`.
    """
    from scipy import optimize  # here, as predictions need no fit, and start without SciPy

    cell, first = _cells(traits)
    of_cells = traits.iloc[first].reset_index(drop=True)
    names = [name for name in traits.columns if name != NOISE]
    kinds, kind = np.unique(of_cells[NOISE], return_inverse=True)
    alike = [_alike(of_cells[name], of_cells[name]) for name in names]
    rows = np.bincount(cell)
    begin = start or Scales({}, {})
    position = np.log([*(begin.effects.get(name, _USUAL) for name in names), *(begin.noise.get(kind, _USUAL) for kind in kinds)])
    rounds, steps = (_ROUNDS, _STEPS) if start is None else (1, _STEPS // 4)
    weight = np.ones(len(error))
    bounds = [(np.log(_LEAST), np.log(_MOST))] * len(position)

    def unlikelihood(position: np.ndarray) -> tuple[float, np.ndarray]:
        variances, noise = np.exp(2 * position[: len(names)]), np.exp(2 * position[len(names) :])[kind]
        covariance = sum(variance * same for variance, same in zip(variances, alike, strict=True)) + np.diag(noise / total)
        inverse = np.linalg.inv(covariance)
        scaled, (_, determinant) = inverse @ mean, np.linalg.slogdet(covariance)
        off = (position - np.log(_USUAL)) / _SPREAD
        within = np.sum((rows - 1) * np.log(noise) + spread / noise)
        value = (mean @ scaled + determinant + within + off @ off) / 2
        gain = np.outer(scaled, scaled) - inverse
        slopes = [-variance * np.sum(gain * same) for variance, same in zip(variances, alike, strict=True)]
        by_cell = rows - 1 - spread / noise - np.diag(gain) * noise / total
        return value, np.array([*slopes, *np.bincount(kind, by_cell, len(kinds))]) + off / _SPREAD

    def scales_at(position: np.ndarray) -> Scales:
        sizes = [float(size) for size in np.exp(position)]
        return Scales(dict(zip(names, sizes, strict=False)), dict(zip(kinds, sizes[len(names) :], strict=True)))

    def cells(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        total = np.bincount(cell, weight)
        mean = np.bincount(cell, weight * error) / total
        return total, mean, np.bincount(cell, weight * (error - mean[cell]) ** 2)

    def weighed(position: np.ndarray, total: np.ndarray, mean: np.ndarray) -> np.ndarray:
        expected, _ = at(Evidence(of_cells, mean, total), scales_at(position), of_cells)
        noise = np.exp(2 * position[len(names) :])[kind][cell]
        counted: np.ndarray = (_FREEDOM + 1) / (_FREEDOM + (error - expected[cell]) ** 2 / noise)
        return counted

    if start is not None:
        weight = weighed(position, *cells(weight)[:2])
        rounds = int(refined)
    for _ in range(rounds):
        total, mean, spread = cells(weight)
        best = optimize.minimize(unlikelihood, position, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps})
        position = best.x
        weight = weighed(position, total, mean)
    return scales_at(position), weight


def at(seen: Evidence, scales: Scales, traits: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected error of rows with `traits` after all that is `seen`, and the standard deviation of one row's.

    Both are logarithms of predicted over measured time; the deviation holds the effects' and the noise.
    """
    cell, first = _cells(traits)
    asked = traits.iloc[first]
    across = _covariance(asked, seen.traits, scales)
    before = np.sum([size**2 * (asked[name] != NOTHING).to_numpy() for name, size in scales.effects.items()], axis=0)
    within = _covariance(seen.traits, seen.traits, scales) + np.diag(_noise(seen.traits, scales) / seen.weight)
    solved = np.linalg.solve(within, np.column_stack([seen.error, across.T]))
    known = np.einsum("ij,ji->i", across, solved[:, 1:])
    deviation = np.sqrt(np.maximum(before - known, 0.0) + _noise(asked, scales))
    return (across @ solved[:, 0])[cell], deviation[cell]


def _covariance(some: pd.DataFrame, others: pd.DataFrame, scales: Scales) -> np.ndarray:
    """Return the covariance of the offsets of some rows with those of others."""
    covariance = np.zeros((len(some), len(others)))
    for name, size in scales.effects.items():
        covariance += size**2 * _alike(some[name], others[name])
    return covariance


def _noise(traits: pd.DataFrame, scales: Scales) -> np.ndarray:
    """Return the variance of each row's noise; a kind that no row has shown has the largest."""
    sizes: np.ndarray = traits[NOISE].map(scales.noise).fillna(max(scales.noise.values())).to_numpy(dtype=float)
    variances: np.ndarray = sizes**2
    return variances


def _alike(some: pd.Series, others: pd.Series) -> np.ndarray:
    """Return which of `some` have the same level as which of `others`: 1 or 0; NOTHING is like nothing."""
    codes, levels = pd.factorize(np.concatenate([some.to_numpy(dtype=object), others.to_numpy(dtype=object)]))
    codes = np.where(levels[codes] == NOTHING, -1, codes)
    first, second = codes[: len(some), None], codes[None, len(some) :]
    alike: np.ndarray = ((first == second) & (first >= 0)).astype(float)
    return alike


def _cells(traits: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each row's cell, and the first row of each cell."""
    cell = traits.groupby(list(traits.columns), sort=False, dropna=False).ngroup().to_numpy()
    return cell, np.unique(cell, return_index=True)[1]
