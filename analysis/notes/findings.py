"""What a note finds: one sentence, one number and one figure each, all of the plan."""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from analysis import facts, numerals
from analysis.figures import note as figures
from analysis.languages.words import Words
from analysis.notes import planned as plans
from analysis.notes.blocks import Block, Chart, Text
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.notes.thesis import Figure, Finding, Number
from analysis.plan import scenario_training, serving_plan
from analysis.plan.interval import Interval

_TRAINING, _SERVING = "analysis/plan/training_plan.py", "analysis/plan/serving_plan.py"


def of_request(request: Request, asked: Planned, base: Planned, words: Words) -> Iterator[Finding]:
    """Yield the findings of the parts that the note is about."""
    for part in request.parts:
        if request.kind == "chips":
            yield from other_chips(asked, part, words)
            continue
        if asked.chips(part) is not None:
            yield from _counted(request, asked, base, part, words)
            yield from _time(asked, part, words)
        yield from other_chips(asked, part, words)
        if part == "training" and asked.training is not None:
            yield from _days(asked, words)
            yield from _sensitive_training(asked, words)
        if part == "inference" and asked.serving is not None:
            yield from _sensitive(asked, words)


def blocks(findings: Iterable[Finding]) -> Iterator[Block]:
    """Yield each finding's sentence and its chart."""
    for finding in findings:
        yield Text(finding.sentence)
        yield Chart(finding.figure.chart)


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


def money(value: Interval, words: Words) -> str:
    """Return dollars with their interval; in Chinese with renminbi beside, at the newest rate in data/exchange_rates.csv."""
    dollars = said(words, "money", value)
    if words.language != "zh":
        return dollars
    rate = facts.read("exchange_rates").sort_values("date").iloc[-1]
    yuan = words("yuan_amount", value=words.amount("count", value.expected * rate["per_dollar"]))
    return words("yuan", dollars=dollars, yuan=yuan, rate=numerals.plain(rate["per_dollar"], 3), date=str(rate["date"])[:10])


def _module(part: str) -> str:
    return _TRAINING if part == "training" else _SERVING


def _counted(request: Request, asked: Planned, base: Planned, part: str, words: Words) -> Iterator[Finding]:
    chips = asked.chips(part)
    if chips is None:
        return
    before = base.chips(part) if request.base != request.scenario else None
    rows = [(words("this note"), chips)] + ([] if before is None else [(words("base"), before)])
    sentence = words("finding_chips", part=words(part), chips=said(words, "count", chips))
    figure = rows_figure(rows, words, title=words(f"{part}_accelerators"), axis=words("accelerators"), module=_module(part))
    yield Finding(part, sentence, _number(words, "count", chips), figure)


def _time(asked: Planned, part: str, words: Words) -> Iterator[Finding]:
    parts = plans.shares(asked, part)
    names = list(parts)
    share = [numerals.percent(value) for value in parts.values()]
    if len(names) > 1:
        text = words("finding_time", first=words(names[0]), share=share[0], second=words(names[1]), other=share[1])
    else:
        text = words("finding_one_time", first=words(names[0]))
    shown = {words(name): value for name, value in parts.items()}
    title, axis, module = words("time_title"), words("time_axis"), _module(part)
    subtitle = words("labelled", label=words(part), text=text)
    chart = figures.shares(shown, words, title=title, subtitle=subtitle, axis=axis, module=module)
    data = pd.DataFrame({"part": list(shown), "share": list(shown.values())})
    labels = {"part": words("share_of"), "share": axis}
    figure = Figure(title, chart, data, "bars", "part", "share", (), labels, words("computed", module=module))
    largest = parts[names[0]]
    yield Finding(part, text, Number(Interval(largest, largest, largest), share[0]), figure)


def other_chips(asked: Planned, part: str, words: Words) -> Iterator[Finding]:
    counts = {name: value for name, value in plans.by_chip(asked, part).items() if isinstance(value, Interval)}
    if len(counts) < 2:
        return
    ordered = sorted(counts.items(), key=lambda item: item[1].expected)
    figure = rows_figure(
        ordered, words, title=words("chips_title"), subtitle=words("chips_subtitle", part=words(part)),
        axis=words("accelerators"), module=_module(part),
    )  # fmt: skip
    yield Finding(part, cheapest(asked, part, words), _number(words, "count", ordered[0][1]), figure)


def _days(asked: Planned, words: Words) -> Iterator[Finding]:
    run = asked.training
    if run is None:
        return
    curve = scenario_training.sizes(asked.scenario, scenario_training.Machine(run.chip.name, run.precision))
    asked_for = curve[curve["chips"] >= run.chips.expected]
    if len(asked_for) < 2:  # no more chips than the plan's were tried
        return
    rows = asked_for.iloc[[0, -1]]
    few, many = (Interval(row["low_days"], row["days"], row["high_days"]) for _, row in rows.iterrows())
    text = words(
        "finding_days", few=words.amount("count", rows["chips"].iloc[0]), many=words.amount("count", rows["chips"].iloc[-1]),
        late=said(words, "days", few), soon=said(words, "days", many),
    )  # fmt: skip
    title = words("days_title")
    chart = figures.days_by_chips(curve, words, title=title, subtitle=text, module=_TRAINING)
    data = curve[["chips", "days", "low_days", "high_days"]]
    labels = {
        "chips": words("accelerators"), "days": words("days_axis"),
        "low_days": words("low"), "high_days": words("high"),
    }  # fmt: skip
    source = words("computed", module=_TRAINING)
    figure = Figure(title, chart, data, "line", "chips", "days", ("low_days", "high_days"), labels, source)
    yield Finding("training", text, _number(words, "days", many), figure)


def _sensitive(asked: Planned, words: Words) -> Iterator[Finding]:
    plan = asked.serving
    if plan is None:
        return
    table = serving_plan.dependence(plan)
    table = table[np.isfinite(table["at low"]) & np.isfinite(table["at high"])]
    if table.empty:
        return
    ends = np.sort(table[["at low", "at high"]].to_numpy(), axis=1)
    expected = plan.chips.expected
    # Where both ends lie on one side of what is expected, the row reaches from there.
    rows = [
        (words(str(name)), Interval(min(low, expected), expected, max(high, expected)))
        for name, (low, high) in zip(table.index, ends, strict=True)
    ]
    first, (low, high) = rows[0][0], ends[0]
    text = words("finding_sensitive", first=first, low=words.amount("count", low), high=words.amount("count", high))
    figure = rows_figure(
        rows, words, title=words("sensitive_title"), subtitle=text, axis=words("sensitive_axis"), module=_SERVING
    )
    yield Finding("inference", text, _number(words, "count", rows[0][1]), figure)


def _sensitive_training(asked: Planned, words: Words) -> Iterator[Finding]:
    """Yield what the number of chips of a run depends on most, each input planned anew; nothing where chips are given."""
    run, scenario = asked.training, asked.scenario
    if run is None or not asked.in_time or scenario.training_accelerators or scenario.training_budget:
        return
    rows = [(words("slower"), run.chips)]
    for name in ("training_tokens", "training_time"):
        known = [Planned(scenario.model_copy(update={name: getattr(scenario, name) * factor})) for factor in (0.5, 2.0)]
        counts = [chips.expected for plan in known if plan.in_time and (chips := plan.chips("training")) is not None]
        if len(counts) == 2:
            rows.append((words(f"half {name}"), Interval(min(counts), run.chips.expected, max(counts))))
    bounded = [(name, value) for name, value in rows if plans.is_bounded(value)]
    if not bounded:
        return
    ordered = sorted(bounded, key=lambda row: row[1].low / row[1].high)
    name, widest = ordered[0]
    text = words("finding_sensitive", first=name, low=words.amount("count", widest.low), high=words.amount("count", widest.high))
    figure = rows_figure(
        ordered, words, title=words("sensitive_title"), subtitle=text, axis=words("accelerators"), module=_TRAINING
    )
    yield Finding("training", text, _number(words, "count", widest), figure)


def rows_figure(
    rows: Iterable[tuple[str, Interval]], words: Words, *, title: str, subtitle: str = "", axis: str, module: str
) -> Figure:
    """Return one row a case, with its name and its interval."""
    data = pd.DataFrame([
        {"part": name, "low": value.low, "value": value.expected, "high": value.high} for name, value in rows
    ])  # fmt: skip
    chart = figures.intervals(data, {"value": words("estimate")}, words, title=title, subtitle=subtitle, axis=axis, module=module)
    labels = {"part": words("case"), "value": axis, "low": words("low"), "high": words("high")}
    return Figure(title, chart, data, "intervals", "part", "value", ("low", "high"), labels, words("computed", module=module))


def _number(words: Words, kind: str, value: Interval) -> Number:
    return Number(value, said(words, kind, value))
