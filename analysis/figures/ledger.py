"""The ledger of an architecture as charts: parameters and FLOP by operation, by context, by convention."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.models import breakdown
from analysis.models.architecture import Architecture

_KINDS = {"parameters_share": "Parameters", "flop_share": "Forward FLOP a token"}
_CONTEXTS = {"min": 256, "max": 131_072, "step": 256}
_SOURCE = "this book's ledger, from the shape that the model's paper prints"


def by_operation(architecture: Architecture, context: int) -> alt.LayerChart:
    """Return each operation's share of the parameters and of a token's forward FLOP."""
    frame = breakdown.by_operation(architecture, context)
    mlp = frame[frame["operation"].str.startswith("MLP")]
    products = frame[frame["operation"].isin(("Scores", "Weighted values"))]
    long = frame.melt("operation", value_vars=list(_KINDS), var_name="kind", value_name="share").replace({"kind": _KINDS})
    chart = rows(
        long,
        label="operation",
        mark="bar",
        x=alt.X("share:Q", title="Share of all", axis=alt.Axis(format="%")),
        colour=alt.Color("kind:N", title=None, sort=list(_KINDS.values())),
        offset=alt.YOffset("kind:N", sort=list(_KINDS.values())),
        tooltip=tips("operation:N | Operation", "kind:N | Of", "share:Q | Share | .3%"),
    )
    return figure(
        chart,
        title="The feed-forward network dominates size and work",
        subtitle=(
            f"The MLP holds {numerals.percent(mlp['parameters_share'].sum())} of {_short(architecture)}'s parameters and "
            f"does {numerals.percent(mlp['flop_share'].sum())} of its work; {numerals.percent(products['flop_share'].sum())} "
            "has no parameters at all."
        ),
        description=f"Share of parameters and of forward FLOP a token at {context:,} tokens, by operation: "
        + "; ".join(
            f"{row.operation} {numerals.percent(row.parameters_share)} and {numerals.percent(row.flop_share)}"
            for row in frame.itertuples()
        )
        + ".",
        source=_SOURCE,
    )


def by_context(architecture: Architecture, context: int) -> alt.LayerChart:
    """Return each part's share of a token's forward FLOP, with a slider for the context."""
    length = alt.param(name="ledger_context", value=context, bind=alt.binding_range(**_CONTEXTS, name="Context, tokens "))
    frame = breakdown.by_part(architecture)
    fixed, slope = float(frame["fixed"].sum()), float(frame["slope"].sum())
    share = (alt.datum.fixed + alt.datum.slope * length) / (fixed + slope * length)
    chart = rows(
        frame,
        label="part",
        mark="bar",
        x=alt.X("share:Q", title="Share of a token's forward FLOP", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        value="format(datum.share, '.1%')",
        tooltip=tips("part:N | Part", "share:Q | Share | .2%"),
        calculate={"share": vega(share)},
    )
    at = {row.part: (row.fixed + row.slope * context) / (fixed + slope * context) for row in frame.itertuples()}
    even = fixed / slope
    return figure(
        chart.add_params(length),
        title="Attention takes over as the context gets long",
        subtitle=(
            f"At {context:,} tokens, scores and values are {numerals.percent(at[breakdown.PARTS[2]])} of "
            f"{_short(architecture)}'s work; they would be half of it at {numerals.whole(even)} tokens."
        ),
        description=f"Bars of shares of a token's forward FLOP at {context:,} tokens: "
        + "; ".join(f"{part} {numerals.percent(value)}" for part, value in at.items())
        + ". The slider changes the context.",
        source=_SOURCE,
    )


def conventions(architecture: Architecture, sequence: int, utilization: float) -> alt.LayerChart:
    """Return what `utilization`, counted by 6ND, is in every convention, with sliders for it and the sequence."""
    length = alt.param(name="convention_sequence", value=sequence, bind=alt.binding_range(**_CONTEXTS, name="Sequence, tokens "))
    by_rule = alt.param(
        name="rule_utilization",
        value=utilization,
        bind=alt.binding_range(min=0.05, max=1, step=0.01, name="Utilization by 6ND "),
    )
    frame = breakdown.convention_flop(architecture)
    rule = frame.set_index("key").loc["6nd"]
    flop = alt.datum.fixed + alt.datum.slope * length
    converted = by_rule * flop / (float(rule["fixed"]) + float(rule["slope"]) * length)
    chart = rows(
        frame,
        label="convention",
        mark="bar",
        x=alt.X("converted:Q", title="Utilization of the peak", axis=alt.Axis(format="%", tickCount=5)),
        value="format(datum.converted, '.1%')",
        tooltip=tips("convention:N | Convention", "counts:N | Counts", "converted:Q | Utilization | .2%"),
        calculate={"converted": vega(converted)},
    )
    at = {
        row.convention: utilization * (row.fixed + row.slope * sequence) / (rule["fixed"] + rule["slope"] * sequence)
        for row in frame.itertuples()
    }
    return figure(
        chart.add_params(length, by_rule),
        title="One run can report many utilizations",
        subtitle=(
            f"What 6ND calls {numerals.percent(utilization)} is anything from {numerals.percent(min(at.values()), 3)} to "
            f"{numerals.percent(max(at.values()), 3)} by the other conventions."
        ),
        description=f"Bars of the utilization of one run of {_short(architecture)} at {sequence:,} tokens, by convention: "
        + "; ".join(f"{name} {numerals.percent(value, 3)}" for name, value in at.items())
        + ".",
        source="conventions of Kaplan et al. 2020, Chowdhery et al. 2022 and Narayanan et al. 2021",
    )


def _short(architecture: Architecture) -> str:
    return architecture.name.split(" ")[0]


def shares_at(architecture: Architecture, context: float) -> pd.Series:
    """Return each part's share of a token's forward FLOP at `context`, by part."""
    frame = breakdown.by_part(architecture).set_index("part")
    flop = frame["fixed"] + frame["slope"] * context
    return flop / flop.sum()
