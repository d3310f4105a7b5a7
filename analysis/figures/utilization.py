"""What utilization is: published over time in one convention, beside predictions, and what the peak loses."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import beside_interval, rows
from analysis.figures.tooltips import tips
from analysis.scenarios.scenario import Scenario
from analysis.validation import utilization

_PERCENT = alt.Axis(format=".0%", tickCount=5)
_FAMILIES = ["V100", "A100, A800", "H100, H800", "TPU", "Others"]
_AXIS = "Model FLOP utilization; line: 80% interval"
_SIDES = np.geomspace(1024, 20_000, 40)


def over_time(scenario: Scenario) -> alt.LayerChart:
    """Return published utilizations by date, in one convention; the dashed line is what the scenario assumes."""
    assumed = scenario.utilization
    table = utilization.published()
    frame = table[table["common"].notna()].copy()
    frame["known"] = frame["how"] != utilization.NOT_SAID
    frame["year"] = pd.to_datetime(frame["date"]).map(lambda day: day.year + (day.day_of_year - 1) / 365.25)
    frame["parameters_text"] = ["–" if np.isnan(size) else numerals.words(size) for size in frame["parameters"]]
    columns = ["run", "year", "date", "common", "how", "family", "chip", "parameters_text", "known", "basis"]
    x = alt.X("year:Q", title="Published", scale=alt.Scale(zero=False), axis=alt.Axis(format="d", tickMinStep=1))
    y = alt.Y("common:Q", title="Model FLOP utilization", axis=_PERCENT, scale=alt.Scale(domain=[0, 0.65]))
    base = alt.Chart(frame[columns]).encode(
        x=x,
        y=y,
        color=alt.Color("family:N", title=None, sort=_FAMILIES, legend=alt.Legend(columns=2)),
        tooltip=tips(
            "run:N | Run",
            "date:N | Published",
            "chip:N | Chip",
            "parameters_text:N | Parameters",
            "common:Q | Utilization | .1%",
            "how:N | Convention",
            "basis:N | Measured over",
        ),
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(assumed))
    above = (frame["common"] >= assumed).sum()
    return figure(
        alt.layer(
            rule,
            base.transform_filter(alt.datum.known).mark_point(size=80, filled=True, opacity=1),
            base.transform_filter(~alt.datum.known).mark_point(size=80, filled=False, strokeWidth=1.5, opacity=1),
        ).properties(height=330),
        title="What published training runs reach of their peak",
        subtitle=(
            f"Of {numerals.whole(len(frame))} published training runs, {numerals.whole(above)} reach {numerals.percent(assumed)} "
            f"of their peak, a 16-bit one unless said; the scenario assumes that share of its {scenario.precision} peak (dashed)."
        ),
        description="Model FLOP utilization by date of publication, in PaLM's convention; hollow where the "
        "convention or the shape is not known. "
        + "; ".join(f"{row.run} {row.date[:4]} {numerals.percent(row.common)}" for row in frame.itertuples())
        + ".",
        source="Epoch AI (CC BY 4.0) and the papers of the runs [mfu], brought to one convention",
    )


def against_prediction() -> alt.LayerChart:
    """Return published and predicted utilization of each run that is described well enough, with the 80% interval."""
    table = utilization.predicted().sort_values("predicted", ascending=False, ignore_index=True)
    inside = ((table["common"] >= table["low"]) & (table["common"] <= table["high"])).sum()
    columns = ["run", "common", "predicted", "low", "high", "assumed"]
    x = alt.X("value:Q", title=_AXIS, axis=_PERCENT, scale=alt.Scale(domain=[0, max(0.8, table["high"].max())]))
    tooltip = tips(
        "run:N | Run",
        "common:Q | Published | .1%",
        "predicted:Q | Predicted | .1%",
        "low:Q | At least | .1%",
        "high:Q | At most | .1%",
        "assumed:N | Assumed",
    )
    values = {"predicted": "Predicted", "common": "Published"}
    return figure(
        beside_interval(table[columns], values, label="run", x=x, tooltip=tooltip),
        title="Utilization can be computed instead of assumed",
        subtitle=(
            f"{numerals.whole(inside)} of {numerals.whole(len(table))} published utilizations lie inside the 80% "
            "interval of what is predicted."
        ),
        description="Published and predicted utilization by run: "
        + "; ".join(
            f"{row.run} published {numerals.percent(row.common)}, predicted {numerals.percent(row.predicted)} "
            f"({numerals.percent(row.low)} to {numerals.percent(row.high)})"
            for row in table.itertuples()
        )
        + ".",
        source="the runs' papers; predictions by this book's model of a step",
    )


def ceilings() -> alt.LayerChart:
    """Return the share of the 16-bit peak that the best matrix product of each chip reaches."""
    table = utilization.ceilings()
    frame = table[["chip", "utilization", "measured_tflops", "peak_tflops"]]
    best, worst = table.iloc[0], table.iloc[-1]
    return figure(
        rows(
            frame,
            label="chip",
            mark="bar",
            x=alt.X("utilization:Q", title="Share of the dense peak", axis=_PERCENT, scale=alt.Scale(domain=[0, 1])),
            value="format(datum.measured_tflops, ',.0f') + ' of ' + format(datum.peak_tflops, ',.0f') + ' TFLOPS'",
            tooltip=tips(
                "chip:N | Chip", "utilization:Q | Share of the peak | .1%", "measured_tflops:Q | Measured, TFLOPS | ,.1f"
            ),
        ),
        title="No chip reaches its printed peak",
        subtitle=(
            f"The best 16-bit matrix product of each reaches from {numerals.percent(best['utilization'])} "
            f"({best['chip']}) down to {numerals.percent(worst['utilization'])} ({worst['chip']})."
        ),
        description="Best measured BF16 matrix product over the dense peak: "
        + "; ".join(f"{row.chip} {numerals.percent(row.utilization)}" for row in table.itertuples())
        + ".",
        source="stas00/ml-engineering, accelerator benchmarks (CC BY-SA 4.0)",
    )


def by_size() -> alt.LayerChart:
    """Return the share of the peak of single matrix products against their size, measured and as the model has them."""
    table = utilization.products()
    table = table[table["format"].isin(["BF16", "FP16", "TF32"])]
    curve = pd.DataFrame({"side": _SIDES, "share": utilization.product_share(_SIDES)})
    order = ["BF16", "FP16", "TF32"]
    x = alt.X(
        "side:Q", title="Side of a cube of the same FLOP",
        scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=[1024, 2048, 4096, 8192, 16_384], format=","),
    )  # fmt: skip
    y = alt.Y("share:Q", title="Share of the format's peak", axis=_PERCENT, scale=alt.Scale(domain=[0, 1]))
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("format:N", title=None, sort=order, legend=alt.Legend(columns=3)),
            tooltip=tips("format:N | Format", "m:Q | m | ,", "k:Q | k | ,", "n:Q | n | ,", "share:Q | Share of the peak | .1%"),
        )
    )
    line = alt.Chart(curve).mark_line(strokeDash=[6, 4], strokeWidth=2).encode(x=x, y=y)
    small = table[table["side"] == table["side"].min()]
    return figure(
        alt.layer(line, points).properties(height=300),
        title="Small matrix products waste the chip",
        subtitle=(
            f"On one H100, large products reach up to {numerals.percent(table['share'].max())} of their format's peak; "
            f"those of side {numerals.whole(small['side'].iloc[0])} reach {numerals.percent(small['share'].min())} to "
            f"{numerals.percent(small['share'].max())}."
        ),
        description="Share of the peak by size of one matrix product on one H100 SXM: "
        + "; ".join(f"{row.format} {row.side:,.0f}: {numerals.percent(row.share)}" for row in table.itertuples())
        + ". Dashed: BF16 in training as the model of a step has it, from "
        + f"{numerals.percent(curve['share'].iloc[0])} to {numerals.percent(curve['share'].iloc[-1])}.",
        source="measured by this book on one H100; dashed: its model of a step",
    )


def ladder() -> alt.LayerChart:
    """Return what is left of the peak on H100, from one product to thousands of chips."""
    table = utilization.ladder()
    kind = {"one chip": "Measured on one chip", "published": "Published, thousands of chips"}
    frame = table.assign(kind=table["source"].map(kind))
    best, last = table.iloc[0], table[table["source"] == "published"].iloc[-1]
    return figure(
        rows(
            frame,
            label="what",
            mark="bar",
            x=alt.X("share:Q", title="Share of the BF16 peak", axis=_PERCENT, scale=alt.Scale(domain=[0, 1])),
            colour=alt.Color("kind:N", title=None, sort=list(kind.values()), legend=alt.Legend(columns=1)),
            value="format(datum.share, '.0%')",
            tooltip=tips("what:N | What", "share:Q | Share of the peak | .1%", "kind:N | Source"),
        ),
        title="What is left of the peak, step by step",
        subtitle=(
            f"On H100, the best product takes {numerals.percent(best['share'])} of the peak; "
            f"{numerals.percent(last['share'])} is left of it in training across many servers."
        ),
        description="Share of the BF16 peak: "
        + "; ".join(f"{row.what} {numerals.percent(row.share)}" for row in table.itertuples())
        + ".",
        source="measured by this book on one H100; Llama 3: Grattafiori et al. 2024",
    )
