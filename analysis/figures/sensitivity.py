"""What a predicted duration depends on: each input moved alone, and each one's share of the variance."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.comparing import Measured
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips

#: What the constants are called.
NAMES = {
    "matmul_share": "Rate of matrix products",
    "matmul_traffic": "Memory traffic of matrix products",
    "elementwise_passes": "Elementwise passes",
    "eager_passes": "Passes of eager software",
    "attention_share": "Rate of attention kernels",
    "older_attention": "Age of attention kernels",
    "score_passes": "Passes over unfused scores",
    "issue_seconds": "Pace of the host",
    "kernels_per_expert": "Kernels an expert",
    "link_share": "Bandwidth of the links",
    "network_share": "Bandwidth of the network",
    "exchange_share": "Exchange between experts",
    "data_overlap": "Overlap of gradients",
    "tensor_overlap": "Overlap of tensor parallelism",
    "conversion": "Conversion to few bits",
    "routing_passes": "Sorting tokens to experts",
    "power_exponent": "Effect of the power limit",
    "ring_loss": "Loss of ring attention",
    "optimizer_passes": "Traffic of the optimizer",
    "straggling": "Waiting for the slowest",
    "loss_exponent": "Failures, restarts, idling",
}
#: Inputs that move the result by less than this share are left out.
LEAST = 0.001
_ENDS = ("Lower end", "Upper end")


def tornado(table: pd.DataFrame, about: str) -> alt.LayerChart:
    """Return the days at both ends of each input's range, from `sensitivity.tornado`; `about` names the run."""
    expected = float(table["expected"].iloc[0])
    moves = (table["at high"] - table["at low"]).abs() > LEAST * expected
    shown = table[moves]
    frame = pd.DataFrame([
        {"input": NAMES[name], "end": end, "from": expected, "days": row[column]}
        for name, row in shown.iterrows()
        for end, column in zip(_ENDS, ("at low", "at high"), strict=True)
    ])  # fmt: skip
    low, high = frame["days"].min(), frame["days"].max()
    room = 0.04 * (high - low)
    x = alt.X(
        "from:Q",
        title="Days by the clock",
        scale=alt.Scale(domain=[low - room, high + room], zero=False, nice=False),
    )
    chart = rows(
        frame,
        label="input",
        mark="bar",
        x=x,
        x2="days:Q",
        colour=alt.Color("end:N", title="Input at its", sort=list(_ENDS)),
        tooltip=tips("input:N | Input", "end:N | At its", "days:Q | Days | .1f"),
    )
    first = shown.iloc[0]
    ends = sorted((first["at low"], first["at high"]))
    return figure(
        chart,
        title="Which inputs move the days of a run",
        subtitle=(
            f"The run takes {numerals.significant(expected)} days. What moves that most is: "
            f"{NAMES[shown.index[0]].lower()}, from {numerals.significant(ends[0])} to {numerals.significant(ends[1])}."
        ),
        description=f"Days of {about} with each input at the ends of its range and the others as fitted: "
        + "; ".join(
            f"{NAMES[name]} {numerals.significant(row['at low'])} and {numerals.significant(row['at high'])}"
            for name, row in shown.iterrows()
        )
        + f". {numerals.whole(len(table) - len(shown))} inputs move nothing in this run.",
        source="this book's model of a run; each input between the ends at which it was expected before the fit",
    )


def variance_shares(table: pd.DataFrame, about: str) -> alt.LayerChart:
    """Return each input's share of the variance, from `sensitivity.variance_shares`; `about` names the run."""
    shown = table[table["total"] > LEAST]
    names = {"first order": "Alone", "total": "With interactions"}
    frame = shown.rename(index=NAMES).rename_axis("input").reset_index()
    long = frame.melt("input", value_vars=list(names), var_name="kind", value_name="share").replace({"kind": names})
    order = {name: place for place, name in enumerate(frame["input"])}
    long = long.sort_values("input", key=lambda inputs: inputs.map(order), kind="stable")
    long["share"] = long["share"].clip(lower=0)
    chart = rows(
        long,
        label="input",
        mark="bar",
        x=alt.X("share:Q", title="Share of the variance", axis=alt.Axis(format="%")),
        colour=alt.Color("kind:N", title=None, sort=list(names.values())),
        offset=alt.YOffset("kind:N", sort=list(names.values())),
        tooltip=tips("input:N | Input", "kind:N | Counted", "share:Q | Share | .1%"),
    )
    # The half widths are of 95%; sums take the errors of inputs as independent.
    two = Measured(table["first order"].iloc[:2].sum(), float(np.hypot(*table["first order ±"].iloc[:2])))
    gaps = (table["total"] - table["first order"]).clip(lower=0)
    together = Measured(gaps.sum(), float(np.sqrt((table["first order ±"] ** 2 + table["total ±"] ** 2).sum())))
    return figure(
        chart,
        title="A few inputs make up the doubt about a run",
        subtitle=(
            f"{NAMES[shown.index[0]]} and {NAMES[shown.index[1]].lower()} make up {two.written(numerals.percent)} of the "
            f"variance; interactions add {together.written(lambda part: numerals.percent(part, 1))} (95%)."
        ),
        description=f"Shares of the variance of the days of {about}, alone and with interactions: "
        + "; ".join(
            f"{NAMES[name]} {numerals.percent(row['first order'])} ± {numerals.percent(row['first order ±'], 1)} and "
            f"{numerals.percent(row['total'])} ± {numerals.percent(row['total ±'], 1)}"
            for name, row in shown.iterrows()
        )
        + ".",
        source="Sobol' indices by SALib (Saltelli et al. 2010), of this book's model of a run",
    )
