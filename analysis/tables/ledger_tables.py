"""Tables of the ledger of assumptions, each narrow enough for a phone."""

from dataclasses import fields
from typing import Any

import annotated_types
import pandas as pd

from analysis import documented, numerals
from analysis.economics import coefficients
from analysis.inference.deployments import ENGINES
from analysis.risk import assumption_ranges
from analysis.scenarios import elasticity
from analysis.scenarios.alternatives import GROUPS
from analysis.scenarios.assumption import NOT_GIVEN
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.scenarios.titles import assumption_title
from analysis.tables import estimate_tables

_PARTS = {"training": "To train", "inference": "To serve"}


def values(scenario: Scenario) -> pd.DataFrame:
    """Return every assumption with what it means, the scenario's value, and what may be put in its place."""
    return pd.DataFrame(
        [
            {
                "Assumption": f"{_title(name)} ({about.chinese})\n{about.help}",
                "Value, and what is allowed": f"{_value(scenario, name)}\n{_allowed(name)}",
            }
            for name, about in ASSUMPTIONS.items()
        ]
    )


def sources(scenario: Scenario) -> pd.DataFrame:
    """Return every assumption with the source of the scenario's value, and how far it was verified."""
    known = estimate_tables.assumptions(scenario)
    cited = zip(known["Source of the scenario's value"], known["Verified"], strict=True)
    return pd.DataFrame(
        [
            {"Assumption": _title(name), "Source": f"{source}\nVerified: {verified}"}
            for name, (source, verified) in zip(ASSUMPTIONS, cited, strict=True)
        ]
    )


def effects(scenario: Scenario) -> pd.DataFrame:
    """Return what each assumption moves: the elasticity of the accelerators, and their factor over the plausible range."""
    ranges = assumption_ranges.load(scenario)
    powers = {part: elasticity.elasticities(formula) for part, formula in elasticity.RESULTS.items()}
    return pd.DataFrame(
        [
            {"Assumption": _title(name)}
            | {title: _effect(powers[part].get(name), ranges.get(name)) for part, title in _PARTS.items()}
            for name in ASSUMPTIONS
            if any(name in powers[part] for part in _PARTS)
        ]
    )


def unmoved() -> list[str]:
    """Return the assumptions that move neither result of the deck's formula, by their titles as a sentence has them.

    Those that say an assumption of the formula in another way, and those of fine-tuning and reinforcement learning, which the
    formula does not treat, are left out.
    """
    moved = {name for formula in elasticity.RESULTS.values() for name in elasticity.elasticities(formula)}
    through_others = {name for (_, *ways) in GROUPS for way in ways for name in way}
    other_work = {name for name in ASSUMPTIONS if name.startswith(("tuning_", "rl_"))}
    titles = [_title(name) for name in ASSUMPTIONS if name not in moved | through_others | other_work]
    return [title if title[:2].isupper() else f"{title[0].lower()}{title[1:]}" for title in titles]


def constants(expected: Any, fitted: Any, spread: dict[str, float]) -> pd.DataFrame:
    """Return the constants of a model: what each is, what it was expected to be, and what the fit made of it.

    `expected` and `fitted` are of one dataclass whose fields have comments; `spread` is the standard deviation of the
    logarithm by which a fitted constant may lie from what was expected (of its log-odds, for some shares).
    """
    comments = documented.fields(type(expected))
    rows = []
    for field in fields(expected):
        was, came = getattr(expected, field.name), getattr(fitted, field.name)
        free = field.name in spread
        fitted_too = free or came != was
        rows.append(
            {
                "Constant": f"{_constant(field.name)}\n{comments[field.name]}",
                "Expected": numerals.plain(was) + (f"\nspread {numerals.percent(spread[field.name])}" if free else ""),
                "Fitted": numerals.plain(came, 3) if fitted_too else "assumed",
            }
        )
    return pd.DataFrame(rows)


def chain_coefficients(scenario: Scenario) -> pd.DataFrame:
    """Return the coefficients of the industry chain and of owning: what is expected, between which ends, and the source."""
    return pd.DataFrame(
        [
            {
                "Coefficient": f"{coefficient.meaning[0].upper()}{coefficient.meaning[1:]}\n{_unit(coefficient)}".strip(),
                "Expected": f"{_number(coefficient.expected)}\n{_number(coefficient.low)} to {_number(coefficient.high)}",
                "Source": f"{coefficient.source}\nVerified: {coefficient.verified}",
            }
            for coefficient in (coefficients.load(scenario.accelerator) | coefficients.of_owning()).values()
        ]
    )


def _unit(coefficient: coefficients.Coefficient) -> str:
    return "" if coefficient.unit == "ratio" else coefficient.unit


def _title(name: str) -> str:
    return assumption_title(name)


def _constant(name: str) -> str:
    """Return the name of a constant; one of an engine begins with that, as its makers write it."""
    for engine in ENGINES:
        prefix = engine.lower().replace("-", "_") + "_"
        if name.startswith(prefix):
            return f"{engine}, {name.removeprefix(prefix)}"
    return _title(name)


def _value(scenario: Scenario, name: str) -> str:
    value = scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name)
    about = ASSUMPTIONS[name]
    if value is None:
        return NOT_GIVEN
    what, _, per = ("" if about.shown else about.unit or "").partition("/")
    return " ".join(filter(None, [about.written(value), f"{what}s" if what else "", f"a {per}" if per else ""]))


def _allowed(name: str) -> str:
    about, bounds = ASSUMPTIONS[name], Scenario.model_fields[name].metadata
    least = [bound.ge for bound in bounds if isinstance(bound, annotated_types.Ge)]
    most = [bound.le for bound in bounds if isinstance(bound, annotated_types.Le)]
    if about.unit is None:
        return about.allowed
    return f"{about.written(least[0])} to {about.written(most[0])}"


def _effect(power: float | None, span: coefficients.Coefficient | None) -> str:
    if power is None:
        return "–"
    signed = f"{power:+g}".replace("-", "−")
    if span is None:
        return signed
    ends = sorted((end / span.expected) ** power for end in (span.low, span.high))
    return f"{signed}\n× {numerals.significant(ends[0], 2)} to {numerals.significant(ends[1], 2)}"


def _number(value: float) -> str:
    return numerals.plain(value, 3)
