"""What a note argues, and its findings in the workbook: numbers, formulas and charts that a spreadsheet itself draws."""

import io
import math

import altair as alt
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from analysis.languages.words import Words
from analysis.notes import findings_sheet
from analysis.notes.thesis import Figure, Finding, Number
from analysis.plan.interval import Interval

LABELS = {"part": "Case", "value": "Chips", "low": "Low", "high": "High"}
DATA = pd.DataFrame({"part": ["H20", "=B1"], "value": [200.0, 70.0], "low": [150.0, 50.0], "high": [300.0, math.inf]})


def figure(**changes):
    given = {"data": DATA, "shape": "intervals", "labels": LABELS, "ends": ("low", "high")} | changes
    return Figure("Chips", alt.Chart(), category="part", value="value", source="a module", **given)


def test_a_figure_without_its_data_labels_or_shape_is_refused():
    with pytest.raises(ValueError, match="shape: 'pie' is not known; allowed: intervals, bars, line"):
        figure(shape="pie")
    with pytest.raises(ValueError, match="no data or no label for high"):
        figure(labels={name: text for name, text in LABELS.items() if name != "high"})
    with pytest.raises(ValueError, match="no data or no label for low"):
        figure(data=DATA.drop(columns="low"))


@pytest.fixture(scope="module")
def sheet():
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    formats = {name: book.add_format() for name in ("head", "wrapped", "plain")}
    finding = Finding("inference", "H20 takes 200.", Number(Interval(150, 200, 300), "200"), figure())
    findings_sheet.write(book, book.add_worksheet("Findings"), [finding, finding], Words("en"), formats, 3)
    book.close()
    return openpyxl.load_workbook(stream)["Findings"]


def test_cells_hold_the_figure_s_numbers_and_names_stay_texts(sheet):
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=7, max_col=6)]
    assert rows[0] == ["H20", 200, 150, 300, "=B6-C6", "=D6-B6"]
    assert rows[1] == ["=B1", 70, 50, "no limit", "=B7-C7", None]
    assert sheet["A7"].data_type == "s"
    assert sheet["A4"].value == "H20 takes 200."


def test_each_finding_has_a_native_chart_of_its_cells(sheet):
    charts = sheet._charts
    assert len(charts) == 2
    series = charts[0].ser[0]
    assert (series.cat.strRef.f, series.val.numRef.f) == ("Findings!$A$6:$A$7", "Findings!$B$6:$B$7")
    assert series.errBars.minus.numRef.f == "'Findings'!$E$6:$E$7"
    assert series.errBars.plus.numRef.f == "'Findings'!$F$6:$F$7"
    # What a bar is long for stands on the horizontal axis, which alone begins at nought.
    # It ends beyond the interval, and not beyond an end that is out of reach.
    assert (charts[0].y_axis.scaling.min, charts[0].y_axis.scaling.max) == (0, 300)
    assert charts[0].x_axis.scaling.orientation == "maxMin"
