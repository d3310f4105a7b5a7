"""What a note holds: its title block, and sections of sentences, tables and charts, every number in them computed."""

import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

import altair as alt
import numpy as np
import pandas as pd

from analysis import facts, numerals
from analysis.figures import comparison as comparison_figures
from analysis.figures import inference as inference_figures
from analysis.figures import note as figures
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.languages.words import Words
from analysis.notes import formulas, results, work
from analysis.notes.blocks import Block, Chart, Note, Section, Table, Text
from analysis.notes.request import Request
from analysis.notes.results import LINES, Line, Results
from analysis.report import digest
from analysis.scenarios import comparison
from analysis.scenarios.comparison import Comparison, Step
from analysis.scenarios.estimate import estimate_with_deck_slip
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.tables import estimate_tables
from analysis.validation import held_out, training_validation

#: Lines that the table of key results leaves out: the workbook has them.
_INTERMEDIATE = ("_accelerators_exact", "_rate")
#: Lines that the deck prints too; `data/deck_claims.csv` has them under the same names.
_PRINTED = (
    "training_flop",
    "training_accelerators",
    "training_servers",
    "inference_flop",
    "inference_accelerators",
    "inference_servers",
)
_PACKAGES = ("altair", "vl-convert-python", "sympy", "typst", "xlsxwriter")


def make(request: Request) -> Note:
    """Return the note that `request` asks for."""
    words = Words(request.language)
    changed, base = results.results(request.scenario), results.results(request.base)
    compared = comparison.compare(request.base, request.scenario)
    summary = tuple(_summary(request, changed, base, words))
    sections = [
        Section(words("summary"), tuple(map(Text, (*filter(None, [request.scenario.description]), *summary)))),
        Section(words("key"), tuple(_key(request, changed, base, words))),
        Section(words("printed"), tuple(_printed(request, changed, words))),
        Section(words("differs"), tuple(_differences(request, compared, words))),
        Section(words("work"), tuple(work.blocks(request, words))),
        Section(words("assumptions"), (_assumptions(request, words),)),
        Section(words("method"), tuple(_method(request, words))),
        Section(words("risks"), tuple(_risks(request, words))),
        Section(words("disclaimer"), (Text(words("disclaimer_text")),)),
        Section(words("receipt"), (Text(words("receipt_text")), _receipt(request, words))),
    ]
    return Note(
        request, tuple(_facts(request, words)), summary, tuple(section for section in sections if section.blocks), changed, base
    )


def shown(request: Request) -> Iterator[Line]:
    """Yield the lines of the parts that the note is about."""
    return (line for line in LINES if line.part in request.parts)


def _facts(request: Request, words: Words) -> Iterator[tuple[str, str]]:
    named = {
        "author": request.author,
        "date": request.date,
        "scenario": words.quoted(request.scenario.title),
        "base": "" if request.base == request.scenario else words.quoted(request.base.title),
    }
    return ((words(name), text) for name, text in named.items() if text)


def _summary(request: Request, changed: Results, base: Results, words: Words) -> Iterator[str]:
    scenario, published = request.scenario, results.reached(request.scenario)
    for part in request.parts:
        reached, values = published[part], changed.values
        chips, servers = f"{part}_accelerators", f"{part}_servers"
        yield words(
            f"{part}_summary",
            parameters=numerals.plain(scenario.parameters),
            tokens=numerals.plain(scenario.training_tokens if part == "training" else values["inference_tokens"]),
            flop=numerals.plain(values[f"{part}_flop"]),
            time=words.written("training_time", scenario.training_time),
            utilization=numerals.percent(scenario.utilization),
            accelerators=numerals.whole(values[chips]),
            servers=numerals.whole(values[servers]),
            chip=scenario.accelerator,
            precision=scenario.precision,
            low=numerals.percent(reached.low),
            high=numerals.percent(reached.high),
            what=words(reached.what),
            few=numerals.whole(changed.low[chips]),
            many=numerals.whole(changed.high[chips]),
        )
        if not reached.low <= scenario.utilization <= reached.high:
            high = scenario.utilization > reached.high
            yield words("outside", what=words(reached.what), word=words("optimistic" if high else "pessimistic"))
        if base.values[chips] != values[chips]:
            yield _change(part, base, changed, words)


def _change(part: str, base: Results, changed: Results, words: Words) -> str:
    chips = f"{part}_accelerators"
    before, after = base.values[chips], changed.values[chips]
    return words(
        "more",
        result=words(chips),
        before=numerals.whole(before),
        after=numerals.whole(after),
        factor=numerals.significant(after / before),
    )


def _key(request: Request, changed: Results, base: Results, words: Words) -> Iterator[Block]:
    rows = []
    for line in shown(request):
        value = changed.values[line.name]
        if line.name.endswith(_INTERMEDIATE) or np.isnan(value):
            continue
        low, high, before = changed.low[line.name], changed.high[line.name], base.values[line.name]
        known = not np.isnan(before)
        rows.append({
            words("result"): words(line.name),
            words("estimate"): words.quantity(line.quantity, value),
            words("interval"): "–" if low == high else " – ".join(
                words.number(line.quantity, end) for end in (low, high)
            ),
            words("base"): words.quantity(line.quantity, before) if known else "–",
            words("factor"): f"×\N{NO-BREAK SPACE}{numerals.significant(value / before)}" if known else "–",
        })  # fmt: skip
    frame = pd.DataFrame(rows)
    if request.scenario == request.base:
        frame = frame.drop(columns=[words("base"), words("factor")])
    reached = results.reached(request.scenario)
    groups = " / ".join(dict.fromkeys(words(f"group_{reached[part].what}") for part in request.parts))
    yield Table(frame, words("key_caption", group=groups))
    yield Chart(_intervals(request, changed, base, words))


def _intervals(request: Request, changed: Results, base: Results, words: Words) -> alt.LayerChart:
    rows, printed = [], _printed_values() if _is_deck(request.base) else {}
    for part in request.parts:
        name = f"{part}_accelerators"
        rows.append(
            {
                "part": words(part),
                "low": changed.low[name],
                "high": changed.high[name],
                "own": changed.values[name],
                "base": base.values[name],
                "printed": printed.get(name),
            }
        )
    frame = pd.DataFrame(rows).dropna(axis="columns", how="all")
    named = {"own": words("this note"), "base": words("base"), "printed": words("deck prints")}
    if request.scenario == request.base:
        frame = frame.drop(columns="base")
    return figures.intervals(frame, {key: text for key, text in named.items() if key in frame}, words)


def _is_deck(scenario: Scenario) -> bool:
    return all(getattr(scenario, name) == getattr(DECK, name) for name in ASSUMPTIONS)


@cache
def _printed_values() -> dict[str, float]:
    """Return what the deck prints, by the name of the line."""
    claims = facts.read("deck_claims").set_index("claim")["printed"]
    return {name: float(claims[name]) for name in _PRINTED}


def _printed(request: Request, changed: Results, words: Words) -> Iterator[Block]:
    """Yield what the deck prints beside its recomputation, where the note is held against the deck."""
    if not _is_deck(request.base):
        return
    printed, deck = _printed_values(), results.evaluate(results.inputs(DECK))
    if "inference" in request.parts:
        yield Text(
            words(
                "printed_text",
                printed=numerals.whole(printed["inference_accelerators"]),
                corrected=numerals.whole(deck["inference_accelerators"]),
                tokens=numerals.plain(DECK.training_tokens),
                parameters=numerals.plain(DECK.parameters),
                factor=numerals.significant(
                    estimate_with_deck_slip(DECK).accelerators_exact / deck["inference_accelerators_exact"]
                ),
            )
        )
    rows = [
        {
            words("result"): words(line.name),
            words("deck prints"): words.quantity(line.quantity, printed[line.name]),
            words("deck recomputed"): words.quantity(line.quantity, deck[line.name]),
            words("this note"): words.quantity(line.quantity, changed.values[line.name]),
        }
        for line in shown(request)
        if line.name in printed
    ]
    yield Table(pd.DataFrame(rows), words("printed_caption"))
    if "inference" in request.parts:
        yield Chart(inference_figures.slip(request.scenario, printed["inference_accelerators"], "slip_note", words))


def _differences(request: Request, compared: Comparison, words: Words) -> Iterator[Block]:
    used = results.assumptions(request.parts)
    changes = [change for change in compared.changes if change.name in used]
    if not changes:
        yield Text(words("same"))
        return
    rows = [
        {
            words("assumption"): words.assumption(change.name),
            words("base"): words.written(change.name, change.before),
            words("this note"): words.written(change.name, change.after),
            words("why"): words.quoted(request.scenario.source(change.name)),
        }
        for change in changes
    ]
    yield Table(pd.DataFrame(rows), words("differs_caption", base=words.quoted(request.base.title)))
    ratios = {effect.name: effect for effect in compared.effects}
    for part in request.parts:
        name = f"{part}.accelerators_exact"
        steps = compared.steps[name]
        if name not in ratios:
            yield Text(words("unchanged", result=words(f"{part}_accelerators"), after=_whole(request.scenario, part)))
        if steps:
            listed = ", ".join(
                words("step", names=_named(step, words), factor=numerals.significant(step.factor)) for step in steps
            )
            yield Text(words("labelled", label=words(part), text=words("steps", steps=listed)))
            if len(steps) > 1:
                yield Chart(comparison_figures.factors(compared, name, words))


def _whole(scenario: Scenario, part: str) -> str:
    return numerals.whole(results.evaluate(results.inputs(scenario))[f"{part}_accelerators"])


def _named(step: Step, words: Words) -> str:
    return " + ".join(map(words.assumption, step.names))


def _assumptions(request: Request, words: Words) -> Table:
    scenario = request.scenario
    verified = dict(zip(ASSUMPTIONS, estimate_tables.assumptions(scenario)["Verified"], strict=True))
    rows = [
        {
            words("assumption"): words.assumption(name),
            words("value"): words.written(name, _value(scenario, name)),
            words("verified"): words(verified[name]),
            words("why"): words.quoted(scenario.source(name)),
        }
        for name in results.assumptions(request.parts)
    ]
    return Table(pd.DataFrame(rows), words("assumptions_caption"))


def _value(scenario: Scenario, name: str) -> object:
    return scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name)


def _method(request: Request, words: Words) -> Iterator[Block]:
    yield Text(words("method_text"))
    rows = [{words("result"): words(line.name), words("formula"): formulas.text(line)} for line in shown(request)]
    yield Table(pd.DataFrame(rows), words("method_caption"))
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


@cache
def _errors() -> pd.DataFrame:
    return training_validation.summary(held_out.read())


def _risks(request: Request, words: Words) -> Iterator[Block]:
    scenario = request.scenario
    for part in request.parts:
        reached = results.reached(scenario)[part]
        yield Text(
            words(
                "risk_utilization",
                part=words(part),
                utilization=numerals.percent(scenario.utilization),
                runs=numerals.whole(reached.runs),
                what=words(reached.what),
                middle=numerals.percent(reached.middle),
            )
        )
    marks = dict(zip(ASSUMPTIONS, estimate_tables.assumptions(scenario)["Verified"], strict=True))
    for risk, doubtful in (("risk_unverified", ("partly", "no")), ("risk_given", ("as given",))):
        names = [name for name in results.assumptions(request.parts) if marks[name] in doubtful]
        if names:
            yield Text(words(risk, names=words("comma").join(map(words.assumption, names))))
    if "inference" in request.parts:
        yield Text(words("risk_demand", time=words.written("serving_time", scenario.serving_time)))
        yield Text(words("risk_memory"))
    if "training" in request.parts:
        yield Text(words("risk_scale"))
    yield Text(words("risk_prices"))
    yield Text(words("risk_supply"))


def _receipt(request: Request, words: Words) -> Table:
    rows = {
        "receipt_command": request.command,
        "receipt_scenario": _digest(request.scenario),
        "receipt_base": _digest(request.base),
        "receipt_package": digest.package()[: digest.SHORT],
        "receipt_data": digest.data()[: digest.SHORT],
        "receipt_lock": digest.lock()[: digest.SHORT],
        "receipt_versions": ", ".join(
            [f"Python {'.'.join(platform.python_version_tuple()[:2])}", *(f"{name} {version(name)}" for name in _PACKAGES)]
        ),
    }
    frame = pd.DataFrame([[words(name), text] for name, text in rows.items() if text])
    frame.columns = [words("receipt"), words("value")]
    return Table(frame, words("receipt_digests"))


def _digest(scenario: Scenario) -> str:
    return digest.of_value({name: _value(scenario, name) for name in ASSUMPTIONS})[: digest.SHORT]
