"""What a note finds: one sentence, one number and one chart each, all of the plan."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import note as figures
from analysis.languages.words import Words
from analysis.notes import planned as plans
from analysis.notes.blocks import Block, Chart, Text
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.plan import scenario_training, serving_plan
from analysis.plan.interval import Interval

_TRAINING, _SERVING = "analysis/plan/training_plan.py", "analysis/plan/serving_plan.py"


def blocks(request: Request, asked: Planned, base: Planned, words: Words) -> Iterator[Block]:
    """Yield the findings of the parts that the note is about, each a sentence and its chart."""
    for part in request.parts:
        if request.kind == "chips":
            yield from _other_chips(asked, part, words)
            continue
        if asked.chips(part) is not None:
            yield from _counted(request, asked, base, part, words)
            yield from _time(asked, part, words)
        yield from _other_chips(asked, part, words)
        if part == "training" and asked.training is not None:
            yield from _days(asked, words)
        if part == "inference" and asked.serving is not None:
            yield from _sensitive(asked, words)


def cheapest(asked: Planned, part: str, words: Words) -> str:
    """Return which chip does the work with the fewest, as a sentence; "" where fewer than two can be compared."""
    counts = {name: value for name, value in plans.by_chip(asked, part).items() if isinstance(value, Interval)}
    if len(counts) < 2:
        return ""
    best = min(counts, key=lambda name: counts[name].expected)
    return words("finding_cheapest", best=best, few=said(words, "count", counts[best]))


def said(words: Words, kind: str, value: Interval) -> str:
    """Return an interval as a sentence has it."""
    return words.interval(kind, value.low, value.expected, value.high)


def _module(part: str) -> str:
    return _TRAINING if part == "training" else _SERVING


def _counted(request: Request, asked: Planned, base: Planned, part: str, words: Words) -> Iterator[Block]:
    cases = {words("this note"): asked} | ({words("base"): base} if request.base != request.scenario else {})
    counts = {name: case.chips(part) for name, case in cases.items()}
    frame = pd.DataFrame([
        {"part": name, "low": value.low, "value": value.expected, "high": value.high}
        for name, value in counts.items() if value is not None
    ])  # fmt: skip
    yield Text(words("finding_chips", part=words(part), chips=said(words, "count", asked.chips(part) or Interval(0, 0, 0))))
    title = words(f"{part}_accelerators")
    yield Chart(figures.intervals(
        frame, {"value": words("estimate")}, words, title=title, axis=words("accelerators"), module=_module(part)
    ))  # fmt: skip


def _time(asked: Planned, part: str, words: Words) -> Iterator[Block]:
    parts = plans.shares(asked, part)
    names = list(parts)
    share = [numerals.percent(value) for value in parts.values()]
    if len(names) > 1:
        text = words("finding_time", first=words(names[0]), share=share[0], second=words(names[1]), other=share[1])
    else:
        text = words("finding_one_time", first=words(names[0]))
    yield Text(text)
    shown = {words(name): value for name, value in parts.items()}
    subtitle = words("labelled", label=words(part), text=text)
    yield Chart(figures.shares(
        shown, words, title=words("time_title"), subtitle=subtitle, axis=words("time_axis"), module=_module(part)
    ))  # fmt: skip


def _other_chips(asked: Planned, part: str, words: Words) -> Iterator[Block]:
    counts = {name: value for name, value in plans.by_chip(asked, part).items() if isinstance(value, Interval)}
    if len(counts) < 2:
        return
    ordered = sorted(counts.items(), key=lambda item: item[1].expected)
    yield Text(cheapest(asked, part, words))
    frame = pd.DataFrame([
        {"part": name, "low": value.low, "value": value.expected, "high": value.high} for name, value in ordered
    ])  # fmt: skip
    yield Chart(figures.intervals(
        frame, {"value": words("estimate")}, words, title=words("chips_title"),
        subtitle=words("chips_subtitle", part=words(part)), axis=words("accelerators"), module=_module(part),
    ))  # fmt: skip


def _days(asked: Planned, words: Words) -> Iterator[Block]:
    run = asked.training
    if run is None:
        return
    curve = scenario_training.sizes(asked.scenario, scenario_training.Machine(run.chip.name, run.precision))
    few, many = curve.iloc[0], curve.iloc[-1]
    days = {
        name: said(words, "days", Interval(row["low_days"], row["days"], row["high_days"]))
        for name, row in {"late": few, "soon": many}.items()
    }
    text = words("finding_days", few=words.amount("count", few["chips"]), many=words.amount("count", many["chips"]), **days)
    yield Text(text)
    yield Chart(figures.days_by_chips(curve, words, title=words("days_title"), subtitle=text, module=_TRAINING))


def _sensitive(asked: Planned, words: Words) -> Iterator[Block]:
    plan = asked.serving
    if plan is None:
        return
    table = serving_plan.dependence(plan)
    table = table[np.isfinite(table["at low"]) & np.isfinite(table["at high"])]
    if table.empty:
        return
    ends = np.sort(table[["at low", "at high"]].to_numpy(), axis=1)
    frame = pd.DataFrame({
        "part": [words(str(name)) for name in table.index], "low": ends[:, 0], "value": plan.chips.expected, "high": ends[:, 1]
    })  # fmt: skip
    first = frame.iloc[0]
    ends_said = {name: words.amount("count", first[name]) for name in ("low", "high")}
    text = words("finding_sensitive", first=first["part"], **ends_said)
    yield Text(text)
    yield Chart(figures.intervals(
        frame, {"value": words("estimate")}, words, title=words("sensitive_title"), subtitle=text, axis=words("sensitive_axis"),
        module=_SERVING,
    ))  # fmt: skip
