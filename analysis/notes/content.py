"""What a note holds: its title block, and sections of sentences, tables and charts, every number in them computed."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

import altair as alt
import numpy as np
import pandas as pd

from analysis import facts, numerals
from analysis.figures import comparison as comparison_figures
from analysis.figures import inference as inference_figures
from analysis.figures import note as figures
from analysis.hardware import accelerators
from analysis.industry import supply
from analysis.inference import pass_time
from analysis.inference.inference_fitted import HALF_WIDTHS as _SERVER_WIDTHS
from analysis.notes import formulas, results
from analysis.notes.request import Request
from analysis.notes.results import LINES, Line, Results
from analysis.notes.words import Words
from analysis.report import digest
from analysis.scenarios import comparison
from analysis.scenarios.comparison import Comparison, Step
from analysis.scenarios.estimate import estimate_with_deck_slip
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.tables import estimate_tables
from analysis.validation import held_out, training_validation

#: Lines that the table of key results leaves out: the workbook has them.
_INTERMEDIATE = ("_accelerators_exact", "_rate")
#: Lines of the deck's inference estimate and the claims that print them.
_PRINTED = {
    "training_flop": "training_flop",
    "training_accelerators": "training_accelerators",
    "training_servers": "training_servers",
    "inference_flop": "inference_flop",
    "inference_accelerators": "inference_accelerators",
    "inference_servers": "inference_servers",
}
_PACKAGES = ("altair", "vl-convert-python", "sympy", "typst", "xlsxwriter")

@dataclass(frozen=True)
class Text:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table of texts, with its caption."""

    frame: pd.DataFrame
    caption: str


@dataclass(frozen=True)
class Chart:
    """A chart, as functions of `analysis.figures` return it."""

    chart: alt.TopLevelMixin


Block = Text | Table | Chart


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Note:
    """A note, ready to be written as a page, a PDF or a workbook. `facts` are the lines of the title block."""

    request: Request
    facts: tuple[tuple[str, str], ...]
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    own: Results = field(repr=False)
    base: Results = field(repr=False)


def make(request: Request) -> Note:
    """Return the note that `request` asks for."""
    words = Words(request.language)
    own, base = results.results(request.scenario), results.results(request.base)
    compared = comparison.compare(request.base, request.scenario)
    summary = tuple(_summary(request, own, base, words))
    sections = [
        Section(words("summary"), tuple(map(Text, (*filter(None, [request.scenario.description]), *summary)))),
        Section(words("key"), tuple(_key(request, own, base, words))),
        Section(words("printed"), tuple(_printed(request, own, words))),
        Section(words("differs"), tuple(_differences(request, compared, words))),
        Section(words("work"), tuple(_work(request, words))),
        Section(words("assumptions"), (_assumptions(request, words),)),
        Section(words("method"), tuple(_method(request, words))),
        Section(words("risks"), tuple(_risks(request, words))),
        Section(words("disclaimer"), (Text(words("disclaimer_text")),)),
        Section(words("receipt"), (Text(words("receipt_text")), _receipt(request, words))),
    ]
    return Note(
        request, tuple(_facts(request, words)), summary, tuple(one for one in sections if one.blocks), own, base
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


def _summary(request: Request, own: Results, base: Results, words: Words) -> Iterator[str]:
    scenario, published = request.scenario, results.reached(request.scenario)
    for part in request.parts:
        reached, values = published[part], own.values
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
            few=numerals.whole(own.low[chips]),
            many=numerals.whole(own.high[chips]),
        )
        if not reached.low <= scenario.utilization <= reached.high:
            high = scenario.utilization > reached.high
            yield words("outside", what=words(reached.what), word=words("optimistic" if high else "pessimistic"))
        if base.values[chips] != values[chips]:
            yield _change(part, base, own, words)


def _change(part: str, base: Results, own: Results, words: Words) -> str:
    chips = f"{part}_accelerators"
    before, after = base.values[chips], own.values[chips]
    return words(
        "more",
        result=words(chips),
        before=numerals.whole(before),
        after=numerals.whole(after),
        factor=numerals.significant(after / before),
    )


def _key(request: Request, own: Results, base: Results, words: Words) -> Iterator[Block]:
    rows = []
    for line in shown(request):
        value = own.values[line.name]
        if line.name.endswith(_INTERMEDIATE) or np.isnan(value):
            continue
        low, high, before = own.low[line.name], own.high[line.name], base.values[line.name]
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
    yield Chart(_intervals(request, own, base, words))


def _intervals(request: Request, own: Results, base: Results, words: Words) -> alt.LayerChart:
    rows, printed = [], _printed_values() if _is_deck(request.base) else {}
    for part in request.parts:
        name = f"{part}_accelerators"
        rows.append({
            "part": words(part),
            "low": own.low[name],
            "high": own.high[name],
            "own": own.values[name],
            "base": base.values[name],
            "printed": printed.get(name),
        })
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
    return {name: float(claims[claim]) for name, claim in _PRINTED.items()}


def _printed(request: Request, own: Results, words: Words) -> Iterator[Block]:
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
            words("this note"): words.quantity(line.quantity, own.values[line.name]),
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


def _work(request: Request, words: Words) -> Iterator[Block]:
    """Yield what the chips of the scenario and of its base do of one work, read and written tokens apart."""
    chips = list(dict.fromkeys([request.base.accelerator, request.scenario.accelerator]))
    if "inference" not in request.parts or not all(map(results.is_known, chips)):
        return
    frame = supply.same_work(chips)
    yield Text(
        words(
            "work_text",
            chips=words("list", one=chips[0], other=chips[1]) if len(chips) > 1 else chips[0],
            model=supply.MODEL,
            server=supply.SERVER,
            prompt=numerals.whole(supply.PROMPT),
            context=numerals.whole(supply.CONTEXT),
        )
    )
    known = frame[frame["decode"].notna()]
    for row in frame[frame["decode"].isna()].itertuples():
        yield Text(words("work_missing", chip=row.chip, reason=row.why_not))
    rows = [
        {
            words("chip"): row.chip,
            words("requests"): numerals.whole(row.batch),
            words("prompts"): _around(row.prefill, "prefill"),
            words("answers"): _around(row.decode, "output token"),
        }
        for row in known.itertuples()
    ]
    if rows:
        yield Table(pd.DataFrame(rows), words("work_caption"))
    if len(known) == 2:
        yield from _against(request, known, words)
    for row in known[known["prompt_dollars"].notna()].itertuples():
        yield Text(
            words(
                "work_cost",
                chip=row.chip,
                prompt=numerals.significant(row.prompt_dollars),
                answer=numerals.significant(row.answer_dollars),
            )
        )


def _around(value: float, group: str) -> str:
    factor = np.exp(_SERVER_WIDTHS[group])
    return f"{numerals.whole(value)} ({numerals.whole(value / factor)} – {numerals.whole(value * factor)})"


def _against(request: Request, known: pd.DataFrame, words: Words) -> Iterator[Block]:
    before, after = known["chip"]
    first, second = known.iloc[0], known.iloc[1]
    sheet = accelerators.table()
    peaks = [one.peak_flop_per_second for one in (request.base, request.scenario)]
    precision = " / ".join(dict.fromkeys(one.precision for one in (request.base, request.scenario)))
    delivered = [peak * one.utilization for peak, one in zip(peaks, (request.base, request.scenario), strict=True)]
    many = " / ".join(dict.fromkeys(map(numerals.whole, known["batch"])))
    found = {
        "peak": (words("ratio_peak", precision=precision), peaks[1] / peaks[0], "data sheet"),
        "bandwidth": (words("ratio_bandwidth"), _ratio(sheet, "mem_bw_tbs", before, after), "data sheet"),
        "memory": (words("ratio_memory"), _ratio(sheet, "memory_gb", before, after), "data sheet"),
        "prefill": (words("ratio_prefill"), second["prefill"] / first["prefill"], "predicted"),
        "few": (words("ratio_few", requests=supply.SERVER), _few(after) / _few(before), "predicted"),
        "decode": (words("ratio_decode", requests=many), second["decode"] / first["decode"], "predicted"),
    }
    frame = pd.DataFrame([[key, *row] for key, row in found.items()], columns=["key", "what", "ratio", "kind"])
    ratio = {key: numerals.significant(row[1]) for key, row in found.items()}
    yield Text(
        words(
            "work_more",
            before=before,
            after=after,
            peak=ratio["peak"],
            bandwidth=ratio["bandwidth"],
            prefill=ratio["prefill"],
            decode=ratio["decode"],
            few=ratio["few"],
            requests=supply.SERVER,
            formula=numerals.significant(delivered[1] / delivered[0]),
        )
    )
    yield Chart(figures.ratios(frame, before, after, words))


def _few(chip: str) -> float:
    """Return the tokens a second and chip that a server writes of as many requests as it has chips."""
    return pass_time.tokens_per_second_per_chip(supply.server(chip), supply.SERVER, supply.CONTEXT).item()


def _ratio(sheet: pd.DataFrame, column: str, before: str, after: str) -> float:
    return float(sheet.loc[after, column] / sheet.loc[before, column])


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
            writes=numerals.significant(np.exp(_SERVER_WIDTHS["output token"])),
            first=numerals.significant(np.exp(_SERVER_WIDTHS["first token"])),
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
