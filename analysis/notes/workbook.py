"""A note as a live workbook: change an assumption, and every result follows, by the formulas that computed the note.

Every formula is printed from the function that computed the result in Python. Cells are named as the package names
things, so that a formula can be read: `=6*parameters*training_tokens`. Texts are never read as formulas.
"""

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from analysis import units
from analysis.hardware import accelerators
from analysis.languages.words import SCALES, Words, letters
from analysis.notes import findings_sheet, formulas, planner_sheet, results
from analysis.notes.blocks import Note, Table, Text
from analysis.notes.results import LINES, RATES, Line
from analysis.plan import of_scenario, plan_table, scenario_training
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario, limits

#: Texts stay texts, whatever they begin with; no time of the day gets in.
_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}  # fmt: skip
#: A workbook has to say when it was made; one of a note without a date says this.
_UNDATED = "2000-01-01"
_SOURCE_WIDTH = 70
_ABOUT_WIDTHS = (44, 44, 24, 24, 24, 24)
_FIRST = 3  # row in which the tables of assumptions and results begin, below title, hint and heads
_FLOP_PER_TERA = 1e12
#: The sheets, in their order: what is planned, the run by its chips, and the deck's division, which is live.
_SHEETS = ("plan", "findings", "planner", "curve", "results", "assumptions", "chips", "about", "trained", "served")
#: What stands for a number that `data/` does not have.
_UNKNOWN = "–"
_LARGE = "0.000E+00"
_PATTERNS = {
    "flop": _LARGE, "rate": _LARGE, "tokens": _LARGE, "count": "#,##0.00", "hours": "#,##0", "energy": "#,##0.0",
    "dollars": "#,##0.000", "price": "0.000",
}  # fmt: skip
_WHOLE = "#,##0"
_LINE = 15.0  # height of one line of a cell
#: Columns at the ends of the interval, and which end of the published utilizations they take.
_ENDS = {"low_": "high", "high_": "low"}
_QUANTITIES = {line.name: line.quantity for line in LINES}
#: Lines that may have no value, since a chip's price or power is not known.
_UNSURE = {line.name for line in LINES if line.quantity in ("energy", "dollars", "price")}


@dataclass(frozen=True)
class _Case:
    """A column of numbers: a scenario, and the prefix that its cells' names carry."""

    prefix: str
    scenario: Scenario


class _Book:
    """The workbook in the making."""

    def __init__(self, note: Note) -> None:
        self.note, self.request = note, note.request
        self.words = Words(note.request.language)
        self.stream = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.stream, _OPTIONS)
        self.cases = [_Case("", self.request.scenario), _Case("base_", self.request.base)]
        self.sheets = {key: self.book.add_worksheet(self.words(f"sheet_{key}")) for key in _SHEETS}
        add = self.book.add_format
        self.head = add({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.title = add({"bold": True, "font_size": 15})
        self.soft = add({"font_color": "#5b6472", "text_wrap": True, "valign": "top"})
        self.wrapped = add({"text_wrap": True, "valign": "top", "indent": 1})
        self.plain = add({"valign": "top", "indent": 1})
        self.unknown = add({"valign": "top", "align": "right"})
        for sheet in self.sheets.values():
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)

    def number(self, pattern: str, *, editable: bool = False) -> Format:
        """Return the format of a number; cells to be changed are blue."""
        look = {"num_format": pattern, "valign": "top"}
        return self.book.add_format(look | ({"font_color": "#0b5cad", "bg_color": "#e8f1fb"} if editable else {}))

    def begin(self, key: str, heads: Iterable[str], widths: Iterable[float]) -> Worksheet:
        """Return the sheet `key` with title, hint and heads written."""
        sheet, heads, widths = self.sheets[key], list(heads), list(widths)
        sheet.write_string(0, 0, self.request.title, self.title)
        sheet.write_string(1, 0, self.words("edit"))
        _heighten(sheet, _FIRST - 1, heads, widths)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.write_string(_FIRST - 1, column, head, self.head)
            sheet.set_column(column, column, width)
        sheet.freeze_panes(_FIRST, 1)
        return sheet

    def name(self, name: str, key: str, row: int, column: int) -> None:
        """Give a cell its name."""
        self.area(name, key, row, column, 1, 1)

    def area(self, name: str, key: str, row: int, column: int, rows: int, columns: int) -> None:
        """Give a rectangle of cells a name."""
        first, last = (row, column), (row + rows - 1, column + columns - 1)
        cells = ":".join(xl_rowcol_to_cell(*at, row_abs=True, col_abs=True) for at in dict.fromkeys((first, last)))
        self.book.define_name(name, f"='{self.words(f'sheet_{key}')}'!{cells}")

    def finish(self) -> bytes:
        """Return the workbook as bytes."""
        day = datetime.fromisoformat(self.request.date or _UNDATED).replace(tzinfo=UTC)
        self.book.set_properties({"title": self.request.title, "author": self.request.author, "created": day})
        self.book.close()
        return self.stream.getvalue()


def workbook(note: Note) -> bytes:
    """Return the note as the bytes of an XLSX file."""
    book = _Book(note)
    _plan(book)
    _findings(book)
    _planner(book)
    _curve(book)
    _assumptions(book)
    _results(book)
    _chips(book)
    _about(book)
    return book.finish()


def _plan(book: _Book) -> None:
    """Write what the plans of the note and of its base take, each with its interval, in whole numbers where these are counts."""
    words, note = book.words, book.note
    heads = [words(name) for name in ("result", "estimate", "low", "high", "base", "factor", "unit", "known to formulas as")]
    sheet = book.begin("plan", heads, (44, 20, 20, 20, 20, 12, 16, 30))
    sheet.write_string(1, 0, words("plan_hint"))
    row = _FIRST
    for part in book.request.parts:
        if reason := note.planned.reason(part):
            sheet.write_string(row, 0, words("unplanned", part=words(part), reason=reason), book.plain)
            row += 1
        before = {quantity.name: quantity.value.expected for quantity in note.base.quantities(part)}
        for quantity in note.planned.quantities(part):
            scale, look = (
                SCALES.get(quantity.kind, 1.0),
                book.number(_WHOLE if quantity.kind == "count" else _PATTERNS.get(quantity.kind, "0.00")),
            )
            numbers = (quantity.value.expected, quantity.value.low, quantity.value.high, before.get(quantity.name, math.nan))
            sheet.write_string(row, 0, words(quantity.name), book.plain)
            for column, number in enumerate(numbers, 1):
                if math.isfinite(number):
                    sheet.write_number(row, column, number / scale, look)
                else:
                    sheet.write_string(row, column, _UNKNOWN if math.isnan(number) else words("no limit"), book.unknown)
            factor = numbers[0] / numbers[3] if numbers[3] else math.nan
            cells = [xl_rowcol_to_cell(row, column) for column in (1, 4)]
            sheet.write_formula(row, 5, f'=IFERROR({cells[0]}/{cells[1]},"{_UNKNOWN}")', book.number("0.000"), _known(factor))
            sheet.write_string(row, 6, words(quantity.kind, value="").strip(), book.plain)
            sheet.write_string(row, 7, f"plan_{quantity.name}", book.soft)
            book.name(f"plan_{quantity.name}", "plan", row, 1)
            row += 1


def _findings(book: _Book) -> None:
    """Write the findings, each with the numbers of its figure and a chart."""
    sheet = book.begin("findings", (), ())
    sheet.write_string(1, 0, book.words("findings_hint"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 6, 16)
    formats = {"head": book.head, "wrapped": book.wrapped, "plain": book.plain}
    findings_sheet.write(book.book, sheet, book.note.thesis.findings, book.words, formats, _FIRST)


def _planner(book: _Book) -> None:
    """Write the engine's plans of common models and chips, to look up and to interpolate."""
    words, scenario = book.words, book.request.scenario
    sheets = {name: book.begin(name, (), ()) for name in ("planner", "trained", "served")}
    hint = words("planner_hint", error=f"{plan_table.WITHIN:.0%}", ttft=f"{plan_table.TTFT:g}", tpot=f"{plan_table.TPOT:g}")
    for name, sheet in sheets.items():
        sheet.write_string(1, 0, hint if name == "planner" else words("plan_hint").split("；")[0].split(";")[0])
    formats = {"head": book.head, "plain": book.plain, "soft": book.soft, "number": book.number("#,##0.##"),
               "input": book.number("General", editable=True)}  # fmt: skip
    chosen = {"model": of_scenario.model(scenario).name, "chip": scenario.accelerator, "format": scenario.precision.upper()}
    planner_sheet.write(book.book, sheets, words, formats, chosen)


def _curve(book: _Book) -> None:
    """Write the run's days and dollars by the number of its chips, with a chart that the program draws itself."""
    words, run = book.words, book.note.planned.training
    heads = [words(name) for name in ("accelerators", "training_days", "low", "high", "training_rent", "training_owned")]
    sheet = book.begin("curve", heads, (16, 20, 16, 16, 24, 24))
    if run is None or "training" not in book.request.parts:
        sheet.write_string(1, 0, _UNKNOWN)
        return
    machine = scenario_training.Machine(run.chip.name, run.precision)
    table = scenario_training.sizes(book.request.scenario, machine)
    sheet.write_string(1, 0, f"{run.model.name}, {words.quantity('tokens', run.tokens)}, {machine.title}")
    for row, line in enumerate(table.itertuples(), _FIRST):
        numbers = (line.chips, line.days, line.low_days, line.high_days, line.rent / 1e6, line.owned / 1e6)
        for column, number in enumerate(numbers):
            if math.isnan(number):
                sheet.write_string(row, column, _UNKNOWN, book.unknown)
            else:
                sheet.write_number(row, column, float(number), book.number(_WHOLE if column == 0 else "#,##0.0"))
    chart = book.book.add_chart({"type": "scatter", "subtype": "straight"})
    last, name = _FIRST + len(table) - 1, words("sheet_curve")
    for column in (1, 2, 3):
        chart.add_series({
            "name": [name, _FIRST - 1, column], "categories": [name, _FIRST, 0, last, 0],
            "values": [name, _FIRST, column, last, column], "line": {"width": 2.25 if column == 1 else 1},
        })  # fmt: skip
    chart.set_title({"name": words("days_title")})
    chart.set_x_axis({"name": words("accelerators"), "log_base": 10})
    chart.set_y_axis({"name": words("days_axis"), "log_base": 10})
    sheet.insert_chart(_FIRST, 7, chart, {"x_scale": 1.4, "y_scale": 1.4, "description": words("days_title")})


def _heighten(sheet: Worksheet, row: int, texts: Iterable[str], widths: Iterable[float]) -> None:
    """Make a row as high as its texts need in columns of these widths; not every program does so by itself."""
    lines = max((-(-letters(text) // max(int(width) - 2, 1)) for text, width in zip(texts, widths, strict=True)), default=1)
    if lines > 1:
        sheet.set_row(row, _LINE * lines)


def _assumptions(book: _Book) -> None:
    """Write every assumption in the unit in which people write it, and beside it in that of the formulas."""
    words = book.words
    heads = [words(name) for name in ("assumption", "value", "unit", "base value", "in the formulas")]
    heads += [f"{words('in the formulas')}: {words('base')}", words("known to formulas as"), words("why")]
    sheet = book.begin("assumptions", heads, (62, 18, 18, 18, 20, 20, 28, _SOURCE_WIDTH))
    row = _FIRST
    for name in results.assumptions(book.request.parts):
        sheet.write_string(row, 0, words.assumption(name), book.plain)
        sheet.write_string(row, 2, _unit(name), book.plain)
        sheet.write_string(row, 6, name, book.soft)
        source = words.quoted(book.request.scenario.source(name))
        sheet.write_string(row, 7, source, book.wrapped)
        _heighten(sheet, row, [source], [_SOURCE_WIDTH])
        for case, column in zip(book.cases, (1, 3), strict=True):
            _assumption(book, sheet, case, name, row, column)
        row += 1
    for name in RATES:
        sheet.write_string(row, 0, words(name), book.plain)
        sheet.write_string(row, 6, name, book.soft)
        for case, column in zip(book.cases, (4, 5), strict=True):
            given = results.rates(case.scenario.accelerator)[name]
            # A rate that data/ lacks is text, which makes what hangs on it an error, not a nought.
            formula = f'=IFERROR(INDEX(chips_{name},MATCH({case.prefix}accelerator,chips,0)),"{_UNKNOWN}")'
            sheet.write_formula(row, column, formula, book.number("General"), _known(given))
            book.name(f"{case.prefix}{name}", "assumptions", row, column)
        row += 1
    reached = results.reached(book.request.scenario)
    for part in book.request.parts:
        for end in ("low", "high"):
            name = f"reached_{part}_{end}"
            sheet.write_string(row, 0, words(name), book.wrapped)
            sheet.write_string(row, 2, "%", book.plain)
            sheet.write_string(row, 6, name, book.soft)
            sheet.write_number(row, 1, 100 * getattr(reached[part], end), book.number("0.0", editable=True))
            sheet.write_formula(row, 4, f"=B{row + 1}/100", book.number("General"), getattr(reached[part], end))
            book.name(name, "assumptions", row, 4)
            row += 1


def _unit(name: str) -> str:
    about = ASSUMPTIONS[name]
    return about.shown or (about.unit or "")


def _assumption(book: _Book, sheet: Worksheet, case: _Case, name: str, row: int, column: int) -> None:
    """Write one assumption of one case: the cell to be changed, and the cell that formulas read."""
    about, given = ASSUMPTIONS[name], getattr(case.scenario, name)
    cell, read = xl_rowcol_to_cell(row, column), 4 if column == 1 else 5
    if about.unit is None:
        sheet.write_string(row, column, given, book.number("@", editable=True))
        choices = {"accelerator": "=chips", "precision": "=precisions"}.get(name)
        if choices:
            # A chip that the scenario describes itself is in no list.
            sheet.data_validation(row, column, row, column, {"validate": "list", "source": choices, "error_type": "warning"})
        sheet.write_formula(row, read, f"={cell}", book.plain, given)
        book.name(f"{case.prefix}{name}", "assumptions", row, read)
        return
    scale = _scale(name)
    look, message = book.number("General", editable=True), {}
    if given is None:
        sheet.write_blank(row, column, None, look)
    else:
        sheet.write_number(row, column, given / scale, look)
    if name == "peak":
        where = f"MATCH({case.prefix}accelerator,chips,0),MATCH({case.prefix}precision,precisions,0)"
        formula = f"=IF(ISNUMBER({cell}),{cell}*{scale:.17g},INDEX(chips_peaks,{where})*{_FLOP_PER_TERA:.17g})"
        value, message = case.scenario.peak_flop_per_second, {"input_message": book.words("empty")}
    else:
        formula, value = (f"={cell}" if scale == 1 else f"={cell}*{scale:.17g}"), given
    least, most = limits(name)
    allowed = book.words("allowed", least=book.words.written(name, least), most=book.words.written(name, most))
    sheet.data_validation(
        row, column, row, column,
        {"validate": "decimal", "criteria": "between", "minimum": least / scale, "maximum": most / scale,
         "error_message": allowed, **message},
    )  # fmt: skip
    sheet.write_formula(row, read, formula, book.number("General"), value)
    book.name(f"{case.prefix}{name}", "assumptions", row, read)


@cache
def _scale(name: str) -> float:
    """Return what an assumption in the unit in which people write it is multiplied by in the formulas."""
    about = ASSUMPTIONS[name]
    return units.read(f"1 {about.shown}", about.unit) if about.shown else 1.0


def _results(book: _Book) -> None:
    """Write every line of the note with its live formula: as assumed, at both ends of the interval, and for the base."""
    words = book.words
    heads = [words(name) for name in ("result", "estimate", "low", "high", "base", "factor", "unit", "known to formulas as")]
    sheet = book.begin("results", heads, (40, 20, 20, 20, 20, 12, 16, 30))
    given, held = (results.results(case.scenario) for case in book.cases)
    columns = {"": given.values, "low_": given.low, "high_": given.high, "base_": held.values}
    for row, line in enumerate((line for line in LINES if line.part in book.request.parts), _FIRST):
        sheet.write_string(row, 0, words(line.name), book.plain)
        sheet.write_string(row, 6, words(line.quantity, value="").strip(), book.plain)
        sheet.write_string(row, 7, line.name, book.soft)
        look = book.number(_WHOLE if line.rounded else _PATTERNS[line.quantity])
        for column, (prefix, values) in enumerate(columns.items(), 1):
            sheet.write_formula(row, column, _formula(line, prefix), look, _cached(line, values[line.name]))
            book.name(f"{prefix}{line.name}", "results", row, column)
        result, base = (xl_rowcol_to_cell(row, column) for column in (1, 4))
        factor = given.values[line.name] / held.values[line.name]
        sheet.write_formula(row, 5, f'=IFERROR({result}/{base},"{_UNKNOWN}")', book.number("0.000"), _known(factor))


def _formula(line: Line, prefix: str) -> str:
    """Return the formula of a line in the column of `prefix`, in the unit in which people read the line."""
    scale = SCALES.get(line.quantity)
    formula = formulas.cell(line, lambda name: _name(name, line.part, prefix))
    formula = f"={formula[1:]}/{scale:.17g}" if scale else formula
    return f'=IFERROR({formula[1:]},"{_UNKNOWN}")' if line.name in _UNSURE else formula


def _name(name: str, part: str, prefix: str) -> str:
    """Return what a formula in the column of `prefix` calls an assumption, a rate or an earlier line."""
    if name in _QUANTITIES:
        scale = SCALES.get(_QUANTITIES[name])
        return f"({prefix}{name}*{scale:.17g})" if scale else f"{prefix}{name}"
    if prefix in _ENDS:
        return f"reached_{part}_{_ENDS[prefix]}" if name == "utilization" else name
    return f"{prefix}{name}"


def _cached(line: Line, value: float) -> float | str:
    return _known(value / SCALES.get(line.quantity, 1.0))


def _known(value: float) -> float | str:
    return _UNKNOWN if math.isnan(value) else value


def _chips(book: _Book) -> None:
    """Write the sheet that the peak and the rates of a chip are looked up in."""
    words, names = book.words, list(accelerators.table().index)
    columns = list(accelerators.PEAK_COLUMNS)
    heads = [words("chip"), *columns, *map(words, RATES)]
    sheet = book.begin("chips", heads, (32, *(9 for _ in columns), *(16 for _ in RATES)))
    sheet.write_string(1, 0, words("chips_hint"))
    for row, name in enumerate(names, _FIRST):
        sheet.write_string(row, 0, name, book.plain)
        chip = accelerators.table().loc[name]
        numbers = [*(chip[accelerators.PEAK_COLUMNS[column]] for column in columns), *results.rates(name).values()]
        for column, number in enumerate(numbers, 1):
            if pd.isna(number):
                sheet.write_string(row, column, _UNKNOWN, book.unknown)
            else:
                sheet.write_number(row, column, float(number), book.number("0.##"))
    book.area("chips", "chips", _FIRST, 0, len(names), 1)
    book.area("precisions", "chips", _FIRST - 1, 1, 1, len(columns))
    book.area("chips_peaks", "chips", _FIRST, 1, len(names), len(columns))
    for column, name in enumerate(RATES, 1 + len(columns)):
        book.area(f"chips_{name}", "chips", _FIRST, column, len(names), 1)


def _about(book: _Book) -> None:
    """Write what the note says in words and tables."""
    sheet = book.sheets["about"]
    for column, width in enumerate(_ABOUT_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, book.request.title, book.title)
    row = 1
    for name, text in book.note.facts:
        sheet.write_string(row, 0, name, book.soft)
        sheet.write_string(row, 1, text)
        row += 1
    for section in book.note.sections:
        row += 1
        sheet.write_string(row, 0, section.title, book.head)
        row += 1
        for block in section.blocks:
            if isinstance(block, Text):
                sheet.merge_range(row, 0, row, len(_ABOUT_WIDTHS) - 1, "", book.wrapped)
                sheet.write_string(row, 0, block.text, book.wrapped)
                _heighten(sheet, row, [block.text], [sum(_ABOUT_WIDTHS)])
                row += 1
            elif isinstance(block, Table):
                for cells, look in ((block.frame.columns, book.head), *((line, book.wrapped) for line in block.frame.to_numpy())):
                    for column, cell in enumerate(cells):
                        sheet.write_string(row, column, str(cell), look)
                    _heighten(sheet, row, list(map(str, cells)), _ABOUT_WIDTHS[: len(cells)])
                    row += 1
