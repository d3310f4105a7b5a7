"""What a risk does to a note's scenario: its plans under the stress, and what follows from them along the chain.

The scenario of such a note is that of the reader under the stress, and its base the same without.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from analysis import numerals
from analysis.economics import coefficients
from analysis.industry import pass_through
from analysis.languages.words import Words
from analysis.notes import findings
from analysis.notes.blocks import Block, Table, Text
from analysis.notes.findings import said
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.notes.thesis import Finding, Number
from analysis.plan.interval import Interval
from analysis.risk.risks import RISKS
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario, limits

#: Links of the chain that a note follows, each with the kind of quantity and what its figure divides by.
_LINKS = {"site": ("power", 1e6), "capital": ("money", 1e6)}
#: How strong a stress is tried, beside what it is; 1 is as it is, 0.5 half of the way on a logarithmic scale.
STRENGTHS = (0.5, 1.0, 1.5)
_MODULE = "analysis/risk/risks.py"


@dataclass(frozen=True)
class Effect:
    """A number before and under a stress, in accelerators, watts or dollars, by name and kind of quantity."""

    name: str
    kind: str
    before: Interval
    after: Interval

    @property
    def factor(self) -> float:
        """What the stress multiplies the number by."""
        return self.after.expected / self.before.expected

    @property
    def is_moved(self) -> bool:
        """Whether the stress changes it by more than rounding."""
        return abs(self.factor - 1) >= 0.005


def effects(request: Request, asked: Planned, base: Planned) -> list[Effect]:
    """Return what the stress does to the accelerators of each part, to the power of the site and to the capital for both.

    A plan reads no utilization, but predicts it; a stress on it multiplies the planned accelerators. The interval along the
    chain is that of the accelerators.
    """
    before = _chips(request, base, 1.0)
    after = _chips(request, asked, request.base.utilization / request.scenario.utilization)
    known = [part for part in before if part in after]
    told_effects = [Effect(f"{part}_accelerators", "count", before[part], after[part]) for part in known]
    if known:
        start = _chain(request.base, {part: before[part] for part in known}, "")
        end = _chain(request.scenario, {part: after[part] for part in known}, request.risk)
        told_effects += [Effect(name, kind, start[name], end[name]) for name, (kind, _) in _LINKS.items()]
    return told_effects


def _chips(request: Request, planned: Planned, factor: float) -> dict[str, Interval]:
    chips = {part: planned.chips(part) for part in request.parts}
    return {part: value * factor for part, value in chips.items() if value is not None}


def _chain(scenario: Scenario, chips: dict[str, Interval], risk: str) -> dict[str, Interval]:
    """Return each of `_LINKS` for the accelerators `chips`, with coefficients as expected, but for those that `risk` moves."""
    known = coefficients.load(scenario.accelerator)
    moved = {name: getattr(known[name], end) for name, end in (RISKS[risk].ends if risk else {}).items()}
    values = coefficients.expected(known) | moved
    ends: dict[str, list[float]] = {name: [] for name in _LINKS}
    for end in ("low", "expected", "high"):
        if not all(math.isfinite(getattr(value, end)) for value in chips.values()):
            for link in ends.values():
                link.append(math.inf)
            continue
        need = pass_through.Demand(*(getattr(chips[part], end) if part in chips else 0.0 for part in ("training", "inference")))
        units = pass_through.by_part(need, scenario.accelerators_per_server, values)
        for name, link in ends.items():
            link.append(float(units["training"][name] + units["serving"][name]))
    return {name: Interval(*numbers) for name, numbers in ends.items()}


def message(request: Request, told_effects: list[Effect], words: Words) -> Iterator[str]:
    """Yield what the risk is, and what it does to the last link that is known."""
    risk = RISKS[request.risk]
    title = risk.chinese if words.language == "zh" else risk.title
    yield words("labelled", label=title, text=words.quoted(risk.mechanism))
    if not any(effect.is_moved for effect in told_effects):
        yield words("stress_unchanged")
        return
    told = [effect for effect in told_effects if effect.name != "site" and (effect.is_moved or effect.name == "capital")]
    yield words("stress_list").join(_told(effect, words) for effect in told) + words("stop")


def _said(effect: Effect, words: Words) -> str:
    """Return what a number is under the stress, with its interval; dollars in Chinese with renminbi beside."""
    return findings.money(effect.after, words) if effect.kind == "money" else said(words, effect.kind, effect.after)


def _told(effect: Effect, words: Words) -> str:
    before = words(effect.kind, value=words.amount(effect.kind, effect.before.expected))
    name = f"stress {effect.name}" if effect.is_moved else "stress same"
    return words(
        name, result=words(effect.name), before=before, after=_said(effect, words),
        factor=numerals.significant(effect.factor),
    )  # fmt: skip


def key_data(told_effects: list[Effect], words: Words) -> Iterator[tuple[str, str]]:
    """Yield each number under the stress, with its interval."""
    for effect in told_effects:
        yield words(effect.name), _said(effect, words)


def argued(request: Request, asked: Planned, base: Planned, told_effects: list[Effect], words: Words) -> Iterator[Finding]:
    """Yield a finding for each number that the stress moves, and what another strength of it, or another chip, would do."""
    for effect in (effect for effect in told_effects if effect.is_moved):
        part = "training" if effect.name.startswith("training") else request.parts[-1]
        scale = _LINKS.get(effect.name, ("", 1.0))[1]
        rows = [(words("without stress"), effect.before * (1 / scale)), (words("under stress"), effect.after * (1 / scale))]
        axis = words(f"{effect.name}_axis" if effect.name in _LINKS else "accelerators")
        sentence = _told(effect, words) + words("stop")
        figure = findings.rows_figure(
            rows, words, title=words(effect.name), subtitle=words("stress_lines"), axis=axis, module=_MODULE
        )
        yield Finding(part, sentence, Number(effect.after, said(words, effect.kind, effect.after)), figure)
    if told_effects and told_effects[-1].is_moved:
        yield from _strengths(request, base, told_effects[-1], words)
    if request.base.accelerator != request.scenario.accelerator:
        yield from findings.other_chips(base, request.parts[-1], words)


def at_strength(base: Scenario, under: Scenario, strength: float) -> Scenario | None:
    """Return `base` under a stress of another strength: each number that differs goes `strength` of the way, on a logarithm.

    None where something else than numbers differs, or nothing does.
    """
    names = [name for name in ASSUMPTIONS if getattr(base, name) != getattr(under, name)]
    if not names or any(ASSUMPTIONS[name].unit is None or None in (getattr(base, name), getattr(under, name)) for name in names):
        return None
    update = {}
    for name in names:
        start, end = getattr(base, name), getattr(under, name)
        low, high = limits(name)
        update[name] = min(high, max(low, start * (end / start) ** strength))
    return under.model_copy(update=update)


def _strengths(request: Request, base: Planned, as_it_is: Effect, words: Words) -> Iterator[Finding]:
    rows, factors = [(words("without stress"), as_it_is.before)], {}
    for strength in STRENGTHS:
        under = at_strength(request.base, request.scenario, strength)
        if under is None:
            return
        effect = as_it_is if strength == 1 else effects(replace(request, scenario=under), Planned(under), base)[-1]
        if effect.name != as_it_is.name:
            return
        rows.append((words(f"strength {strength}"), effect.after))
        factors[strength] = effect.factor
    half, more = (numerals.significant(factors[strength]) for strength in (STRENGTHS[0], STRENGTHS[-1]))
    sentence = words("stress_strength", result=words(as_it_is.name), half=half, more=more)
    scale = _LINKS[as_it_is.name][1]
    figure = findings.rows_figure(
        [(name, value * (1 / scale)) for name, value in rows], words, title=words("stress_strength_title"),
        subtitle=words("stress_lines"), axis=words(f"{as_it_is.name}_axis"), module=_MODULE,
    )  # fmt: skip
    last = rows[-1][1]
    yield Finding(request.parts[-1], sentence, Number(last, said(words, as_it_is.kind, last)), figure)


def blocks(request: Request, asked: Planned, base: Planned, told_effects: list[Effect], words: Words) -> Iterator[Block]:
    """Yield the stress in a sentence, and the table of its effects along the chain."""
    yield Text(words.quoted(request.stress))
    for part in request.parts:
        if reason := asked.reason(part) or base.reason(part):
            yield Text(words("unplanned", part=words(part), reason=reason))
    if told_effects:
        rows = [
            {
                words("result"): words(effect.name),
                words("without stress"): words(effect.kind, value=words.amount(effect.kind, effect.before.expected)),
                words("under stress"): said(words, effect.kind, effect.after),
                words("factor"): f"×\N{NO-BREAK SPACE}{numerals.significant(effect.factor)}",
            }
            for effect in told_effects
        ]
        yield Table(pd.DataFrame(rows), words("stress_caption"))
