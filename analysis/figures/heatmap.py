"""Heat maps of matrices: one cell a number, in the theme's colours."""

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd


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
    legend: bool = True,
) -> alt.LayerChart:
    """Return `matrix` (rows, columns) as a heat map, without title; wrap it, or a stack of them, in `figure`.

    `rows` and `columns` name what stands at each, and may repeat; without, they are counted from 0. Colours go from 0
    to `limit`, or, if `signed`, from -`limit` through 0; the limit is the largest amount unless given. `written` is the
    d3 format in which each number stands in its cell, for matrices of a few columns.
    """
    limit = float(np.abs(matrix).max()) or 1.0 if limit is None else limit
    data = pd.DataFrame([
        {"row": row, "column": column, "value": float(value)} for (row, column), value in np.ndenumerate(matrix)
    ])
    base = alt.Chart(data).encode(
        x=alt.X("column:O", title=column_title, axis=_axis(columns, matrix.shape[1], angle=columns is not None)),
        y=alt.Y("row:O", title=row_title, axis=_axis(rows, matrix.shape[0], angle=False)),
    )
    # Between orange and blue, "rgb" passes through the middle's grey, and not through pink as the default does.
    scale = alt.Scale(domain=[-limit, limit], domainMid=0, clamp=True, interpolate="rgb")
    scale = scale if signed else alt.Scale(domain=[0, limit], clamp=True)
    shown = base.mark_rect(stroke=None, opacity=0.5 if written else 1, aria=False).encode(
        color=alt.Color(
            "value:Q",
            title=value_title,
            scale=scale,
            legend=alt.Legend(orient="top", direction="horizontal", gradientLength=180, gradientThickness=10, tickCount=3)
            if legend
            else None,
        ),
        tooltip=[
            alt.Tooltip("row_name:N", title=row_title or "Row"),
            alt.Tooltip("column_name:N", title=column_title or "Column"),
            alt.Tooltip("value:Q", title=value_title, format=".3f"),
        ],
    )
    shown = shown.transform_calculate(row_name=_named("row", rows), column_name=_named("column", columns))
    layers = [shown]
    if written:
        layers.append(base.mark_text(fontSize=11).encode(text=alt.Text("value:Q", format=written)))
    return alt.layer(*layers).properties(height=cell_height * matrix.shape[0])


def _axis(names: Sequence[str] | None, count: int, *, angle: bool) -> alt.Axis:
    options = {"domain": False, "ticks": False, "grid": False, "labelAngle": -45 if angle else 0}
    if names is None:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if count <= 9 * step)
        return alt.Axis(values=list(range(0, count, step)), **options)
    return alt.Axis(labelExpr=f"{json.dumps(list(names), ensure_ascii=False)}[datum.value]", labelOverlap=False, **options)


def _named(field: str, names: Sequence[str] | None) -> str:
    if names is None:
        return f"toString(datum.{field})"
    return f"{json.dumps(list(names), ensure_ascii=False)}[datum.{field}]"
