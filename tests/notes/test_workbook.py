"""The workbook of a note, computed anew by a real spreadsheet, says what Python says."""

import io
import math
import re
import zipfile

import numpy as np
import openpyxl
import pytest

from analysis import paths
from analysis.languages.words import SCALES
from analysis.notes import formulas, results
from analysis.notes.content import make
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.notes.results import LINES, PARTS
from analysis.notes.workbook import workbook
from analysis.plan import scenario_training
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK
from tests import office

H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")


@pytest.fixture(scope="module")
def content() -> bytes:
    return workbook(make(Request(H100, DECK, "A note")))


#: What a person may type into the blue cells, and the scenario that it makes.
CHANGES = [
    ({}, {}),
    ({"utilization": 35}, {"utilization": "35%"}),
    ({"training_time": 7.5, "parameters": 1.3e12}, {"training_time": "7.5 days", "parameters": 1.3e12}),
    ({"precision": "FP8", "tokens_per_character": 0.53}, {"precision": "FP8", "tokens_per_character": 0.53}),
    ({"accelerator": "A100 SXM4 80GB"}, {"accelerator": "A100 SXM4 80GB"}),
    ({"peak": 1000}, {"peak": "1000 TFLOPS"}),
    ({"accelerator": "My chip", "peak": 500}, {"accelerator": "My chip", "peak": "500 TFLOPS"}),
    # A quotient that is whole but for the rounding of floats: 6 N D / (t P u) = 1000 and 7.
    (
        {"parameters": 1e9, "training_tokens": 1.44e9, "training_time": 1, "peak": 1, "utilization": 10,
         "accelerators_per_server": 10},
        {"parameters": 1e9, "training_tokens": 1.44e9, "training_time": "1 day", "peak": "1 TFLOPS", "utilization": "10%",
         "accelerators_per_server": 10},
    ),
]  # fmt: skip


def test_libreoffice_computes_what_python_computes(content, tmp_path):
    found = office.recomputed(content, [cells for cells, _ in CHANGES], tmp_path)
    for cells, (_, values) in zip(found, CHANGES, strict=True):
        scenario = build({"accelerator": H100.accelerator, "precision": H100.precision} | values, "test")
        own, before = results.results(scenario), results.evaluate(results.inputs(DECK))
        # The published utilizations are those of the note's own format, whatever is typed later.
        reached = results.reached(H100)
        for line in LINES:
            ends = [
                results.evaluate(results.inputs(scenario) | {"utilization": getattr(reached[line.part], end)})
                for end in ("high", "low")
            ]
            expected = {"": own.values, "low_": ends[0], "high_": ends[1], "base_": before}
            for prefix, numbers in expected.items():
                value, cell = numbers[line.name], cells[f"{prefix}{line.name}"]
                if math.isnan(value):
                    assert cell == "–"
                else:
                    shown = value / SCALES.get(line.quantity, 1.0)
                    assert cell == pytest.approx(shown, rel=1e-12), (values, prefix, line.name)
                    assert not line.rounded or cell == value


def test_what_a_viewer_without_formulas_shows_is_the_same(content):
    """The values that the file carries for programs that compute nothing."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    sheet = book["Division"]
    rows = {row[7].value: row for row in sheet.iter_rows(min_row=4)}
    own = results.evaluate(results.inputs(H100))
    for line in LINES:
        assert rows[line.name][1].value == pytest.approx(own[line.name] / SCALES.get(line.quantity, 1.0))


def test_the_plan_comes_first_with_its_intervals(content):
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert book.sheetnames[0] == "Plan"
    rows = {row[7].value: row for row in book["Plan"].iter_rows(min_row=4)}
    planned = Planned(H100)
    for part in PARTS:
        for quantity in planned.quantities(part):
            cells = [rows[f"plan_{quantity.name}"][column].value for column in (1, 2, 3)]
            scale = SCALES.get(quantity.kind, 1.0)
            value = quantity.value
            assert cells == pytest.approx([value.expected / scale, value.low / scale, value.high / scale])
    sizes = scenario_training.sizes(H100, scenario_training.Machine("H100 SXM5", "bf16"))
    table = [[cell.value for cell in row[:2]] for row in book["Chips and days"].iter_rows(min_row=4)]
    np.testing.assert_allclose(np.array(table[: len(sizes)], float), sizes[["chips", "days"]].to_numpy(float))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "xl/charts/chart1.xml" in archive.namelist()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_formulas_name_what_goes_in(line):
    text = formulas.cell(line)
    assert text.startswith("=")
    assert set(re.findall(r"[a-z_]{3,}", text)) == set(line.arguments.values())


def test_texts_stay_texts_and_bytes_stay_the_same():
    hostile = ["=CMD()", "+1+1", "-1", "@SUM(1)", "http://x.invalid", "<b>&", "{=1}", "1e5"]
    for number, title in enumerate(hostile):
        scenario = build({"title": title, "description": title, "sources": {"utilization": title}, "utilization": "40%"}, "test")
        request = Request(scenario, DECK, title, author=title)
        content = workbook(make(request))
        assert number or content == workbook(make(request)), "the same bytes each time"
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == title]
        assert len(cells) >= 5
        assert {cell.data_type for cell in cells} == {"s"}
        assert not [cell for cell in cells if cell.hyperlink]


def test_cells_to_be_changed_know_their_bounds(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    checks = book["Assumptions"].data_validations.dataValidation
    numeric = [name for name in results.assumptions(PARTS) if ASSUMPTIONS[name].unit is not None]
    assert len([check for check in checks if check.type == "decimal"]) == 2 * len(numeric)
    assert len([check for check in checks if check.type == "list"]) == 4


def test_the_file_holds_no_time_of_its_making():
    dated = workbook(make(Request(DECK, DECK, "A note", date="2026-11-24")))
    with zipfile.ZipFile(io.BytesIO(dated)) as archive:
        assert "2026-11-24T00:00:00Z" in archive.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
