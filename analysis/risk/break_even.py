"""What would have to be true: the value of each assumption alone at which serving takes a given number of accelerators."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analysis.bounds import within
from analysis.industry import pass_through
from analysis.risk import assumption_ranges
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario, limits
from analysis.suggest import nearest

#: What serving depends on, in the order of the deck.
INPUTS = (
    "parameters", "peak", "utilization", "visits_per_day", "questions_per_visit", "characters_per_question",
    "tokens_per_character", "serving_time",
)  # fmt: skip


class BreakEvenError(ValueError):
    """A target or an assumption that can't be solved for; the message says what is allowed."""


@dataclass(frozen=True)
class BreakEven:
    """The value that reaches the target, NaN where no allowed one does, beside the scenario's and what is plausible."""

    name: str
    now: float
    needed: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the value is in the plausible range, outside of it, or not allowed at all."""
        if np.isnan(self.needed):
            return "impossible"
        return "plausible" if self.low <= self.needed <= self.high else "outside"


def solve(scenario: Scenario, name: str, accelerators: float) -> float:
    """Return the value of the assumption `name` with which serving takes so many `accelerators`, all others as they are.

    NaN where no value that a scenario may have does. Raises BreakEvenError.
    """
    if name not in INPUTS:
        raise BreakEvenError(f"serving does not depend on {name!r}{nearest(name, INPUTS)}; it does on: {', '.join(INPUTS)}")
    within(BreakEvenError, "accelerators", accelerators, 1e-300)
    values = pass_through.assumptions(scenario)

    def apart(log: float) -> float:
        return float(np.log(pass_through.demand_of(values | {name: np.exp(log)}).serving / accelerators))

    ends = np.log(limits(name))
    # The count rises or falls with each assumption all the way, so that it crosses the target once or never.
    if apart(ends[0]) * apart(ends[1]) > 0:
        return float("nan")
    return float(np.exp(brentq(apart, *ends, xtol=1e-14, rtol=1e-14)))


def solve_each(scenario: Scenario, accelerators: float) -> list[BreakEven]:
    """Return what each assumption alone would have to be, the nearest to what it is first. Raises BreakEvenError."""
    ranges, now = assumption_ranges.load(scenario), pass_through.assumptions(scenario)
    solved = [
        BreakEven(name, now[name], solve(scenario, name, accelerators), ranges[name].low, ranges[name].high) for name in INPUTS
    ]
    order = {"plausible": 0, "outside": 1, "impossible": 2}
    return sorted(solved, key=lambda solution: order[solution.verdict])


def written(solution: BreakEven) -> dict[str, str]:
    """Return the values of a BreakEven as people write them, with their units; what is solved for has three digits."""
    about = ASSUMPTIONS[solution.name]
    values = {field: getattr(solution, field) for field in ("now", "needed", "low", "high")}
    values["needed"] = float(f"{solution.needed:.3g}")
    return {field: "–" if np.isnan(value) else about.written(value) for field, value in values.items()}
