"""All inputs of the estimate at once: assumptions and coefficients of the chain, one at a time and drawn together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.economics import coefficients
from analysis.economics.coefficients import Coefficient
from analysis.industry import pass_through
from analysis.risk import assumption_ranges, correlated
from analysis.risk.correlated import Correlation
from analysis.risk.risks import MEASURES, RiskError
from analysis.scenarios.scenario import Scenario
from analysis.suggest import nearest
from analysis.uncertainty import sensitivity

DRAWS = 50_000


@dataclass(frozen=True)
class Probability:
    """A share of draws, and the standard error that their number leaves."""

    share: float
    error: float


def inputs(scenario: Scenario) -> dict[str, Coefficient]:
    """Return every input with its range: the scenario's assumptions, and the coefficients of the chain for its chip."""
    return assumption_ranges.load(scenario) | coefficients.load(scenario.accelerator)


def results(scenario: Scenario, values: Mapping[str, PerCase]) -> dict[str, PerCase]:
    """Return MEASURES of the inputs `values`, numbers or arrays: accelerators (not yet whole), watts and dollars.

    Where inputs are as expected, the accelerators are those of the scenario's plan.
    """
    need = pass_through.moved(scenario, values)
    both = pass_through.by_part(need, scenario.accelerators_per_server, values)
    chain = {name: both["training"][name] + both["serving"][name] for name in ("site", "capital")}
    return {"training": need.training, "serving": need.serving} | chain


def tornado(scenario: Scenario, measure: str) -> pd.DataFrame:
    """Return a measure with each input at its low and its high, all others as expected, widest first. Raises RiskError."""
    _checked(measure)
    known = inputs(scenario)
    moving = [coefficient for coefficient in known.values() if coefficient.low < coefficient.high]
    fixed = {name: coefficient.expected for name, coefficient in known.items() if coefficient.low == coefficient.high}
    factors = [
        sensitivity.Factor(coefficient.name, coefficient.expected, coefficient.low, coefficient.high) for coefficient in moving
    ]

    def result(values: Mapping[str, PerCase]) -> PerCase:
        return results(scenario, fixed | dict(values))[measure]

    table = sensitivity.tornado(result, factors)
    return table[table["at low"] != table["at high"]]


def simulated(
    scenario: Scenario,
    correlations: Iterable[Correlation] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    width: float = 1.0,
) -> pd.DataFrame:
    """Return `draws` joint draws of MEASURES; `correlations` are the stated ones if left out.

    Every range is `width` (0 to 1) times as wide, around what is expected. Raises CorrelationError, RiskError.
    """
    within(RiskError, "width", width, 0, 1)
    known = {name: _narrowed(coefficient, width) for name, coefficient in inputs(scenario).items()}
    pairs = correlated.stated() if correlations is None else correlations
    values = correlated.drawn(known, pairs, draws, seed)
    outcomes = results(scenario, values)
    return pd.DataFrame({name: np.broadcast_to(outcomes[name], draws) for name in MEASURES})


def probability_above(values: PerCase, threshold: float) -> Probability:
    """Return the share of draws above a threshold, which is positive. Raises RiskError."""
    within(RiskError, "threshold", threshold, 1e-300)
    share = float((np.asarray(values) > threshold).mean())
    return Probability(share, float(np.sqrt(share * (1 - share) / len(values))))


def _narrowed(coefficient: Coefficient, width: float) -> Coefficient:
    """Return the coefficient with its ends nearer to what is expected: on a log scale, unless its low end is zero."""
    if coefficient.low > 0:
        low, high = (coefficient.expected * (end / coefficient.expected) ** width for end in (coefficient.low, coefficient.high))
    else:
        low, high = (coefficient.expected + width * (end - coefficient.expected) for end in (coefficient.low, coefficient.high))
    return replace(coefficient, low=min(low, coefficient.expected), high=max(high, coefficient.expected))


def _checked(measure: str) -> None:
    if measure not in MEASURES:
        raise RiskError(f"there is no measure {measure!r}{nearest(measure, MEASURES)}; there are: {', '.join(MEASURES)}")
