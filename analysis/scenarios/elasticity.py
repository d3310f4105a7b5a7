"""By how many percent a result moves if one of its assumptions moves by one, derived from the formula itself."""

from collections.abc import Callable

import sympy

from analysis.arrays import PerCase
from analysis.scenarios import equations, sizing

#: The deck's two results, by the formula that gives them.
RESULTS: dict[str, Callable[..., PerCase]] = {
    "training": sizing.training_accelerators,
    "inference": sizing.inference_accelerators,
}


class ElasticityError(ValueError):
    """A formula whose elasticity is no constant, so that one number can't state it."""


def elasticities(formula: Callable[..., PerCase]) -> dict[str, float]:
    """Return the elasticity of `formula` in each of its arguments, by name: x ÷ f · ∂f ÷ ∂x, without unit.

    Raises ElasticityError where it depends on where one stands: the formula is no product of powers.
    """
    expr, symbols = equations.symbolic(formula)
    elasticities = {name: sympy.simplify(argument * sympy.diff(expr, argument) / expr) for name, argument in symbols.items()}
    for name, value in elasticities.items():
        if not value.is_number:
            raise ElasticityError(f"{formula.__name__}: the elasticity in {name} is {value}, which is no constant")
    return {name: float(value) for name, value in elasticities.items()}
