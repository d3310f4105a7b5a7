"""Heat maps of matrices: one cell a number, in the theme's colours."""

import json
from collections.abc import Iterable, Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis.figures.diagram import PHONE_WIDTH, text_width


def heatmap(
    matrix: np.ndarray,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    row_title: str | None,
    column_title: str | None,
    value_title: str,
    signed: bool = False,
    limit: float | None = None,
    cell_height: float = 24,
    written: str | None = None,
) -> alt.LayerChart:
    """Return `matrix` (rows, columns) as a heat map, without a title: wrap it in `figure`.

    `rows` and `columns` name what stands at each, and may repeat; without, they are counted from 0. Colours go from 0
    to `limit`, or, if `signed`, from -`limit` through 0; the limit is the largest amount unless given. `written` is the
    d3 format in which each number stands in its cell, for matrices of a few columns.
    """
    cells = [(row, column, float(value)) for (row, column), value in np.ndenumerate(matrix)]
    return _draw(
        cells, matrix.shape, rows, columns, (row_title, column_title, value_title),
        signed=signed, limit=limit, cell_height=cell_height, written=written,
    )  # fmt: skip


def stacked(
    blocks: Mapping[str, np.ndarray],
    *,
    rows: Sequence[str],
    columns: Sequence[str] | None = None,
    row_title: str | None,
    column_title: str | None,
    value_title: str,
    signed: bool = False,
    limit: float | None = None,
    cell_height: float = 20,
    written: str | None = None,
) -> alt.LayerChart:
    """Return matrices of one shape (rows, columns) below each other, each under its name, in the colours of one
    scale."""
    count = len(rows)
    cells, names, heads = [], [], []
    for number, (name, matrix) in enumerate(blocks.items()):
        start = number * (count + 1)
        heads.append({"row": start, "head": name})
        names += ["", *rows]
        cells += [(start + 1 + row, column, float(value)) for (row, column), value in np.ndenumerate(matrix)]
    width = next(iter(blocks.values())).shape[1]
    chart = _draw(
        cells, (len(names), width), names, columns, (row_title, column_title, value_title),
        signed=signed, limit=limit, cell_height=cell_height, written=written,
    )  # fmt: skip
    head = (
        alt.Chart(pd.DataFrame(heads))
        .mark_text(align="left", baseline="middle", fontWeight=600)
        .encode(x=alt.value(0), y="row:O", text="head:N")
    )
    return alt.layer(chart, head).properties(height=cell_height * len(names))


def _draw(
    cells: Iterable[tuple[int, int, float]],
    shape: tuple[int, int],
    rows: Sequence[str] | None,
    columns: Sequence[str] | None,
    titles: tuple[str | None, str | None, str],
    *,
    signed: bool,
    limit: float | None,
    cell_height: float,
    written: str | None,
) -> alt.LayerChart:
    row_title, column_title, value_title = titles
    data = pd.DataFrame(cells, columns=["row", "column", "value"])
    limit = float(data["value"].abs().max()) or 1.0 if limit is None else limit
    base = alt.Chart(data).encode(
        x=alt.X("column:O", title=column_title, axis=_axis(columns, shape[1], slanted=too_wide(columns))),
        y=alt.Y("row:O", title=row_title, axis=_axis(rows, shape[0], slanted=False)),
    )
    # Between orange and blue, "rgb" passes through the middle's grey, and not through pink as the default does.
    scale = alt.Scale(domain=[-limit, limit], domainMid=0, clamp=True, interpolate="rgb")
    scale = scale if signed else alt.Scale(domain=[0, limit], clamp=True)
    legend = alt.Legend(
        orient="top",
        direction="horizontal",
        gradientLength=180,
        gradientThickness=10,
        tickCount=2 if signed else 3,  # a sign needs room
        titleLimit=320,
    )
    shown = (
        base.mark_rect(stroke=None, opacity=0.5 if written else 1, aria=False)
        .transform_calculate(row_name=_named("row", rows), column_name=_named("column", columns))
        .encode(
            color=alt.Color("value:Q", title=value_title, scale=scale, legend=legend),
            tooltip=[
                alt.Tooltip("row_name:N", title=row_title or "Row"),
                alt.Tooltip("column_name:N", title=column_title or "Column"),
                alt.Tooltip("value:Q", title=value_title, format=".3f"),
            ],
        )
    )
    layers = [shown]
    if written:
        layers.append(base.mark_text(fontSize=11).encode(text=alt.Text("value:Q", format=written)))
    return alt.layer(*layers).properties(height=cell_height * shape[0])


def too_wide(names: Sequence[str] | None) -> bool:
    """Say whether names would run into each other side by side on a phone."""
    return names is not None and max(map(text_width, names)) > 0.75 * PHONE_WIDTH / len(names)


def _axis(names: Sequence[str] | None, count: int, *, slanted: bool) -> alt.Axis:
    options = {"domain": False, "ticks": False, "grid": False, "labelAngle": -45 if slanted else 0}
    if names is None:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if count <= 9 * step)
        return alt.Axis(values=list(range(0, count, step)), **options)
    return alt.Axis(labelExpr=f"{json.dumps(list(names), ensure_ascii=False)}[datum.value]", labelOverlap=False, **options)


def _named(field: str, names: Sequence[str] | None) -> str:
    if names is None:
        return f"toString(datum.{field})"
    return f"{json.dumps(list(names), ensure_ascii=False)}[datum.{field}]"
