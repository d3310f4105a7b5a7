"""The planner in a note's workbook: what a spreadsheet looks up and interpolates is what the engine plans."""

import io
import math

import numpy as np
import openpyxl
import pytest

from analysis import Chip, Model, Requests, plan_serving, plan_training
from analysis.notes import planner_sheet
from analysis.notes.content import make
from analysis.notes.request import Request
from analysis.notes.workbook import workbook
from analysis.plan import plan_table
from analysis.plan.interval import PlanError
from analysis.scenarios.scenario import DECK
from tests import office

_ANSWERS = ("chip_hours", "days", "training_rent", "serving_chips", "answer_rent")


def _drawn(count: int, seed: int) -> list[dict]:
    """Draw inputs anywhere within what the sheet allows."""
    draw = np.random.default_rng(seed)

    def between(corners, whole=True):
        value = math.exp(draw.uniform(math.log(corners[0]), math.log(corners[-1])))
        return round(value) if whole else value

    cases = list(plan_table.cases())
    return [
        {"model": model.name, "chip": chip.name, "format": number_format, "tokens": between((0.1, 30), whole=False),
         "chips": between((64, plan_table.SIZES[-1])), "prompt": between(plan_table.PROMPTS),
         "answer": between(plan_table.ANSWERS), "requests": 1e5}
        for model, chip, number_format in (cases[place] for place in draw.integers(len(cases), size=count))
    ]  # fmt: skip


@pytest.mark.parametrize("given", _drawn(12, seed=25), ids=lambda given: f"{given['model']}, {given['chip']}, {given['format']}")
def test_what_is_interpolated_is_within_three_percent_of_the_plan(given):
    model, chip, precision = Model.load(given["model"]), Chip.load(given["chip"]), given["format"].lower()
    found = planner_sheet.values(given)
    try:
        run = plan_training(model, chip, tokens=given["tokens"] * 1e12, chips=given["chips"], precision=precision)
    except PlanError:
        run = None
    if found["days"] is not None and run is not None:
        for end in ("low", "expected", "high"):
            planned = getattr(run.days, end)
            assert getattr(found["days"], end) == pytest.approx(planned, rel=plan_table.WITHIN), f"days, {end}"
    requests = Requests(prompt=given["prompt"], answer=given["answer"], per_second=given["requests"])
    try:
        day = plan_serving(model, chip, requests, ttft=plan_table.TTFT, tpot=plan_table.TPOT, precision=precision)
    except PlanError:
        assert found["serving_chips"] is None
        return
    if found["serving_chips"] is None:
        above = min(corner for corner in plan_table.PROMPTS if corner > given["prompt"])
        assert above + plan_table.ANSWERS[-1] > model.architecture.context_length, "a corner of the table is beyond its context"
        return
    for end in ("low", "expected", "high"):
        assert getattr(found["serving_chips"], end) == pytest.approx(getattr(day.chips, end), rel=plan_table.WITHIN), end
    if day.cost_per_million_tokens is not None:
        price = day.cost_per_million_tokens.expected
        assert found["answer_rent"].expected == pytest.approx(price, rel=plan_table.WITHIN)


def test_a_row_of_the_tables_is_what_the_plans_give_today():
    model, chip = Model.load("Llama-3.1-8B"), Chip.load("H100 SXM5")
    rows = plan_table.training_rows(model, chip, "BF16", sizes=(64, 1024))
    for row in rows:
        held = plan_table.per_token(model.name, chip.name, "BF16", row["chips"])
        assert held.expected == pytest.approx(row["chip_seconds_per_token"], rel=1e-4)
    row = plan_table.serving_row(model, chip, "BF16", 1024, 256)
    held = plan_table.per_request(model.name, chip.name, "BF16", 1024, 256)
    assert (held.low, held.expected, held.high) == pytest.approx(
        (row["low"], row["chip_seconds_per_request"], row["high"]), rel=1e-4
    )


@pytest.fixture(scope="module")
def content() -> bytes:
    return workbook(make(Request(DECK, DECK, "A note")))


def test_a_spreadsheet_computes_the_same_and_says_why_it_has_no_number(content, tmp_path):
    lacking = planner_sheet.INPUTS | {"chip": "A100 SXM4 80GB", "format": "FP8"}
    small = planner_sheet.INPUTS | {"model": "DeepSeek-V3", "chips": 8}
    changes = [*_drawn(6, seed=3), dict(planner_sheet.INPUTS), lacking, small]
    names = [f"planner_{name}_{end}" for name in _ANSWERS for end in planner_sheet.ENDS]
    inputs = [{f"planner_{name}": value for name, value in given.items()} for given in changes]
    found = office.recomputed(content, inputs, tmp_path, names)
    for given, cells in zip(changes, found, strict=True):
        for name, value in planner_sheet.values(given).items():
            for end in planner_sheet.ENDS:
                cell = cells[f"planner_{name}_{end}"]
                if value is None:
                    assert (
                        isinstance(cell, str) and "No plan in the table" in cell or given is lacking and "no such format" in cell
                    ), cell
                else:
                    assert cell == pytest.approx(getattr(value, end), rel=1e-9), (given, name, end)


def test_another_format_has_another_interval():
    told = {
        number_format: planner_sheet.values(planner_sheet.INPUTS | {"format": number_format}) for number_format in ("BF16", "FP8")
    }
    for name in ("days", "serving_chips"):
        wide, narrow = (told[number_format][name] for number_format in ("BF16", "FP8"))
        assert narrow.low < 0.9 * wide.low and narrow.high < 0.9 * wide.high, name


def test_what_a_viewer_without_formulas_shows_is_the_same(content):
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    known = planner_sheet.values(planner_sheet.INPUTS | {"model": "GPT-3 175B"})
    for name, value in known.items():
        for end in planner_sheet.ENDS:
            sheet, cell = next(iter(book.defined_names[f"planner_{name}_{end}"].destinations))
            assert book[sheet][cell.replace("$", "")].value == pytest.approx(getattr(value, end))
