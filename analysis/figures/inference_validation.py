"""How well inference is predicted: predicted against published times, and errors by the unit that was held out."""

import altair as alt
import pandas as pd

from analysis.figures.render import figure
from analysis.figures.rows import rows as rows_of
from analysis.figures.tooltips import tips
from analysis.inference import inference_runs
from analysis.numerals import percent, significant, whole
from analysis.validation import inference_validation

#: What the groups of rows are called.
GROUPS = {
    "output token": "Time per output token",
    "server speed": "Tokens a second of a server",
    "decode step": "Decode step of a known batch",
    "first token": "Time to first token",
    "prefill": "Prefill alone",
    "bare step": "Decode step without an engine",
    "bare prefill": "Prefill without an engine",
}
#: What the chart tells apart, in the order of the colours.
_KINDS = dict.fromkeys(("output token", "decode step", "bare step"), "Time per output token")
_KINDS |= {"first token": "Time to first token"} | dict.fromkeys(("prefill", "bare prefill"), "Prefill alone")
_NAMED = list(dict.fromkeys(_KINDS.values()))
_SOURCE = "published runs [runs] and runs measured by this book, each predicted without its own unit"
_SECONDS = (0.001, 300.0)


def predicted_against_published(rows: pd.DataFrame) -> alt.LayerChart:
    """Return each usable time, predicted and published, from `held_out_inference.read`."""
    good = rows[(rows["usable"] == "yes") & rows["metric"].isin(inference_runs.LATENCIES)]
    frame = pd.DataFrame({
        "published": good["value"], "predicted": good["predicted"], "kind": good["group"].map(_KINDS),
        "unit": good["unit"], "chip": good["chip"],
    })  # fmt: skip
    scale = alt.Scale(type="log", domain=_SECONDS, clamp=True)
    axis = alt.Axis(values=[0.01, 0.1, 1, 10, 100], format=",~r")
    x = alt.X("published:Q", title="Published, seconds", scale=scale, axis=axis)
    y = alt.Y("predicted:Q", title="Predicted, seconds", scale=scale, axis=axis)
    line = alt.Chart(pd.DataFrame({"published": _SECONDS, "predicted": _SECONDS}))
    colour = alt.Color("kind:N", title=None, sort=_NAMED, legend=alt.Legend(columns=1, symbolOpacity=1))
    tooltip = tips("unit:N | Held out", "chip:N | Chip", "published:Q | Published, s | .3~r", "predicted:Q | Predicted, s | .3~r")
    held = {metric: inference_validation.by_unit(good[good["metric"] == metric]).loc["macro average", "coverage"]
            for metric in inference_runs.LATENCIES}  # fmt: skip
    token, first = (percent(held[metric]) for metric in ("tpot_seconds", "ttft_seconds"))
    counts = frame["kind"].value_counts()
    return figure(
        alt.layer(
            line.mark_line(strokeDash=[4, 4], strokeWidth=1, aria=False).encode(x=x, y=y),
            alt.Chart(frame).mark_point(size=26, opacity=0.6).encode(x=x, y=y, color=colour, tooltip=tooltip),
        ).properties(height=380),
        title="Predicted and published times agree over a wide range",
        subtitle=(
            f"{whole(len(good))} published times, each predicted without its own unit: the 80% interval holds "
            f"{token} of those per output token and {first} of those to the first."
        ),
        description=(
            "Scatter of predicted against published seconds on logarithmic axes, with a dashed line where both agree. "
            + "; ".join(f"{name}: {whole(counts[name])} rows" for name in _NAMED)
            + f". Published times go from {significant(good['value'].min())} to {significant(good['value'].max())} s."
        ),
        source=_SOURCE,
    )


def errors_by_unit(rows: pd.DataFrame) -> alt.LayerChart:
    """Return the median error of output tokens and of first tokens, one row a unit that was held out."""
    good = rows[rows["usable"] == "yes"]
    kinds = {"tpot_seconds": "Time per output token", "ttft_seconds": "Time to first token"}
    tables = [
        inference_validation.by_unit(good[good["metric"] == metric]).drop(index="macro average").assign(kind=kind)
        for metric, kind in kinds.items()
    ]
    frame = pd.concat(tables).rename(columns={"median error": "error"}).reset_index()
    token = frame[frame["kind"] == kinds["tpot_seconds"]].set_index("unit")["error"]
    order = frame.groupby("unit")["error"].min().sort_values(kind="stable").index
    frame = frame.sort_values("unit", key=lambda names: names.map(list(order).index), kind="stable")
    chart = rows_of(
        frame[["unit", "kind", "error", "rows"]],
        label="unit",
        mark="point",
        x=alt.X("error:Q", title="Median error of the unit, logarithmic", scale=alt.Scale(type="log", nice=False, padding=8),
                axis=alt.Axis(format="~%", values=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2])),
        colour=alt.Color("kind:N", title=None, sort=list(kinds.values()), legend=alt.Legend(columns=1)),
        tooltip=tips("unit:N | Held out", "kind:N | Of its", "error:Q | Median error | .1%", "rows:Q | Rows"),
    )  # fmt: skip
    return figure(
        chart,
        title="Some engines are predicted closely, some are not",
        subtitle=(
            f"Half of an engine's times per output token are predicted within {percent(token.min())} ({token.idxmin()}) to "
            f"{percent(token.max())} ({token.idxmax()}); {whole((token < 0.2).sum())} of {whole(len(token))} stay below 20%."
        ),
        description="Median error by the unit that was held out: "
        + "; ".join(f"{row.unit}, {row.kind.lower()} {percent(row.error)}" for row in frame.itertuples())
        + ".",
        source=_SOURCE,
    )
