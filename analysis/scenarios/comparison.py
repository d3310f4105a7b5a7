"""Two scenarios side by side: what was changed, what that does to every result, and which change does how much.

The decomposition puts one change after the other onto the first scenario, each alone. The formulas multiply and divide,
so that the factors of single changes multiply to the whole; what they leave is named, and is 1 but for rounding.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

#: Assumptions that only together give a valid scenario: the chip, its format, and the peak that they set.
_TOGETHER = ("accelerator", "precision", "peak")
#: The results that the decomposition explains: before rounding, so that a small change is not lost in it.
EXPLAINED = ("training.accelerators_exact", "inference.accelerators_exact")


@dataclass(frozen=True)
class Change:
    """An assumption that differs: its value in the first and in the second scenario, and as people write these."""

    name: str
    before: Any
    after: Any
    before_written: str
    after_written: str


@dataclass(frozen=True)
class Effect:
    """A result in the first and in the second scenario, and the second over the first."""

    name: str
    before: float
    after: float
    ratio: float


@dataclass(frozen=True)
class Step:
    """What one change, alone, multiplies a result by; `names` are the assumptions that change together."""

    names: tuple[str, ...]
    factor: float


@dataclass(frozen=True)
class Comparison:
    """Two scenarios compared. `steps` and `rest` are by the name of the result that they explain."""

    before: Scenario
    after: Scenario
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    steps: Mapping[str, tuple[Step, ...]]
    rest: Mapping[str, float]


def compare(before: Scenario, after: Scenario) -> Comparison:
    """Return what differs between two scenarios. Effects and steps come with the largest first."""
    changes = tuple(
        Change(
            name,
            *(value(scenario, name) for scenario in (before, after)),
            *(_written(scenario, name) for scenario in (before, after)),
        )
        for name in ASSUMPTIONS
        if value(before, name) != value(after, name)
    )
    old, new = estimate(before).flat(), estimate(after).flat()
    effects = [Effect(name, old[name], new[name], new[name] / old[name]) for name in old if new[name] != old[name]]
    groups = _groups([change.name for change in changes])
    alone = {group: _estimate_with(before, after, group) for group in groups}
    steps, rest = {}, {}
    for name in EXPLAINED:
        factors = [Step(group, results[name] / old[name]) for group, results in alone.items()]
        steps[name] = tuple(sorted((step for step in factors if step.factor != 1), key=_size, reverse=True))
        rest[name] = new[name] / old[name] / math.prod(step.factor for step in factors)
    # To six digits, so that results which change alike stay in the order in which they are computed.
    effects.sort(key=lambda effect: round(abs(math.log(effect.ratio)), 6), reverse=True)
    return Comparison(before, after, changes, tuple(effects), steps, rest)


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values, for JSON."""
    return {
        "before": comparison.before.title,
        "after": comparison.after.title,
        "assumptions": [{"name": change.name, "before": change.before, "after": change.after} for change in comparison.changes],
        "results": [
            {"name": effect.name, "before": effect.before, "after": effect.after, "ratio": effect.ratio}
            for effect in comparison.effects
        ],
        "decomposition": {
            name: {
                "steps": [{"assumptions": list(step.names), "factor": step.factor} for step in comparison.steps[name]],
                "rest": comparison.rest[name],
            }
            for name in EXPLAINED
        },
    }


def value(scenario: Scenario, name: str) -> Any:
    """Return the value of the assumption `name`; of a peak that is left out, the chip's."""
    return scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name)


def _written(scenario: Scenario, name: str) -> str:
    return ASSUMPTIONS[name].written(value(scenario, name))


def _groups(names: list[str]) -> list[tuple[str, ...]]:
    """Return the changed assumptions, those that only change together as one."""
    together = tuple(name for name in names if name in _TOGETHER)
    alone: list[tuple[str, ...]] = [(name,) for name in names if name not in _TOGETHER]
    return [*alone, together] if together else alone


def _estimate_with(before: Scenario, after: Scenario, names: tuple[str, ...]) -> dict[str, float]:
    """Return the results of `before` with the assumptions `names` as `after` has them."""
    taken = _TOGETHER if names[0] in _TOGETHER else names
    return estimate(before.model_copy(update={name: getattr(after, name) for name in taken})).flat()


def _size(step: Step) -> float:
    return abs(math.log(step.factor))
