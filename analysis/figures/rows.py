"""Charts with one row a case, its name written above its mark: names may be long, and phones are narrow."""

import altair as alt
import pandas as pd

ROW_HEIGHT = 46


def rows(
    data: pd.DataFrame,
    *,
    label: str,
    x: alt.X,
    x2: str | None = None,
    mark: str,
    colour: alt.Color | None = None,
    value: str | None = None,
    tooltip: list[alt.Tooltip] | None = None,
    rule: float | None = None,
    calculate: dict[str, str] | None = None,
    order: alt.Order | None = None,
    offset: alt.YOffset | None = None,
) -> alt.LayerChart:
    """Return one row for each value of the column `label` of `data`, in the order of the data.

    `mark` is "bar" or "point", at `x`, or from `x` to the field `x2`. `value` is a Vega
    expression from `datum`, whose text stands at the right edge for bars and beside a point. `rule` is where
    a dashed line marks a value of `x`. `calculate` has Vega expressions of columns to add to the data. Bars of one row
    stack in `order`, or lie beside each other by `offset`.
    """
    y = alt.Y(f"{label}:N", sort=None, axis=None, scale=alt.Scale(type="band", paddingInner=0.72, paddingOuter=0.4))
    base = alt.Chart(data).transform_calculate(**(calculate or {})).encode(y=y)
    shown = base.mark_bar() if mark == "bar" else base.mark_point(filled=True, size=110, opacity=1)
    encodings = {"x": x, "tooltip": tooltip or []} | ({"x2": x2} if x2 is not None else {})
    encodings |= {"color": colour} if colour is not None else {}
    encodings |= ({"order": order} if order is not None else {}) | ({"yOffset": offset} if offset is not None else {})
    layers = [
        shown.encode(**encodings),
        alt.Chart(data.drop_duplicates(label))
        .mark_text(align="left", baseline="bottom", dy=-9, dx=2, limit=330)
        .encode(y=y, x=alt.value(0), text=f"{label}:N"),
    ]
    if value is not None:
        text = base.transform_calculate(value_text=value).encode(text="value_text:N")
        if mark == "bar":  # above the bar, so that it never leaves the picture however long the bar is
            layers.append(text.mark_text(align="right", baseline="bottom", dy=-9).encode(x=alt.value("width")))
        else:
            layers.append(text.mark_text(align="left", dx=10).encode(x=x))
    if rule is not None:
        guide = alt.XDatum(rule, scale=x["scale"])
        layers.insert(0, alt.Chart(data.head(1)).mark_rule(strokeDash=[4, 4], aria=False).encode(x=guide))
    return alt.layer(*layers).properties(height=ROW_HEIGHT * data[label].nunique())


def beside_interval(
    data: pd.DataFrame,
    values: dict[str, str],
    *,
    label: str,
    x: alt.X,
    tooltip: list[alt.Tooltip],
    columns: int = 2,
) -> alt.LayerChart:
    """Return one row a case with the interval from the column `low` to `high`, and points beside or in it.

    `values` names the columns of `data` that hold the points, each with its text in the legend; NaN is no point. `x` is a
    share, in the scale and with the axis that all have in common; its field is "value".
    """
    y = alt.Y(f"{label}:N", sort=None, axis=None, scale=alt.Scale(type="band", paddingInner=0.72, paddingOuter=0.4))
    long = pd.concat([data.assign(value=data[column], kind=text) for column, text in values.items()]).dropna(subset=["value"])
    low = x.copy()
    low.shorthand = "low:Q"
    base = alt.Chart(data).encode(y=y)
    colour = alt.Color("kind:N", title=None, sort=list(values.values()), legend=alt.Legend(columns=columns))
    points = alt.Chart(long).mark_point(filled=True, size=110, opacity=1).encode(y=y, x=x, color=colour, tooltip=tooltip)
    return alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=low, x2="high:Q", tooltip=tooltip),
        *([points] if len(long) else []),  # Vega gives a layer of nothing no size
        base.mark_text(align="left", baseline="bottom", dy=-9, dx=2, limit=330).encode(x=alt.value(0), text=f"{label}:N"),
    ).properties(height=ROW_HEIGHT * len(data))
