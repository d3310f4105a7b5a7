"""A chart of a note as numbers by category or along an axis, for programs that draw charts of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt

from analysis.languages.words import Words
from analysis.notes import NoteError

_CATEGORIES, _NUMBERS = ("nominal", "ordinal"), ("quantitative",)


@dataclass(frozen=True)
class Series:
    """Numbers of one name, in the order of the plot's `at`; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Plot:
    """What a chart shows: series over `at`, which are names for bars and numbers for lines.

    `axis` names the series' quantity, `along` that of `at`; each may be logarithmic.
    """

    at: tuple[str, ...] | tuple[float, ...]
    series: tuple[Series, ...]
    axis: str
    along: str
    is_log: bool
    is_along_log: bool

    @property
    def is_bars(self) -> bool:
        """Whether it is bars, a row a name."""
        return bool(self.at) and isinstance(self.at[0], str)


def plot(chart: alt.TopLevelMixin, words: Words) -> Plot:
    """Return what `chart` shows. Raises NoteError for a chart of a kind that has no such form."""
    spec = chart.to_dict()
    layers = list(_layers(spec, spec["datasets"]))
    rows = [layer for layer in layers if _kind(layer, "y") in _CATEGORIES and _kind(layer, "x") in _NUMBERS]
    lines = [layer for layer in layers if _kind(layer, "x") in _NUMBERS and _kind(layer, "y") in _NUMBERS]
    if rows:
        return _plot(rows, "y", "x", words)
    if lines:
        return _plot(lines, "x", "y", words)
    raise NoteError(f"the chart {chart.to_dict()['title']!r} has no form in which it can be edited")


@dataclass(frozen=True)
class _Layer:
    mark: str
    encoding: dict[str, Any]
    rows: list[dict[str, Any]]


def _layers(spec: dict[str, Any], datasets: dict[str, Any], held: dict[str, Any] | None = None) -> Iterator[_Layer]:
    data = spec.get("data", held)
    for inner in spec.get("layer", ()):
        yield from _layers(inner, datasets, data)
    if "mark" in spec:
        mark = spec["mark"]
        yield _Layer(
            mark if isinstance(mark, str) else mark["type"], spec.get("encoding", {}), datasets[data["name"]] if data else []
        )


def _kind(layer: _Layer, channel: str) -> str:
    at = layer.encoding.get(channel, {})
    return at.get("type", "") if layer.mark != "text" and "field" in at else ""


def _plot(layers: list[_Layer], place: str, value: str, words: Words) -> Plot:
    first = layers[0].encoding
    field = first[place]["field"]
    at = tuple(dict.fromkeys(row[field] for layer in layers for row in layer.rows))
    series: dict[str, dict[Any, float]] = {}
    for layer in layers:
        encoding = layer.encoding
        ends = encoding[value]["field"], encoding.get(f"{value}2", {}).get("field")
        colour = encoding.get("color", {}).get("field")
        for row in layer.rows:
            if ends[1] is not None:
                series.setdefault(words("low"), {})[row[field]] = row[ends[0]]
                series.setdefault(words("high"), {})[row[field]] = row[ends[1]]
            else:
                several = colour is not None and encoding["color"].get("legend", "") is not None
                name = str(row[colour]) if several else _title(encoding[value])
                series.setdefault(name, {})[row[field]] = row[ends[0]]
    low = words("low")
    ordered = sorted(series, key=lambda name: (name != low, name == words("high")))
    return Plot(
        tuple(map(str, at)) if place == "y" else tuple(sorted(map(float, at))),
        tuple(
            Series(name, tuple(None if (held := series[name].get(key)) is None else float(held) for key in _sorted(at, place)))
            for name in ordered
        ),
        _title(first[value]),
        "" if place == "y" else _title(first[place]),
        _is_log(first[value]),
        _is_log(first[place]),
    )  # fmt: skip


def _sorted(at: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    return at if place == "y" else tuple(sorted(at))


def _title(encoding: dict[str, Any]) -> str:
    return str(encoding.get("title") or encoding.get("axis", {}).get("title") or encoding["field"])


def _is_log(encoding: dict[str, Any]) -> bool:
    return bool(encoding.get("scale", {}).get("type") == "log")
