"""What a note holds: its title block, and sections of sentences, tables and charts, every number in them computed."""

import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

import numpy as np
import pandas as pd

from analysis import facts, numerals
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.languages.words import Words
from analysis.notes import differences, division, findings, stressed
from analysis.notes import planned as plans
from analysis.notes import receipt as receipts
from analysis.notes.blocks import Block, Note, Section, Table, Text
from analysis.notes.findings import said
from analysis.notes.planned import Planned
from analysis.notes.receipt import Receipt
from analysis.notes.request import Request
from analysis.notes.thesis import Thesis
from analysis.plan import of_scenario
from analysis.plan.interval import Interval
from analysis.report import digest
from analysis.scenarios import comparison
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.steps.shape import is_measured
from analysis.tables import estimate_tables
from analysis.validation import held_out, training_validation

#: What each kind of note tells between its message and its assumptions, in its order.
_TOLD = {
    "chips": ("findings", "compared_chips", "key", "differs"),
    "change": ("differs", "findings", "key", "compared_chips", "printed"),
    "correction": ("wrong", "findings", "key", "compared_chips"),
    "estimate": ("findings", "key", "compared_chips", "differs", "printed"),
    "risk": ("findings", "chain", "differs"),
} | dict.fromkeys(("run", "service"), ("findings", "key", "compared_chips"))
#: Quantities in the box on the first page, of all that the plan tells.
_BOXED = (
    "training_accelerators", "training_days", "training_rent", "training_owned", "inference_accelerators", "inference_speed",
    "inference_power", "inference_answer_rent", "inference_answer_owned",
)  # fmt: skip
_PACKAGES = ("altair", "vl-convert-python", "sympy", "typst", "xlsxwriter", "python-pptx")


def make(request: Request) -> Note:
    """Return the note that `request` asks for."""
    words = Words(request.language)
    asked = Planned(request.scenario)
    base = asked if request.base == request.scenario else Planned(request.base)
    stress_effects = stressed.effects(request, asked, base) if request.risk else []
    if request.risk:
        summary = tuple(stressed.message(request, stress_effects, words))
        argued = tuple(stressed.argued(request, asked, base, stress_effects, words))
        numbers = tuple(stressed.key_data(stress_effects, words))
    else:
        summary = tuple(_message(request, asked, base, words))
        argued = tuple(findings.of_request(request, asked, base, words))
        numbers = tuple(_key_data(request, asked, words))
    risks = tuple(_risks(request, words))
    tellers = {
        "key": lambda: _key(request, asked, base, words),
        "chain": lambda: stressed.blocks(request, asked, base, stress_effects, words),
        "wrong": lambda: division.wrong(request, asked, words),
        "differs": lambda: differences.blocks(request, asked, base, words),
        "findings": lambda: findings.blocks(argued),
        "compared_chips": lambda: _compared(request, asked, words),
        "printed": lambda: division.printed(request, asked, words),
    }
    made = receipts.receipt(request.command)
    sections = [
        Section(words("summary"), tuple(map(Text, (*filter(None, [words.quoted(request.scenario.description)]), *summary)))),
        *(Section(words(name), tuple(tellers[name]())) for name in _TOLD[request.kind]),
        Section(words("assumptions"), (_assumptions(request, words),)),
        Section(words("method"), tuple(_method(request, asked, words))),
        Section(words("risks"), tuple(map(Text, risks))),
        Section(words("receipt"), tuple(_receipt(request, made, words)), is_receipt=True),
        *_closing(request, words),
    ]
    thesis = Thesis(
        request.kind, request.language, request.title, request.author, request.date, summary,
        (*_key_facts(request, asked, words), *numbers), argued, tuple(_rests_on(request, asked, words)), risks,
    )  # fmt: skip
    shown = tuple(section for section in sections if section.blocks)
    return Note(request, tuple(_facts(request, words)), summary, shown, made, asked, base, thesis)


def _key_data(request: Request, asked: Planned, words: Words) -> Iterator[tuple[str, str]]:
    """Yield the name of each number in the box of key data, and the number with its interval."""
    for part in request.parts:
        for quantity in (quantity for quantity in asked.quantities(part) if quantity.name in _BOXED):
            kind = "money" if quantity.kind == "dollars" else quantity.kind  # dollars in full, not in millions
            yield words(quantity.name), said(words, kind, quantity.value)


def _key_facts(request: Request, asked: Planned, words: Words) -> Iterator[tuple[str, str]]:
    """Yield what the numbers in the box of key data are of: model, chip, and the day of the prices."""
    yield words("key_model"), _model(asked, words)
    yield words("chip"), request.scenario.accelerator
    yield words("key_prices"), str(facts.read("gpu_prices")["date"].max())[:10]


def _closing(request: Request, words: Words) -> Iterator[Section]:
    """Yield what a house has at the end of a note; of one without words of its own, the report's disclaimer."""
    for name, text in request.house.closing or (("disclaimer", words("disclaimer_text")),):
        yield Section(words(name), (Text(text),))


def _facts(request: Request, words: Words) -> Iterator[tuple[str, str]]:
    named = {
        "author": words("semicolon").join(by.line(words) for by in request.house.signatures) or request.author,
        "date": request.date,
        "scenario": words.quoted(request.scenario.title),
        "base": "" if request.base == request.scenario else words.quoted(request.base.title),
        "facts_date": before_facts(request.date, words) if receipts.is_before_facts(request.date) else "",
    }
    return ((words(name), text) for name, text in named.items() if text)


def _message(request: Request, asked: Planned, base: Planned, words: Words) -> Iterator[str]:
    """Yield what the note says first: of each part two sentences, and what changed against the base."""
    for part in request.parts:
        if request.corrects is not None and (chips := asked.chips(part)) is not None:
            about = {"title": request.corrects.title, "date": request.corrects.date, "part": words(part)}
            yield words("corrects", **about, **division.against(request, part, chips, words))
        if request.kind == "chips" and (cheapest := findings.cheapest(asked, part, words)):
            yield words("labelled", label=words(part), text=cheapest)
        if reason := asked.reason(part):
            yield words("unplanned", part=words(part), reason=reason)
            continue
        yield from _training_message(asked, words) if part == "training" else _serving_message(asked, words)
        before, after = base.chips(part), asked.chips(part)
        if before and after and before.expected != after.expected:
            yield words(
                "more",
                result=words(f"{part}_accelerators"),
                before=words.amount("count", before.expected),
                after=words.amount("count", after.expected),
                factor=numerals.significant(after.expected / before.expected),
            )
        if part == "inference" and request.kind in ("change", "chips"):
            yield from _dearer(asked, base, words)


def _dearer(asked: Planned, base: Planned, words: Words) -> Iterator[str]:
    """Yield what a million tokens of answers cost the owner of the chips before and after, where both are known and differ."""
    before, after = (None if case.serving is None else case.serving.owned_per_million_tokens for case in (base, asked))
    if before is not None and after is not None and before.expected != after.expected:
        factor = numerals.significant(after.expected / before.expected)
        yield words("dearer", before=findings.money(before, words), after=findings.money(after, words), factor=factor)


def _model(asked: Planned, words: Words) -> str:
    """Return the model's name; of one that only its size is known of, that."""
    if of_scenario.model_assumed(asked.scenario):
        return words("dense_model", parameters=words.amount("count", asked.scenario.parameters))
    return of_scenario.model(asked.scenario).name


def _training_message(asked: Planned, words: Words) -> Iterator[str]:
    run = asked.training
    assert run is not None
    scenario = asked.scenario
    about = {"model": _model(asked, words), "tokens": words.amount("tokens", run.tokens), "chip": run.chip.name,
             "chips": said(words, "count", run.chips), "days": said(words, "days", run.days)}  # fmt: skip
    if asked.in_time:
        yield words("training_message", **about)
    else:
        yield words("training_late", **about, time=words.written("training_time", scenario.training_time))
    sustained = said(words, "share", run.sustained)
    if run.cost.rent is None:
        yield words("training_second", sustained=sustained)
    else:
        yield words("training_paid", sustained=sustained, rent=findings.money(run.cost.rent, words))


def _serving_message(asked: Planned, words: Words) -> Iterator[str]:
    plan = asked.serving
    assert plan is not None
    yield words(
        "inference_message", model=_model(asked, words), chip=plan.chip.name, chips=said(words, "count", plan.chips),
        requests=words.amount("count", plan.requests.per_second), prompt=words.amount("tokens", plan.requests.prompt),
        answer=words.amount("tokens", plan.requests.answer),
    )  # fmt: skip
    targets = {"ttft": numerals.plain(plan.targets.first_token, 3), "tpot": numerals.plain(plan.targets.output_token, 3)}
    if plan.cost_per_million_tokens is None:
        yield words("inference_second", **targets)
    else:
        yield words("inference_paid", **targets, price=findings.money(plan.cost_per_million_tokens, words))


def _key(request: Request, asked: Planned, base: Planned, words: Words) -> Iterator[Block]:
    rows = []
    for part in request.parts:
        before = {quantity.name: quantity for quantity in base.quantities(part)}
        for quantity in asked.quantities(part):
            value, old = quantity.value, before.get(quantity.name)
            is_sure = value.low == value.high
            rows.append({
                words("result"): words(quantity.name),
                words("estimate"): words.quantity(quantity.kind, value.expected),
                words("interval"): "–" if is_sure else " – ".join(
                    words.number(quantity.kind, end) if np.isfinite(end) else words("no limit") for end in (value.low, value.high)
                ),
                words("base"): "–" if old is None else words.quantity(quantity.kind, old.value.expected),
                words("factor"): "–" if old is None or not old.value.expected
                else f"×\N{NO-BREAK SPACE}{numerals.significant(value.expected / old.value.expected)}",
            })  # fmt: skip
    if not rows:
        return
    frame = pd.DataFrame(rows)
    if request.scenario == request.base:
        frame = frame.drop(columns=[words("base"), words("factor")])
    yield Table(frame, words("planned_caption"))


def _compared(request: Request, asked: Planned, words: Words) -> Iterator[Block]:
    counts = {part: plans.by_chip(asked, part) for part in request.parts}
    chips = list(dict.fromkeys(name for part in counts.values() for name in part))
    rows = []
    for chip in chips:
        row, reasons = {words("chip"): chip}, []
        for part, known in counts.items():
            value = known[chip]
            row[words(f"{part}_accelerators")] = said(words, "count", value) if isinstance(value, Interval) else "–"
            reasons += [] if isinstance(value, Interval) else [value]
        rows.append(row | {words("why_not"): words("semicolon").join(dict.fromkeys(reasons)) or "–"})
    yield Table(pd.DataFrame(rows), words("compared_caption"))


def _assumptions(request: Request, words: Words) -> Table:
    scenario = request.scenario
    verified = dict(zip(ASSUMPTIONS, estimate_tables.assumptions(scenario)["Verified"], strict=True))
    rows = [
        {
            words("assumption"): words.assumption(name),
            words("value"): words.written(name, comparison.value(scenario, name)),
            words("verified"): words(verified[name]),
            words("why"): words.quoted(scenario.source(name)),
        }
        for name in plans.assumptions(scenario, request.parts)
    ]
    return Table(pd.DataFrame(rows), words("assumptions_caption"))


def _method(request: Request, asked: Planned, words: Words) -> Iterator[Block]:
    yield Text(words("method_text"))
    yield from map(Text, _rests_on(request, asked, words))
    errors = _errors()
    yield Text(
        words(
            "validation_text",
            constant=numerals.percent(training_validation.CONSTANT_UTILIZATION),
            whole_constant=numerals.percent(errors.loc[("whole runs", "40% MFU"), "median error"]),
            steps=numerals.percent(errors.loc[("training steps", "this report"), "median error"]),
            whole=numerals.percent(errors.loc[("whole runs", "this report"), "median error"]),
            writes=numerals.significant(np.exp(HALF_WIDTHS["output token"])),
            first=numerals.significant(np.exp(HALF_WIDTHS["first token"])),
        )
    )


def _rests_on(request: Request, asked: Planned, words: Words) -> Iterator[str]:
    """Yield what the plans rest on, and what they assume."""
    parts = {part: asked.training if part == "training" else asked.serving for part in request.parts}
    basis = {name: words(f"rests_{name}") if parts.get(name) is not None else "" for name in ("training", "inference")}
    yield words("rests_text", **basis).strip()
    planned = [plan for plan in parts.values() if plan is not None]
    if asked.serving is not None and asked.serving.requests.unsure and "inference" in request.parts:
        yield words("rests_ranges")
    if planned and not is_measured(planned[0].model.architecture):
        yield words("rests_widest")
    assumed = dict.fromkeys(
        text for plan in planned
        for text in (*of_scenario.model_assumed(request.scenario), *plan.assumed)
    )  # fmt: skip
    if assumed and words.language == "en":
        yield words("assumed_text", names=words("semicolon").join(assumed))


@cache
def _errors() -> pd.DataFrame:
    return training_validation.summary(held_out.read())


def _risks(request: Request, words: Words) -> Iterator[str]:
    scenario = request.scenario
    marks = dict(zip(ASSUMPTIONS, estimate_tables.assumptions(scenario)["Verified"], strict=True))
    for risk, doubtful in (("risk_unverified", ("partly", "no")), ("risk_given", ("as given",))):
        names = [name for name in plans.assumptions(scenario, request.parts) if marks[name] in doubtful]
        if names:
            yield words(risk, names=words("comma").join(map(words.assumption, names)))
    if "inference" in request.parts:
        yield words("risk_demand")
    if "training" in request.parts:
        yield words("risk_scale")
    yield words("risk_prices")
    yield words("risk_supply")


def _receipt(request: Request, made: Receipt, words: Words) -> Iterator[Block]:
    yield Text(words("receipt_text"))
    rows = {
        "receipt_command": made.command,
        "receipt_commit": words("receipt_changed", commit=made.commit)
        if made.changed
        else made.commit or words("receipt_unknown"),
        "receipt_lock": made.lock,
        "receipt_scenario": _digest(request.scenario),
        "receipt_base": _digest(request.base),
        "receipt_facts": words("comma").join(f"{name} {fact.date}" for name, fact in made.facts.items()),
        "receipt_versions": ", ".join(
            [f"Python {'.'.join(platform.python_version_tuple()[:2])}", *(f"{name} {version(name)}" for name in _PACKAGES)]
        ),
    }
    frame = pd.DataFrame([[words(name), text] for name, text in rows.items() if text])
    frame.columns = [words("receipt"), words("value")]
    yield Table(frame, words("receipt_digests"))


def before_facts(day: str, words: Words) -> str:
    """Return the sentence that the note's date lies before facts that it rests on."""
    row, name = receipts.newest()
    return words("before_facts", day=day, row=row, name=f"data/{name}.csv")


def _digest(scenario: Scenario) -> str:
    return digest.of_value({name: comparison.value(scenario, name) for name in ASSUMPTIONS})[: digest.SHORT]
