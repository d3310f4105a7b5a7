"""Language models grow: parameters, compute, experts and contexts by date."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals, trends
from analysis.figures import axes
from analysis.figures.release_encodings import ALL, GROUPS, LIST, MARKS, SELECTION, choice, mark_shape, year_axis
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.history import releases

_EVERY = "All"


def growth(measure: str, compared: str) -> alt.LayerChart:
    """Return `measure` of notable models by date, with fitted lines of China, elsewhere and all; `compared` is named."""
    title, unit = releases.MEASURES[measure]
    frame = releases.trended(measure)
    frame = frame.assign(group=frame["china"].map(GROUPS), mark=frame["verified"].map(MARKS))
    fits = {name: releases.growth(measure, china=flag) for flag, name in GROUPS.items()}
    every = releases.growth(measure)
    lines = pd.DataFrame(
        [
            {"year": year, "value": float(fit.at(year)), "group": name}
            for name, fit in (fits | {_EVERY: every}).items()
            for year in (frame["year"].min(), frame["year"].max())
        ]
    )
    subject = releases.model(compared)
    shown = choice(f"{measure}_from", "From ", list(GROUPS.values()))
    x = year_axis("Published")
    low, high = frame["value"].min() / 2, frame["value"].max() * 2
    decades = 10.0 ** np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1, 1 if measure == "parameters" else 2)
    y = alt.Y(
        "value:Q",
        title=f"{title}, {unit}" if unit == "FLOP" else title,
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(values=list(decades), labelExpr=axes.POWERS if unit == "FLOP" else axes.COUNTS),
    )
    colour = alt.Color("group:N", title=None, sort=[*GROUPS.values(), _EVERY])
    chosen = f"{shown.name} == '{ALL}' || datum.group == {shown.name}"
    points = (
        alt.Chart(frame[["model", "organization", "date", "year", "value", "group", "mark"]])
        .transform_filter(chosen)
        .mark_point(size=45, opacity=0.7)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=mark_shape(),
            tooltip=[
                alt.Tooltip("model:N", title="Model"),
                alt.Tooltip("organization:N", title="By"),
                alt.Tooltip("date:N", title="Published"),
                alt.Tooltip("value:Q", title=title, format=".3s" if measure == "parameters" else ".2e"),
                alt.Tooltip("mark:N", title="Data"),
            ],
        )
    )
    layers = [
        alt.Chart(lines).transform_filter(chosen).mark_line(strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y, color=colour),
        points,
    ]
    if pd.notna(subject[measure]):
        named = {"year": subject["year"], "value": subject[measure], "text": compared, "group": GROUPS[subject["china"]]}
        ring = alt.Chart(pd.DataFrame([named])).transform_filter(chosen)
        layers += [
            ring.mark_point(size=190, filled=False, strokeWidth=2, opacity=1, aria=False).encode(x=x, y=y),
            ring.mark_text(baseline="bottom", dy=-11, aria=False).encode(x=x, y=y, text="text:N"),
        ]
    return figure(
        alt.layer(*layers).add_params(shown).properties(height=340),
        title=f"{title} of published models, year by year",
        subtitle=(
            f"{title} grew {trends.factor_text(every)} a year by the line through all; China's "
            f"{trends.factor_text(fits[GROUPS[True]])}, others {trends.factor_text(fits[GROUPS[False]])}, each by its own."
        ),
        description=f"Points of {title.lower()} by date, logarithmic, {numerals.whole(len(frame))} notable models, with fitted "
        "lines: "
        + "; ".join(
            f"{name} {trends.factor_text(fit)} a year from {numerals.whole(fit.observations)} models"
            for name, fit in (fits | {_EVERY: every}).items()
        )
        + ". Factors a year with 90% intervals.",
        source=f"{LIST}, notable models; lines: analysis/trends.py, without what is not verified (triangles)",
    )


def experts() -> alt.LayerChart:
    """Return all and active parameters of the latest models of experts, the largest of each maker, by date."""
    every = releases.with_experts()
    frame = every.sort_values(["year", "parameters"]).drop_duplicates("organization", keep="last")
    frame["label"] = [f"{row.model} ({row.date[:4]}): {numerals.percent(row.active_share)} active" for row in frame.itertuples()]
    kinds = {"active_parameters": "Active for a token", "parameters": "All"}
    long = pd.concat(
        [frame.assign(value=frame[column], kind=text)[["label", "value", "kind"]] for column, text in kinds.items()],
        ignore_index=True,
    )
    scale = alt.Scale(type="log", domain=[2e9, 2e12], nice=False)
    x = alt.X(
        "value:Q",
        title="Parameters",
        scale=scale,
        axis=alt.Axis(values=[1e10, 1e11, 1e12], labelExpr=axes.COUNTS),
    )
    chart = rows(
        long,
        label="label",
        mark="point",
        x=x,
        colour=alt.Color("kind:N", title=None, sort=list(kinds.values())),
        tooltip=tips("label:N | Model", "kind:N | Parameters", "value:Q | How many | .3s"),
    )
    span = (
        alt.Chart(frame[["label", "parameters", "active_parameters"]])
        .mark_rule(opacity=0.5)
        .encode(y=chart.layer[1].encoding.y, x=alt.X("active_parameters:Q", scale=scale), x2="parameters:Q")
    )
    least = every.loc[every["active_share"].idxmin()]
    return figure(
        span + chart,
        title="Models of experts use a small part for each token",
        subtitle=(
            f"A token passes {numerals.percent(every['active_share'].median())} of the parameters in the median of "
            f"{numerals.whole(len(every))} models of experts, and {numerals.percent(least['active_share'])} of "
            f"{least['model']}'s."
        ),
        description="Two points a model, the latest of each maker, on a logarithmic axis, active and all parameters: "
        + "; ".join(
            f"{row.model} {numerals.words(row.active_parameters)} of {numerals.words(row.parameters)}"
            for row in frame.itertuples()
        )
        + ".",
        source=f"{SELECTION}; rumours left out",
    )


def contexts() -> alt.LayerChart:
    """Return the longest context that each model allows by date, with the line through all."""
    frame = releases.contexts()
    fit = trends.fit(frame["year"], frame["context"])
    x = year_axis("Release")
    y = alt.Y(
        "context:Q",
        title="Longest context, tokens",
        scale=alt.Scale(type="log", domain=[200, 2e7], nice=False),
        axis=alt.Axis(values=[512, 2048, 8192, 32_768, 131_072, 1_048_576, 10_485_760], format=","),
    )
    ends = pd.DataFrame({"year": [frame["year"].min(), frame["year"].max()]}).assign(context=lambda rows: fit.at(rows["year"]))
    points = alt.Chart(frame[["model", "date", "year", "context", "verified"]].assign(mark=frame["verified"].map(MARKS)))
    longest = frame.loc[frame["context"].idxmax()]
    return figure(
        alt.layer(
            alt.Chart(ends).mark_line(strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y),
            points.mark_point(size=70, opacity=0.8).encode(
                x=x,
                y=y,
                shape=mark_shape(),
                tooltip=tips("model:N | Model", "date:N | Release", "context:Q | Longest context, tokens | ,", "mark:N | Data"),
            ),
        ).properties(height=300),
        title="How long contexts have become",
        subtitle=(
            f"By the line through all {numerals.whole(len(frame))} models, contexts grew {trends.factor_text(fit)} a year; the "
            f"longest, that of {longest['model']}, is said to be {numerals.words(longest['context'])} tokens."
        ),
        description=f"Points of the longest context by release, logarithmic, {numerals.whole(len(frame))} models, from "
        f"{numerals.whole(frame['context'].min())} to {numerals.whole(frame['context'].max())} tokens, with a fitted line.",
        source=f"{SELECTION}; line: analysis/trends.py",
    )
