"""What a result depends on: inputs moved one at a time (tornado), and each one's share of the variance (Sobol' 1993).

A result is a function of named arrays that returns an array, so every sample is computed at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import PerCase

Result = Callable[[Mapping[str, PerCase]], PerCase]


@dataclass(frozen=True)
class Factor:
    """An input of a result: what is expected of it, and the range in which it lies, evenly likely on a log scale."""

    name: str
    expected: float
    low: float
    high: float


def tornado(result: Result, factors: Sequence[Factor]) -> pd.DataFrame:
    """Return the result with each factor at its low and its high and all others as expected, widest first."""
    base = {factor.name: np.full(2 * len(factors), factor.expected) for factor in factors}
    for index, factor in enumerate(factors):
        base[factor.name][2 * index : 2 * index + 2] = factor.low, factor.high
    values = np.asarray(result(base)).reshape(-1, 2)
    expected = np.asarray(result({factor.name: np.array([factor.expected]) for factor in factors})).item()
    table = pd.DataFrame(values, columns=["at low", "at high"], index=[factor.name for factor in factors])
    table.insert(0, "expected", expected)
    widest = (table["at high"] - table["at low"]).abs().sort_values(ascending=False, kind="stable").index
    return table.loc[widest]


def variance_shares(result: Result, factors: Sequence[Factor], samples: int = 4096, seed: int = 0) -> pd.DataFrame:
    """Return each factor's share of the result's variance: alone (first order), and with all that it interacts with.

    By SALib, from a Sobol' sequence (Saltelli et al. 2010); `samples` is a power of two. "first order ±" and "total ±"
    are half widths of what resampling gives as 95% confidence.
    """
    # It imports all of SciPy's statistics, for which commands that only draw should not wait.
    from SALib.analyze import sobol
    from SALib.sample import sobol as sobol_sample

    bounds = [[np.log(factor.low), np.log(factor.high)] for factor in factors]
    names = [factor.name for factor in factors]
    problem = {"num_vars": len(factors), "names": names, "bounds": bounds}
    drawn = np.exp(sobol_sample.sample(problem, samples, calc_second_order=False, seed=seed))
    values = np.asarray(result(dict(zip(names, drawn.T, strict=True))))
    # A generator, since SALib takes the seed 0 for none.
    indices = sobol.analyze(problem, values, calc_second_order=False, seed=np.random.default_rng(seed))
    columns = {"first order": "S1", "first order ±": "S1_conf", "total": "ST", "total ±": "ST_conf"}
    table = pd.DataFrame({column: indices[key] for column, key in columns.items()}, index=names)
    return table.sort_values("total", ascending=False, kind="stable")


def sampled(result: Result, factors: Sequence[Factor], samples: int = 1000, seed: int = 0) -> np.ndarray:
    """Return the result at `samples` random draws of all factors, each evenly likely on a log scale in its range."""
    draw = np.random.default_rng(seed)
    values = {factor.name: np.exp(draw.uniform(np.log(factor.low), np.log(factor.high), samples)) for factor in factors}
    return np.asarray(result(values), dtype=float)
