"""The planner in a note's workbook: choose a model, a chip, a format, a number and lengths, and read the engine's plan.

The plans stand on sheets of their own, a row for each model, chip and format; formulas look them up, and interpolate between
numbers of chips on logarithms, between prompts on a line, and between answers on a parabola. What is not there is told in words.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from analysis import facts, numerals
from analysis.economics import market
from analysis.economics.site import CostError
from analysis.languages.words import Words
from analysis.plan import plan_table
from analysis.plan.interval import Interval

#: Ends of the interval, in the order of the blocks of columns.
ENDS = ("expected", "low", "high")
_TRAINED = {"expected": "chip_seconds_per_token", "low": "low", "high": "high"}
_SERVED = {"expected": "chip_seconds_per_request", "low": "low", "high": "high"}
_LENGTHS = [(prompt, answer) for prompt in plan_table.PROMPTS for answer in plan_table.ANSWERS]
_TOP = 3
#: Inputs and answers by name, each with what it begins with; a name has the prefix "planner_" as a cell.
INPUTS: dict[str, str | float] = {
    "model": "Llama-3.1-70B", "chip": "H100 SXM5", "format": "BF16", "tokens": 15.0, "chips": 1024, "prompt": 1024, "answer": 256,
    "requests": 100,
}  # fmt: skip
_DAY = 86_400


@dataclass(frozen=True)
class _Place:
    """Where the planner is written, and how."""

    book: Workbook
    sheet: Worksheet
    words: Words
    formats: Mapping[str, Format]


def write(
    book: Workbook, sheets: Mapping[str, Worksheet], words: Words, formats: Mapping[str, Format], chosen: Mapping[str, str]
) -> None:
    """Write the three sheets: "planner", and the tables "trained" and "served" that it reads.

    `chosen` has what the inputs begin with, where the tables have it. `formats` has "head", "plain", "soft" and "input".
    """
    trained, served = facts.read(plan_table.TRAINING), facts.read(plan_table.SERVING)
    keys = ["|".join((model.name, chip.name, number_format)) for model, chip, number_format in plan_table.cases()]
    _table(book, sheets["trained"], formats, "trained", _wide(trained, _TRAINED, ["chips"], list(plan_table.SIZES), keys))
    _table(book, sheets["served"], formats, "served", _wide(served, _SERVED, ["prompt", "answer"], _LENGTHS, keys))
    place = _Place(book, sheets["planner"], words, formats)
    given = _inputs(place, chosen)
    _answers(place, given, keys)
    _chart(place, given)


def _key(table: pd.DataFrame) -> pd.Series:
    return table["model"] + "|" + table["chip"] + "|" + table["number_format"]


def _wide(table: pd.DataFrame, ends: Mapping[str, str], by: list[str], columns: list, keys: list[str]) -> pd.DataFrame:
    """Return a row a key and a column for each end and each of `columns`."""
    frame = table.assign(key=_key(table)).set_index(["key", *by])
    blocks = {end: frame[name].unstack(by).reindex(index=keys, columns=columns) for end, name in ends.items()}  # noqa: PD010
    return pd.concat(blocks, axis=1)


def _table(book: Workbook, sheet: Worksheet, formats: Mapping[str, Format], name: str, wide: pd.DataFrame) -> None:
    """Write a table, and name its keys and the block of each end."""
    for column, head in enumerate(wide.columns, 1):
        sheet.write_string(_TOP - 1, column, " ".join(map(str, head)), formats["head"])
    for row, (key, numbers) in enumerate(zip(wide.index, wide.to_numpy(), strict=True), _TOP):
        sheet.write_string(row, 0, key, formats["plain"])
        for column, number in enumerate(numbers, 1):
            if number == number:  # no plan leaves the cell empty
                sheet.write_number(row, column, float(number))
    sheet.set_column(0, 0, 44)
    last, width = _TOP + len(wide) - 1, len(wide.columns) // len(ENDS)
    book.define_name(f"{name}_keys", f"='{sheet.get_name()}'!{xl_range_abs(_TOP, 0, last, 0)}")
    for place, end in enumerate(ENDS):
        first = 1 + place * width
        book.define_name(f"{name}_{end}", f"='{sheet.get_name()}'!{xl_range_abs(_TOP, first, last, first + width - 1)}")


def _named(place: _Place, name: str, row: int, column: int) -> None:
    cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    place.book.define_name(f"planner_{name}", f"='{place.sheet.get_name()}'!{cell}")


def _inputs(place: _Place, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Write the cells that are to be changed, and to the right the corners of the tables. Return what is in the cells."""
    sheet, words, given = place.sheet, place.words, dict(INPUTS)
    lists = {
        "model": list(plan_table.MODELS), "chip": list(plan_table.CHIPS), "format": list(plan_table.FORMATS),
    }  # fmt: skip
    ranges = {
        "tokens": (0.001, 1000), "chips": (plan_table.SIZES[0], plan_table.SIZES[-1]),
        "prompt": (plan_table.PROMPTS[0], plan_table.PROMPTS[-1]), "answer": (plan_table.ANSWERS[0], plan_table.ANSWERS[-1]),
        "requests": (0.001, 1e9),
    }  # fmt: skip
    for row, (name, value) in enumerate(INPUTS.items(), _TOP):
        least, most = ranges.get(name, (0, 0))
        label = words(f"planner {name}", least=numerals.whole(least), most=numerals.whole(most))
        sheet.write_string(row, 0, label, place.formats["plain"])
        if name in lists:
            given[name] = chosen[name] if chosen.get(name) in lists[name] else value
            sheet.write_string(row, 1, str(given[name]), place.formats["input"])
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": lists[name]})
        else:
            sheet.write_number(row, 1, float(value), place.formats["input"])
            sheet.data_validation(
                row, 1, row, 1, {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most}
            )
        _named(place, name, row, 1)
    for column, (name, corners) in enumerate(
        (("sizes", plan_table.SIZES), ("prompts", plan_table.PROMPTS), ("answers", plan_table.ANSWERS)), 20
    ):
        sheet.write_string(_TOP - 1, column, name, place.formats["soft"])
        for row, corner in enumerate(corners, _TOP):
            sheet.write_number(row, column, corner)
        area = xl_range_abs(_TOP, column, _TOP + len(corners) - 1, column)
        place.book.define_name(f"planner_{name}", f"='{sheet.get_name()}'!{area}")
    _rents(place)
    return given


def _rents(place: _Place) -> None:
    """Write the hourly rent of each chip, which answers in dollars multiply by."""
    for row, chip in enumerate(plan_table.CHIPS, _TOP):
        place.sheet.write_string(row, 23, chip)
        rent = _rent(chip)
        if math.isnan(rent):
            place.sheet.write_string(row, 24, "–")
        else:
            place.sheet.write_number(row, 24, rent)
    for name, column in (("rent_chips", 23), ("rents", 24)):
        area = xl_range_abs(_TOP, column, _TOP + len(plan_table.CHIPS) - 1, column)
        place.book.define_name(f"planner_{name}", f"='{place.sheet.get_name()}'!{area}")


def _rent(chip: str) -> float:
    """Return dollars an hour, NaN where no price is known."""
    try:
        return float(market.rates(chip).dollars_per_chip_hour)
    except CostError:
        return math.nan


def values(given: Mapping[str, Any]) -> dict[str, Interval | None]:
    """Return what the formulas of the answers give for these inputs, by the answer's name; None where there is no plan."""
    named = (given["model"], given["chip"], given["format"])
    trained = plan_table.per_token(*named, given["chips"])
    served = plan_table.per_request(*named, given["prompt"], given["answer"])
    rent, tokens = _rent(given["chip"]), given["tokens"] * 1e12
    factors = {
        "chip_hours": (trained, tokens / 3600), "days": (trained, tokens / _DAY / given["chips"]),
        "training_rent": (trained, tokens / 3600 * rent / 1e6), "serving_chips": (served, given["requests"]),
        "answer_rent": (served, rent / 3600 / given["answer"] * 1e6),
    }  # fmt: skip
    return {name: None if value is None or math.isnan(factor) else value * factor for name, (value, factor) in factors.items()}


def _below(name: str, corners: str, count: int) -> str:
    """Return the formula of the place of the corner below an input; an input that is a corner is the upper of two."""
    return f"MIN(IFERROR(MATCH(planner_{name}-0.5,planner_{corners},1),1),{count - 1})"


def _answers(place: _Place, given: Mapping[str, Any], keys: list[str]) -> None:
    """Write the look-up, and what a run and a service take, each with its interval."""
    known = values(given)
    has_format = "|".join((given["model"], given["chip"], given["format"])) in keys
    sheet, words, row = place.sheet, place.words, _TOP + len(INPUTS) + 1
    at = {
        "row": 'IFERROR(MATCH(planner_model&"|"&planner_chip&"|"&planner_format,trained_keys,0),0)',
        "size_at": _below("chips", "sizes", len(plan_table.SIZES)),
        "size_on": "LN(planner_chips/INDEX(planner_sizes,planner_size_at))"
        "/LN(INDEX(planner_sizes,planner_size_at+1)/INDEX(planner_sizes,planner_size_at))",
        "rent": 'IFERROR(INDEX(planner_rents,MATCH(planner_chip,planner_rent_chips,0)),"–")',
    }
    at["prompt_at"] = _below("prompt", "prompts", len(plan_table.PROMPTS))
    below, above = (f"INDEX(planner_prompts,planner_prompt_at{shift})" for shift in ("", "+1"))
    at["prompt_on"] = f"(planner_prompt-{below})/({above}-{below})"
    for place_of, length in enumerate(plan_table.ANSWERS, 1):
        others = [other for other in plan_table.ANSWERS if other != length]
        at[f"answer_{place_of}"] = "*".join(f"(planner_answer-{other})/({length - other})" for other in others)
    for shift, (name, formula) in enumerate(at.items()):
        sheet.write_string(_TOP + shift, 26, name, place.formats["soft"])
        sheet.write_formula(_TOP + shift, 27, f"={formula}", None, "")
        _named(place, name, _TOP + shift, 27)
    heads = [words(name) for name in ("result", "estimate", "low", "high", "unit", "known to formulas as")]
    for column, head in enumerate(heads):
        sheet.write_string(row, column, head, place.formats["head"])
    for shift, (name, unit, formula) in enumerate(_lines(), 1):
        line = row + shift
        sheet.write_string(line, 0, words(f"planner {name}"), place.formats["plain"])
        for column, end in enumerate(ENDS, 1):
            value = known[name]
            shown = words("planner no plan" if has_format else "planner lacking") if value is None else getattr(value, end)
            told = _told(formula.format(end=end), words)
            sheet.write_formula(line, column, f"={told}", place.formats["number"], shown)
            _named(place, f"{name}_{end}", line, column)
        sheet.write_string(line, 4, words(f"planner unit {unit}"), place.formats["plain"])
        sheet.write_string(line, 5, f"planner_{name}_…", place.formats["soft"])
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 22)
    sheet.set_column(4, 5, 24)
    sheet.set_column(20, 27, None, None, {"hidden": True})


def _told(formula: str, words: Words) -> str:
    """Return a formula that says in words why it has no number."""
    lacking = words("planner lacking")
    return f'IF(planner_row=0,"{lacking}",IFERROR({formula},"{words("planner no plan")}"))'


def _lines() -> Iterator[tuple[str, str, str]]:
    """Yield each answer: its name, its unit, and its formula with the gap {end}."""
    corner = "INDEX(trained_{end},planner_row,planner_size_at%s)"
    below, above = corner % "", corner % "+1"
    # An empty cell is nought, whose logarithm is an error: no plan.
    interpolated = f"EXP(LN({below})+planner_size_on*(LN({above})-LN({below})))"
    per_token = f"IF(planner_chips<{plan_table.SIZES[0]},NA(),{interpolated})"
    yield "chip_hours", "hours", f"{per_token}*planner_tokens*1E12/3600"
    yield "days", "days", f"{per_token}*planner_tokens*1E12/{_DAY}/planner_chips"
    yield "training_rent", "million", f"{per_token}*planner_tokens*1E12/3600*planner_rent/1E6"
    width = len(plan_table.ANSWERS)

    def served(prompt: str, answer: int) -> str:
        cell = f"INDEX(served_{{end}},planner_row,(planner_prompt_at{prompt}-1)*{width}+{answer})"
        return f"IF({cell}>0,{cell},NA())*planner_answer_{answer}"

    def all_answers(prompt: str) -> str:
        return "+".join(served(prompt, answer) for answer in range(1, width + 1))

    per_request = f"((1-planner_prompt_on)*({all_answers('')})+planner_prompt_on*({all_answers('+1')}))"
    yield "serving_chips", "chips", f"{per_request}*planner_requests"
    yield "answer_rent", "dollars", f"{per_request}/3600*planner_rent/planner_answer*1E6"


def _chart(place: _Place, given: Mapping[str, Any]) -> None:
    """Write days by chips for what is chosen, and a native chart of them."""
    sheet, words, name = place.sheet, place.words, place.sheet.get_name()
    first = _TOP
    for shift, size in enumerate(plan_table.SIZES):
        row = first + shift
        sheet.write_number(row, 29, size)
        for column, end in enumerate(ENDS, 30):
            cell = f"INDEX(trained_{end},planner_row,{shift + 1})"
            days = f"IF({cell}>0,{cell}*planner_tokens*1E12/{_DAY}/{xl_col_to_name(29)}{row + 1},NA())"
            known = values(given | {"chips": size})["days"]
            sheet.write_formula(row, column, f"=IFERROR({days},NA())", None, "#N/A" if known is None else getattr(known, end))
    last = first + len(plan_table.SIZES) - 1
    chart = place.book.add_chart({"type": "scatter", "subtype": "straight"})
    for column, end in enumerate(ENDS, 30):
        chart.add_series({
            "name": words("estimate" if end == "expected" else end), "categories": [name, first, 29, last, 29],
            "values": [name, first, column, last, column], "line": {"width": 2.25 if end == "expected" else 1},
        })  # fmt: skip
    chart.set_title({"name": words("days_title"), "name_font": {"size": 11}})
    chart.set_x_axis({"name": words("accelerators"), "log_base": 10})
    chart.set_y_axis({"name": words("days_axis"), "log_base": 10})
    chart.show_hidden_data()
    sheet.set_column(29, 32, None, None, {"hidden": True})
    sheet.insert_chart(_TOP, 7, chart, {"x_scale": 1.3, "y_scale": 1.3, "description": words("days_title")})
