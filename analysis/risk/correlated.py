"""Draws of inputs that move together: each has its own distribution, and pairs a rank correlation (a Gaussian copula).

Normal numbers with a correlation matrix are drawn, and each is turned into the share of draws below it, and that into
the input's value (Cario and Nelson 1997, NORTA). Rank correlations (Spearman's) survive such a change of scale, so that
they can be stated without knowing the distributions; a rank correlation r belongs to normal numbers with a correlation
of 2 sin(π r / 6) (Pearson 1907).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis import facts
from analysis.economics.coefficients import Coefficient
from analysis.suggest import nearest as nearest_name

# A matrix that is semi-definite but for the rounding of floats is.
_NOISE = 1e-10
_STEPS = 1000


class CorrelationError(ValueError):
    """Correlations that can't be: out of range, of unknown inputs, or impossible together; the message says how far."""


@dataclass(frozen=True)
class Correlation:
    """A rank correlation of two inputs, and where it comes from."""

    first: str
    second: str
    value: float
    source: str
    verified: str


def stated() -> list[Correlation]:
    """Return the correlations of `data/correlations.csv`."""
    rows = facts.read("correlations")
    return [Correlation(row.first, row.second, row.correlation, row.source, row.verified) for row in rows.itertuples()]


def matrix(names: Sequence[str], correlations: Iterable[Correlation]) -> np.ndarray:
    """Return the rank correlations of the inputs `names` as a matrix; pairs that nothing is said about have none.

    Raises CorrelationError for an unknown input, a pair that stands twice or with itself, or a value out of range.
    """
    symmetric = np.eye(len(names))
    places = {name: place for place, name in enumerate(names)}
    seen = set()
    for correlation in correlations:
        pair = f"{correlation.first} with {correlation.second}"
        for name in (correlation.first, correlation.second):
            if name not in places:
                raise CorrelationError(f"{pair}: there is no input {name!r}{nearest_name(name, places)}")
        if correlation.first == correlation.second:
            raise CorrelationError(f"{pair}: an input has no correlation with itself to state")
        if frozenset((correlation.first, correlation.second)) in seen:
            raise CorrelationError(f"{pair}: the pair stands twice")
        if not -1 <= correlation.value <= 1:  # NaN fails too
            raise CorrelationError(f"{pair}: {correlation.value:g} is out of range; allowed: −1 to 1")
        seen.add(frozenset((correlation.first, correlation.second)))
        row, column = places[correlation.first], places[correlation.second]
        symmetric[row, column] = symmetric[column, row] = correlation.value
    return symmetric


def nearest(given: np.ndarray) -> np.ndarray:
    """Return the correlation matrix nearest to a symmetric one, by the sum of squares (Higham 2002, algorithm 3.3)."""
    current, correction = np.array(given, dtype=float), np.zeros_like(given, dtype=float)
    for _ in range(_STEPS):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        definite = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = definite - shifted
        before, current = current, definite.copy()
        np.fill_diagonal(current, 1)
        if np.abs(current - before).max() < _NOISE:
            break
    return current


def of_normals(ranks: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return the correlations of the normal numbers that rank correlations belong to.

    Raises CorrelationError where no such numbers can exist, with the smallest eigenvalue, and the nearest matrix that
    can be, by the pairs in which it differs most.
    """
    normal = 2 * np.sin(np.pi * ranks / 6)
    np.fill_diagonal(normal, 1)
    smallest = np.linalg.eigvalsh(normal)[0]
    if smallest < -_NOISE:
        possible = 6 / np.pi * np.arcsin(nearest(normal) / 2)
        rows, columns = np.triu_indices(len(names), 1)
        apart = np.abs(possible - ranks)[rows, columns]
        worst = [place for place in np.argsort(-apart, kind="stable") if apart[place] > 0.005][:6]
        instead = "; ".join(
            f"{names[rows[place]]} with {names[columns[place]]} {possible[rows[place], columns[place]]:.2f}, "
            f"not {ranks[rows[place], columns[place]]:.2f}"
            for place in worst
        )
        raise CorrelationError(
            f"these correlations can't hold together: the matrix is not positive semi-definite, its smallest eigenvalue "
            f"is {smallest:.3g}; the nearest that can: {instead}"
        )
    return normal


def shares(ranks: np.ndarray, names: Sequence[str], count: int, seed: int = 0) -> np.ndarray:
    """Return `count` rows of numbers that are even between 0 and 1, and have these rank correlations. Raises CorrelationError."""
    values, vectors = np.linalg.eigh(of_normals(ranks, names))
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = np.random.default_rng(seed).standard_normal((count, len(names))) @ root.T
    return special.ndtr(normal)


def drawn(
    inputs: Mapping[str, Coefficient], correlations: Iterable[Correlation], count: int, seed: int = 0
) -> dict[str, np.ndarray]:
    """Return `count` joint draws of each input. Raises CorrelationError."""
    names = list(inputs)
    even = shares(matrix(names, correlations), names, count, seed)
    return {name: inputs[name].quantile(even[:, place]) for place, name in enumerate(names)}
