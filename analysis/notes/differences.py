"""What differs between a note's scenario and its base, and what each change does to the plan."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import note as figures
from analysis.languages.words import Words
from analysis.notes import change
from analysis.notes import planned as plans
from analysis.notes.blocks import Block, Chart, Table, Text
from analysis.notes.findings import said
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.scenarios import comparison
from analysis.scenarios.scenario import ASSUMPTIONS


def blocks(request: Request, asked: Planned, base: Planned, words: Words) -> Iterator[Block]:
    changed = [name for names in change.groups(request.base, request.scenario) for name in names]
    used = {name for scenario in (request.base, request.scenario) for name in plans.assumptions(scenario, request.parts)}
    rows = [
        {
            words("assumption"): words.assumption(name),
            words("base"): words.written(name, comparison.value(request.base, name)),
            words("this note"): words.written(name, comparison.value(request.scenario, name)),
            words("why"): words.quoted(request.scenario.source(name)),
        }
        for name in changed
        if (name in used or request.risk) and comparison.value(request.base, name) != comparison.value(request.scenario, name)
    ]
    if not rows:
        yield Text(words("same"))
        return
    yield Table(pd.DataFrame(rows), words("differs_caption", base=words.quoted(request.base.title)))
    if request.risk:  # its effect is told along the chain
        return
    for part in request.parts:
        yield from _factors(request, asked, base, part, words)


def _factors(request: Request, asked: Planned, base: Planned, part: str, words: Words) -> Iterator[Block]:
    before, after = base.chips(part), asked.chips(part)
    if before is None or after is None:
        return
    steps = [step for step in change.steps(base, asked, part) if step.chips is not None]
    if not steps:
        yield Text(words("unchanged", result=words(f"{part}_accelerators"), after=words.amount("count", after.expected)))
        return
    largest = max(steps, key=lambda step: abs(np.log(step.factor)) if np.isfinite(step.factor) else 0.0)
    text = words("changed_finding", first=_named(largest.names, request, words), factor=numerals.significant(largest.factor))
    yield Text(words("labelled", label=words(part), text=text))
    rows = [(words("base"), before)] + [(_named(step.names, request, words), step.chips) for step in steps if step.chips]
    frame = pd.DataFrame([
        {"part": name, "low": value.low, "value": value.expected, "high": value.high} for name, value in rows
    ])  # fmt: skip
    yield Chart(figures.intervals(
        frame, {"value": words("estimate")}, words, title=words("changed_title"), subtitle=text, axis=words("accelerators"),
        module="analysis/notes/change.py",
    ))  # fmt: skip
    table = pd.DataFrame([
        {words("assumption"): name, words("change_step"): said(words, "count", value)} for name, value in rows
    ])  # fmt: skip
    table[words("factor")] = ["–", *(f"×\N{NO-BREAK SPACE}{numerals.significant(step.factor)}" for step in steps)]
    about = {"before": words.amount("count", before.expected), "after": words.amount("count", after.expected)}
    yield Table(table, words("changed_caption", **about))


def _named(names: tuple[str, ...], request: Request, words: Words) -> str:
    """Return the names of assumptions, of those that go together what differs."""
    differ = [name for name in names if getattr(request.base, name) != getattr(request.scenario, name)]
    return " + ".join(map(words.assumption, [name for name in differ if name in ASSUMPTIONS] or names[-1:]))
