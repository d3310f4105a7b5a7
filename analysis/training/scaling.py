"""Scaling laws: the loss that a model reaches, and how a FLOP budget is best split between parameters and tokens.

Hoffmann et al. 2022 fit L(N, D) = E + A / N^a + B / D^b to runs of theirs; training takes 6 N D FLOP. Formulas are
plain arithmetic, as in `analysis.scenarios.sizing`. Losses are in nats a token.
"""

import math
from dataclasses import dataclass

from analysis import facts
from analysis.arrays import PerCase
from analysis.scenarios import sizing


def loss(
    irreducible: PerCase,
    size_coefficient: PerCase,
    parameters: PerCase,
    size_exponent: PerCase,
    data_coefficient: PerCase,
    tokens: PerCase,
    data_exponent: PerCase,
) -> PerCase:
    """Loss of a model of `parameters` after `tokens`: E + A / N^a + B / D^b (Hoffmann et al. 2022, equation 2)."""
    return irreducible + size_coefficient / parameters**size_exponent + data_coefficient / tokens**data_exponent


def tokens_for(flop: PerCase, parameters: PerCase) -> PerCase:
    """Tokens that `flop` FLOP of training put through a dense model of `parameters`."""
    return flop / sizing.training_flop(parameters, 1)


def optimal_parameters(
    flop: PerCase, size_coefficient: PerCase, size_exponent: PerCase, data_coefficient: PerCase, data_exponent: PerCase
) -> PerCase:
    """Parameters at which `flop` FLOP reach the lowest loss (Hoffmann et al. 2022, equation 4)."""
    balance = (size_exponent * size_coefficient) / (data_exponent * data_coefficient)
    total = size_exponent + data_exponent
    return balance ** (1 / total) * tokens_for(flop, 1) ** (data_exponent / total)


def flop_for_gap(flop: PerCase, gap: PerCase, wanted: PerCase, size_exponent: PerCase, data_exponent: PerCase) -> PerCase:
    """FLOP that bring the optimum's loss above the irreducible one from `gap`, reached with `flop`, to `wanted`."""
    return flop * (gap / wanted) ** (1 / size_exponent + 1 / data_exponent)


def power_law(flop: PerCase, unit: PerCase, scale: PerCase, exponent: PerCase) -> PerCase:
    """What grows from `scale` at `unit` FLOP with the power `exponent` of the budget (Kaplan et al. 2020)."""
    return scale * (flop / unit) ** exponent


@dataclass(frozen=True)
class Fit:
    """One fit of the law: its name and constants. Methods take what the formulas take."""

    name: str
    irreducible: float
    size_coefficient: float
    size_exponent: float
    data_coefficient: float
    data_exponent: float

    def loss(self, parameters: PerCase, tokens: PerCase) -> PerCase:
        """Return the loss of a model of `parameters` after `tokens`."""
        return loss(
            self.irreducible, self.size_coefficient, parameters, self.size_exponent, self.data_coefficient, tokens,
            self.data_exponent,
        )  # fmt: skip

    def terms(self, parameters: PerCase, tokens: PerCase) -> tuple[PerCase, PerCase]:
        """Return the terms of the loss that more parameters, and more tokens, take away."""
        return (
            self.loss(parameters, math.inf) - self.irreducible,
            self.loss(math.inf, tokens) - self.irreducible,
        )

    def optimal_parameters(self, flop: PerCase) -> PerCase:
        """Return the parameters at which `flop` FLOP reach the lowest loss."""
        return optimal_parameters(flop, self.size_coefficient, self.size_exponent, self.data_coefficient, self.data_exponent)

    def flop_for(self, parameters: PerCase) -> PerCase:
        """Return the FLOP at which `parameters` are the size of the lowest loss."""
        power = (self.size_exponent + self.data_exponent) / self.data_exponent
        return sizing.training_flop(1, 1) * (parameters / self.optimal_parameters(sizing.training_flop(1, 1))) ** power

    def flop_to_reach(self, wanted: PerCase) -> PerCase:
        """Return the FLOP with which the best split reaches the loss `wanted`."""
        start = 1e21
        size = self.optimal_parameters(start)
        gap = self.loss(size, tokens_for(start, size)) - self.irreducible
        return flop_for_gap(start, gap, wanted - self.irreducible, self.size_exponent, self.data_exponent)


def fits() -> dict[str, Fit]:
    """Return the published fits by name, in the order of `data/scaling_fits.csv`."""
    return {
        row.fit: Fit(
            row.fit,
            row.irreducible_loss,
            row.size_coefficient,
            row.size_exponent,
            row.data_coefficient,
            row.data_exponent,
        )  # fmt: skip
        for row in facts.read("scaling_fits").itertuples()
    }


def kaplan_parameters(flop: PerCase) -> PerCase:
    """Return the parameters that Kaplan et al. 2020 advise for `flop` FLOP."""
    row = facts.read("scaling_advice").set_index("quantity").loc["parameters"]
    return power_law(flop, float(row["flop_unit"]), float(row["scale"]), float(row["exponent"]))


@dataclass(frozen=True)
class Split:
    """One way to spend a FLOP budget: whose advice it is, and how many parameters it takes."""

    name: str
    parameters: float
    flop: float

    @property
    def tokens(self) -> float:
        """Tokens that the rest of the FLOP go to."""
        tokens: float = tokens_for(self.flop, self.parameters)
        return tokens

    @property
    def ratio(self) -> float:
        """Tokens a parameter."""
        return self.tokens / self.parameters


def splits(parameters: float, flop: float, family: str) -> list[Split]:
    """Return the ways to spend `flop`: the one taken, named `family`, then Kaplan et al.'s, then each fit's best."""
    best = [Split(fit.name, fit.optimal_parameters(flop), flop) for fit in fits().values()]
    return [Split(family, parameters, flop), Split("Kaplan et al. 2020", kaplan_parameters(flop), flop), *best]
