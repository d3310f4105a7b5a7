"""What each change between two scenarios does to the plan: one assumption after the other, each planned anew."""

from dataclasses import dataclass

from analysis.notes.planned import Planned
from analysis.plan.interval import Interval
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

#: Assumptions that only together give a valid scenario.
_TOGETHER = (("model", "parameters"), ("accelerator", "precision", "peak"))
#: What plans do not read: the division's asked.
_OF_THE_DIVISION = ("utilization", "peak")


@dataclass(frozen=True)
class Step:
    """The accelerators after the assumptions `names` have changed too, None without a plan, and what that multiplies them by."""

    names: tuple[str, ...]
    chips: Interval | None
    factor: float


def groups(base: Scenario, scenario: Scenario) -> list[tuple[str, ...]]:
    """Return the assumptions that differ, those that go together as one, in the order of the scenario's fields."""
    fields = ("model", *ASSUMPTIONS)
    changed = [name for name in dict.fromkeys(fields) if getattr(base, name, None) != getattr(scenario, name, None)]
    differing: list[tuple[str, ...]] = []
    for name in changed:
        together = next((names for names in _TOGETHER if name in names), (name,))
        if together not in differing:
            differing.append(together)
    return differing


def steps(base: Planned, asked: Planned, part: str) -> list[Step]:
    """Return what each change makes of the accelerators of `part`, changes that leave them left out."""
    made, at, before = [], base.scenario, base.chips(part)
    for names in groups(base.scenario, asked.scenario):
        if set(names) <= set(_OF_THE_DIVISION):
            continue
        at = at.model_copy(update={name: getattr(asked.scenario, name) for name in names})
        after = Planned(at).chips(part)
        factor = after.expected / before.expected if after and before and before.expected else float("nan")
        if factor != 1:
            made.append(Step(names, after, factor))
        before = after
    return made
