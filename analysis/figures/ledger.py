"""The ledger of an architecture as charts: parameters and FLOP by operation, by context, by convention."""

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import sliders, walk
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.models import breakdown
from analysis.models.architecture import Architecture

_KINDS = {"parameters_share": "Parameters", "flop_share": "Forward FLOP a token"}
_CONTEXTS = {"min": 256, "max": 131_072, "step": 256}
#: Contexts that the areas are drawn at, in tokens; the parts in the order of their colours, by the names of their words; and
#: from the ground up, what grows on top.
_AREA_CONTEXTS = 1024 * 2 ** np.arange(8)
_AREA_WORDS = {"MLP": "mlp", "Attention: scores and values": "scores", "Attention: projections": "projections",
               "Linear mixers": "linear", "Vocabulary": "vocabulary"}  # fmt: skip
_FROM_GROUND = ("Vocabulary", "MLP", "Attention: projections", "Linear mixers", "Attention: scores and values")
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


def areas(architectures: Sequence[Architecture], context: int, language: str = "en") -> alt.LayerChart:
    """Return a token's forward FLOP as areas, a column a layer, at one context and of one of the `architectures` at a time.

    `context` is that at which the walk begins, 1,024 tokens doubled a few times.
    """
    start, first = int(_AREA_CONTEXTS.searchsorted(context)), architectures[0]
    names = [model.name for model in architectures]
    tables = {model.name: breakdown.by_layer(model, _AREA_CONTEXTS) for model in architectures}
    frame = pd.concat([table.assign(model=name) for name, table in tables.items()])
    order = [part for part in _FROM_GROUND if part in set(frame["part"])]
    billions = np.vstack(frame["flop"]) / 1e9
    sums = {name: np.sum(np.vstack(table["flop"]), axis=0) / 1e9 for name, table in tables.items()}
    scores = {name: np.sum(np.vstack(table[table["part"] == breakdown.PARTS[2]]["flop"]), axis=0) / 1e9
              for name, table in tables.items()}  # fmt: skip
    drawn = frame[["model", "layer", "part"]].assign(
        rank=frame["part"].map(order.index), flop=[[float(f"{value:.3g}") for value in row] for row in billions]
    )
    tops = frame.assign(top=billions[:, -1]).groupby(["model", "layer"])["top"].sum().groupby("model").max()
    headings = pd.DataFrame(
        {"model": name, "place": place,
         "heading": word("area_heading", language, flop=numerals.significant(sums[name][place]), context=numerals.whole(tokens)),
         "detail": word("area_detail", language, share=numerals.percent(scores[name][place] / sums[name][place], 2))}
        for name in names for place, tokens in enumerate(_AREA_CONTEXTS)
    )  # fmt: skip
    said = {f"{row.model} {row.place}": f"{row.model}: {row.heading}; {row.detail}." for row in headings.itertuples()}
    here = alt.Chart(headings).transform_filter("datum.model == walk_model && datum.place == walk_context")
    columns = alt.X(
        "layer:O", title=word("area_layers", language), scale=alt.Scale(paddingInner=0.12, paddingOuter=0),
        axis=alt.Axis(labelExpr="datum.value == 1 || datum.value % 12 == 0 ? datum.label : ''", labelAngle=0, ticks=False),
    )  # fmt: skip
    height = alt.Y(
        "billion:Q", title=word("area_work", language), stack="zero", axis=alt.Axis(tickCount=5, grid=False),
        scale=alt.Scale(domainMin=0, domainMax={"expr": f"1.22 * {json.dumps(tops.round(2).to_dict())}[walk_model]"}, nice=False),
    )  # fmt: skip
    titles = {name: word(f"area_{key}", language) for name, key in _AREA_WORDS.items()}
    grown, shares = sums[first.name][-1] / sums[first.name][start], scores[first.name] / sums[first.name]
    return figure(
        alt.layer(
            alt.Chart(drawn.assign(part=drawn["part"].map(titles)))
            .transform_filter("datum.model == walk_model")
            .transform_calculate(billion="datum.flop[walk_context]")
            .mark_bar(cornerRadiusEnd=0)
            .encode(
                x=columns, y=height, order=alt.Order("rank:Q"),
                color=alt.Color(
                    "part:N", title=None, scale=alt.Scale(domain=[titles[part] for part in _AREA_WORDS if part in order]),
                    legend=alt.Legend(columns=1, values=[titles[part] for part in reversed(order)]),
                ),
                tooltip=tips(f"layer:O | {word('layer', language)}", f"part:N | {word('part', language)}",
                             f"billion:Q | {word('area_work', language)} | .3~r"),
            ),
            *(here.mark_text(align="left", baseline="top", style=style, fontSize=size)
              .encode(x=alt.value(6), y=alt.value(down), text=f"{field}:N")
              for field, down, size, style in (("heading", 2, 13, "diagram-name"), ("detail", 21, 12, "diagram-detail"))),
        )
        .add_params(
            walk.choice("walk_model", word("size", language), names, first.name),
            walk.slider("walk_context", word("area_doublings", language), len(_AREA_CONTEXTS) - 1, start),
            walk.said(said, "walk_model + ' ' + walk_context"),
        )
        .properties(height=320),
        title="Attention takes over as the context gets long",
        subtitle=(
            f"An area is work. {_short(first)}'s for a token grows {numerals.significant(grown, 2)}-fold from {context:,} to "
            f"{_AREA_CONTEXTS[-1]:,} tokens, all of it in scores and values: {numerals.percent(shares[start], 2)} of the work at "
            f"first, then {numerals.percent(shares[-1], 2)}."
        ),
        description=f"Columns of a token's forward FLOP, one a layer of {first.name}, stacked by part, the vocabulary after the "
        "last. " + " ".join(said[f"{first.name} {place}"] for place in range(len(_AREA_CONTEXTS))),
        source=f"{_SOURCE}, and from published configurations; contexts beyond a model's own are as if it went on",
    )  # fmt: skip


def conventions(architecture: Architecture, sequence: int, utilization: float) -> alt.LayerChart:
    """Return what `utilization`, counted by 6ND, is in every convention, with sliders for it and the sequence."""
    length = alt.param(name="convention_sequence", value=sequence, bind=alt.binding_range(**_CONTEXTS, name="Sequence, tokens "))
    by_rule = sliders.slider("rule_utilization", "Utilization by 6ND", utilization, 0.05, 1, 0.01)
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
