"""The data that a chart shows, as one table with the names and units of its axes: what a reader is given as CSV.

A chart that computes (one with sliders) is asked for its rows through its own renderer, with the sliders as they stand.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import vl_convert

_PARTS = ("layer", "hconcat", "vconcat", "concat")
#: Channels that only arrange, or write beside a mark what another channel shows.
_ARRANGING = ("order", "xOffset", "yOffset", "href", "url", "description", "key", "text")
#: What tells that a view is drawn: where its boxes end, or its style. Its positions are no data; what it says is in its
#: `detail`, under titles.
_BOX = {"right", "bottom"}
_DIAGRAM = "diagram-"
#: Marks that draw a guide, not data, when they have no more rows than a line has ends.
_GUIDES, _ENDS = ("rule", "line", "text", "area"), 2
_ROW, _BETWEEN = "chart_data_row", "\u241f"
_WIDTH = 400

Row = dict[str, Any]


@dataclass
class _Part:
    """What the views of one data set show: their fields with the titles that a reader sees, and how to get the rows."""

    unit: dict[str, Any]
    fields: dict[str, str] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)


def table(spec: dict[str, Any], vegalite: str) -> pd.DataFrame | None:
    """Return the rows that the chart `spec` shows, a column a field, headed as its axes are.

    Of a diagram these are its boxes, arrows and frames. None if the diagram holds no number, and so no data.
    Layers that repeat rows of another, such as labels, and guides are left out. Of several sets of rows that differ, each
    row says in the first column, "Part", to which it belongs. `vegalite` is the version of the specification's language.
    """
    parts: dict[str, _Part] = {}
    for unit in _units(spec):
        fields = _fields(unit)
        if _is_drawn(unit):
            fields = {name: title for name, title in _fields({"encoding": _detail(unit)}).items() if title}
        if not fields:
            continue
        records = _records(spec, unit)
        if records and set(fields) <= set(records[0]) and all(next(iter(step)) == "calculate" for step in unit["transform"]):
            unit = unit | {"transform": []}  # what it calculates is not shown as data
        part = parts.setdefault(json.dumps([unit["data"], unit["transform"]]), _Part(unit))
        part.marks.add(unit["mark"]["type"] if isinstance(unit["mark"], dict) else unit["mark"])
        for name, title in fields.items():
            part.fields[name] = part.fields.get(name) or title
    for part in parts.values():
        records = _computed(spec, part, vegalite) if part.unit["transform"] else _records(spec, part.unit)
        part.rows = [{name: record.get(name) for name in part.fields} for record in records]
    distinct = _distinct([part for part in parts.values() if part.rows])
    values = (value for part in distinct for row in part.rows for value in row.values())
    return _joined(distinct) if any(map(str.isdigit, "".join(map(str, values)))) else None


def _joined(parts: list[_Part]) -> pd.DataFrame:
    """Return the rows of all parts in one table, under the titles of their fields."""
    frames = [pd.DataFrame(part.rows, dtype=object) for part in parts]
    if len(frames) > 1:
        for number, frame in enumerate(frames, 1):
            frame.insert(0, "Part", number)
    joined = pd.concat(frames, ignore_index=True).drop_duplicates()
    titles = {name: title for part in reversed(parts) for name, title in part.fields.items() if title}
    heads = [titles.get(name) or _plain(name) for name in joined.columns]
    joined.columns = [
        head if heads.count(head) == 1 else f"{head} ({_plain(name)})" for head, name in zip(heads, joined, strict=True)
    ]
    return joined


def _units(spec: dict[str, Any], outer: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Yield each single view of a chart, with the data, encoding and transforms that it inherits."""
    outer = outer or {}
    facet = spec.get("facet", {})
    mark_units = {
        **spec,
        "data": spec.get("data", outer.get("data")),
        "encoding": {
            **outer.get("encoding", {}),
            **({"facet": facet} if "field" in facet else facet),
            **spec.get("encoding", {}),
        },
        "transform": [*outer.get("transform", []), *spec.get("transform", [])],
    }
    inner = [part for name in _PARTS for part in spec.get(name, [])] + ([spec["spec"]] if "spec" in spec else [])
    if not inner:
        yield mark_units
    for part in inner:
        yield from _units(part, mark_units)


def _detail(unit: dict[str, Any]) -> dict[str, Any]:
    return {"detail": unit["encoding"].get("detail", [])}


def _is_drawn(unit: dict[str, Any]) -> bool:
    styles = unit["mark"].get("style", []) if isinstance(unit["mark"], dict) else []
    names = [styles] if isinstance(styles, str) else styles
    ends = {unit["encoding"].get(channel, {}).get("field") for channel in ("x2", "y2")}
    return bool(_BOX & ends) or any(name.startswith(_DIAGRAM) for name in names)


def _fields(unit: dict[str, Any]) -> dict[str, str]:
    """Return the fields that a view shows, each with the title that a reader sees; an empty one if there is none."""
    titles: dict[str, str] = {}
    for channel, given in unit["encoding"].items():
        for encoding in given if isinstance(given, list) else [given]:
            name = encoding.get("field") if isinstance(encoding, dict) else None
            if isinstance(name, str) and channel not in _ARRANGING:
                titles[name] = titles.get(name) or _title(encoding)
    return titles


def _title(channel: dict[str, Any]) -> str:
    places = (channel, *(channel.get(name) or {} for name in ("axis", "legend", "header")))
    titles = (place.get("title") for place in places)
    texts = (" ".join(title) if isinstance(title, list) else title for title in titles)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), "")


def _records(spec: dict[str, Any], unit: dict[str, Any]) -> list[Row]:
    data = unit["data"] or {}
    records = data.get("values") or spec.get("datasets", {}).get(data.get("name"), [])
    return records if isinstance(records, list) and records and isinstance(records[0], dict) else []


def _computed(spec: dict[str, Any], part: _Part, vegalite: str) -> list[Row]:
    """Return the rows that a part's transforms make: each is drawn as a point whose description is the row."""
    texts = ", ".join(f"datum[{json.dumps(name)}]" for name in part.fields)
    probe = {key: spec[key] for key in ("datasets", "params") if key in spec} | {
        "data": part.unit["data"],
        "transform": [*part.unit["transform"], {"calculate": f"join([{texts}], '{_BETWEEN}')", "as": _ROW}],
        "mark": "point",
        "encoding": {"description": {"field": _ROW, "type": "nominal"}},
        "width": _WIDTH,
    }
    svg = vl_convert.vegalite_to_svg(json.dumps(probe), vl_version=vegalite)
    marks = (html.unescape(text).split(_BETWEEN) for text in re.findall(r'aria-label="([^"]*)"', svg))
    return [dict(zip(part.fields, map(_value, texts), strict=True)) for texts in marks if len(texts) == len(part.fields)]


def _value(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return None if text in ("null", "undefined", "") else text
    return int(number) if text.lstrip("-").isdigit() else number


def _distinct(parts: list[_Part]) -> list[_Part]:
    """Return the parts that are neither guides beside data nor within another part."""
    kept: list[_Part] = []
    has_data = any(len(part.rows) > _ENDS for part in parts)
    for part in sorted(parts, key=lambda part: -len(part.fields)):
        is_guide = has_data and len(part.rows) <= _ENDS and part.marks <= set(_GUIDES)
        if not is_guide and not any(_is_within(part, larger) for larger in kept):
            kept.append(part)
    return [part for part in parts if part in kept]


def _is_within(part: _Part, larger: _Part) -> bool:
    if not set(part.fields) <= set(larger.fields):
        return False
    known = {json.dumps([row[name] for name in part.fields]) for row in larger.rows}
    return all(json.dumps(list(row.values())) in known for row in part.rows)


def _plain(name: str) -> str:
    return name.replace("_", " ")
