"""The words in a chart's specification: which there are, and the same chart in other words."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

#: Where a specification has a Vega expression; its literals between quotes may be shown, or name a value of the data.
_EXPRESSIONS = {"expr", "calculate", "filter", "test", "labelExpr", "update", "as_expr"}
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
#: Keys whose values name columns, kinds and colours, and are never read by anyone.
_NAMES = {
    "field", "type", "as", "groupby", "aggregate", "op", "mark", "scheme", "interpolate", "orient", "align", "baseline", "format",
    "formatType", "timeUnit", "stack", "shape", "stroke", "fill", "fontWeight", "fontStyle", "resolve", "url", "$schema", "key",
    "fold", "param", "encodings", "select", "on", "clear", "symbolType", "cursor", "anchor", "fieldTitle", "lookup", "fields",
    "labelOverlap", "range", "style", "width", "height", "bounds", "layout", "columns", "interval",
    "dash", "fontSize", "strokeCap", "strokeJoin", "element", "input", "translate", "zoom", "frame",
}  # fmt: skip


def _columns(spec: Any) -> set[str]:
    """Return the columns whose values a reader may see, or that an expression compares."""
    columns: set[str] = set()
    for key, value in _pairs(spec):
        if key == "field" and isinstance(value, str):
            columns.add(value.replace("\\.", "."))
        elif key in _EXPRESSIONS and isinstance(value, str):
            columns.update(re.findall(r"datum\.(\w+)", value))
            columns.update(re.findall(r"datum\[['\"]([^'\"]+)['\"]\]", value))
    return columns


def _pairs(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "datasets":
                continue
            yield key, value
            yield from _pairs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _pairs(value)


def words(spec: dict[str, Any]) -> list[str]:
    """Return each text of a chart that a reader may see, once, in the order of its places."""
    texts: dict[str, None] = {}
    other(spec, lambda text: texts.setdefault(text) or text)
    return list(texts)


def other(spec: dict[str, Any], say: Callable[[str], str]) -> dict[str, Any]:
    """Return the chart with each text that a reader may see as `say` has it; everything else stays as it is."""
    columns = _columns(spec)

    def rows(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [
            {name: say(cell) if isinstance(cell, str) and name in columns else cell for name, cell in row.items()}
            if isinstance(row, dict)
            else (say(row) if isinstance(row, str) else row)
            for row in value
        ]

    def walk(node: Any, key: str = "", inside: str = "") -> Any:
        if isinstance(node, dict):
            result = {}
            for name, value in node.items():
                if name == "datasets":
                    result[name] = {dataset: rows(table) for dataset, table in value.items()}
                elif name == "data" and isinstance(value, dict) and isinstance(value.get("values"), list):
                    result[name] = value | {"values": rows(value["values"])}
                else:
                    result[name] = walk(value, name, key)
            return result
        if isinstance(node, list):
            return [walk(value, key, inside) for value in node]
        if not isinstance(node, str) or key in _NAMES:
            return node
        if key == "name":
            return say(node) if inside == "bind" else node
        if key in _EXPRESSIONS:
            return _LITERAL.sub(lambda match: _literal(match[0], say), node)
        return say(node) if _is_text(node) else node

    return walk(spec)


def _literal(quoted: str, say: Callable[[str], str]) -> str:
    """Return a literal of a Vega expression in other words, in its own quotes; one that is no text as it is."""
    text = json.loads(quoted) if quoted[0] == '"' else quoted[1:-1].replace("\\'", "'")
    if not _is_text(text):
        return quoted
    return json.dumps(say(text)) if quoted[0] == '"' else "'" + say(text).replace("'", "\\'") + "'"


def _is_text(text: str) -> bool:
    """Say whether a string has a letter that is read, and is no colour, column or format."""
    return bool(re.search(r"[A-Za-z]{2}", text)) and not re.fullmatch(
        r"width|height|ascending|descending|#[0-9a-fA-F]{3,8}|[a-z]+_[a-z_]+|[.,~$]*\d*[a-z%]", text
    )
