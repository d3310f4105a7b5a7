"""A note's findings in its workbook: each sentence, the numbers of its figure, and a chart that the program itself draws."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from analysis.languages.words import Words
from analysis.notes.thesis import Figure, Finding

#: Rows that a chart is high, and the column at which it stands.
_HEIGHT, _BESIDE = 16, 7
_KINDS: Mapping[str, dict[str, str]] = {
    "intervals": {"type": "bar"}, "bars": {"type": "bar"}, "line": {"type": "scatter", "subtype": "straight"},
}  # fmt: skip
#: Numbers below this are shown with decimal places: shares and days.
_FRACTIONS = 1000


def write(
    book: Workbook, sheet: Worksheet, findings: Iterable[Finding], words: Words, formats: Mapping[str, Format], first: int
) -> None:
    """Write the findings one below the other, from the row `first`; `formats` has "head", "wrapped" and "plain"."""
    row = first
    for finding in findings:
        figure = finding.figure
        sheet.merge_range(row, 0, row, _BESIDE - 1, "", formats["wrapped"])
        sheet.write_string(row, 0, finding.sentence, formats["wrapped"])
        sheet.set_row(row, 34)
        top = row + 1
        _data(book, sheet, figure, words, formats, top)
        chart = _chart(book, sheet, figure, top)
        sheet.insert_chart(top, _BESIDE, chart, {"description": figure.title, "x_scale": 1.3})
        bottom = top + 1 + len(figure.data)
        sheet.write_string(bottom, 0, words("source", text=figure.source), formats["plain"])
        row = max(top + _HEIGHT, bottom + 1) + 1


def _data(book: Workbook, sheet: Worksheet, figure: Figure, words: Words, formats: Mapping[str, Format], top: int) -> None:
    """Write the data of a figure; what lies above and below the estimate follows from its cells by formulas."""
    heads = [figure.labels[name] for name in figure.columns]
    if figure.shape == "intervals":
        heads += [words("below"), words("above")]
    for column, head in enumerate(heads):
        sheet.write_string(top, column, head, formats["head"])
    for row, values in enumerate(figure.data[list(figure.columns)].itertuples(index=False), top + 1):
        for column, value in enumerate(values):
            is_count = figure.shape == "line" and column == 0
            if isinstance(value, str):
                sheet.write_string(row, column, value, formats["plain"])
            elif math.isfinite(value):
                sheet.write_number(
                    row, column, value, book.add_format({"num_format": "#,##0" if is_count else _pattern(figure, value)})
                )
            else:
                sheet.write_string(row, column, words("no limit"), formats["plain"])
        if figure.shape == "intervals":
            _, value, low, high = values
            cell = {name: xl_rowcol_to_cell(row, column) for column, name in enumerate(("name", "value", "low", "high"))}
            pattern = book.add_format({"num_format": _pattern(figure, value)})
            for column, end, formula in (
                (4, value - low, f"={cell['value']}-{cell['low']}"),
                (5, high - value, f"={cell['high']}-{cell['value']}"),
            ):
                if math.isfinite(end):
                    sheet.write_formula(row, column, formula, pattern, end)


def _pattern(figure: Figure, value: float) -> str:
    if figure.shape == "bars":
        return "0%"
    return "0.0" if figure.shape == "line" and value < _FRACTIONS else "#,##0"


def _round_above(value: float) -> float:
    """Return the smallest number of one digit, or of two with a 5, that is not below `value`."""
    size = 10.0 ** math.floor(math.log10(value))
    return math.ceil(2 * value / size) / 2 * size


def _chart(book: Workbook, sheet: Worksheet, figure: Figure, top: int) -> Chart:
    first, last, name = top + 1, top + len(figure.data), sheet.get_name()

    def cells(column: int) -> list[Any]:
        return [name, first, column, last, column]

    chart = book.add_chart(dict(_KINDS[figure.shape]))
    drawn = (1, *range(2, 2 + len(figure.ends))) if figure.shape == "line" else (1,)
    for column in drawn:
        series: dict[str, Any] = {"name": [name, top, column], "categories": cells(0), "values": cells(column)}
        if figure.shape == "line":
            series["line"] = {"width": 2.25 if column == 1 else 1}
        if figure.shape == "intervals":
            below, above = (f"='{name}'!{xl_range_abs(first, column, last, column)}" for column in (4, 5))
            series["y_error_bars"] = {"type": "custom", "minus_values": below, "plus_values": above}
        chart.add_series(series)
    chart.set_title({"name": figure.title, "name_font": {"size": 11}})
    if figure.shape == "line":
        chart.set_x_axis({"name": figure.labels[figure.category], "log_base": 10})
        chart.set_y_axis({"name": figure.labels[figure.value], "log_base": 10})
    else:  # of bars, XlsxWriter's x axis is the horizontal one, of values
        ends = figure.data[[figure.value, *figure.ends]].to_numpy(float)
        bounds = {"min": 0, "max": _round_above(ends[np.isfinite(ends)].max())}  # whole intervals are within
        shares = {"num_format": "0%"} if figure.shape == "bars" else {}
        chart.set_x_axis({"name": figure.labels[figure.value], **bounds, **shares})
        chart.set_y_axis({"reverse": True})
    if figure.shape != "line":
        chart.set_legend({"none": True})
    return chart
