"""Language models by date: kinds of architecture, companies, access, and what came after GPT-3.5."""

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

_KINDS = [*releases.KINDS, releases.OTHERS]
#: Models that the chart of kinds names, with where the name stands.
_NAMED = {
    "GPT-1": "below",
    "BERT-Large": "above",
    "T5-11B": "left",
    "GPT-3 175B": "left",
    "GPT-4": "above",
    "Kimi K2": "above",
}
_PLACES = {
    "above": {"baseline": "bottom", "dy": -8},
    "below": {"baseline": "top", "dy": 9},
    "left": {"align": "right", "dx": -8},
}


def families() -> alt.LayerChart:
    """Return parameters of models by date and kind of architecture since June 2018, with a choice of the kind."""
    frame = releases.selected()
    known = frame.dropna(subset="parameters").assign(mark=lambda rows: rows["verified"].map(MARKS))
    kind = choice("kind_shown", "Kind ", _KINDS)
    x = year_axis("Release")
    y = alt.Y(
        "parameters:Q",
        title="Parameters",
        scale=alt.Scale(type="log", domain=[3e7, 5e12], nice=False),
        axis=alt.Axis(values=[1e8, 1e9, 1e10, 1e11, 1e12], labelExpr=axes.COUNTS),
    )
    columns = ["model", "organization", "date", "year", "kind", "parameters", "mark"]
    chosen = f"{kind.name} == '{ALL}' || datum.kind == {kind.name}"
    points = (
        alt.Chart(known[columns])
        .transform_filter(chosen)
        .mark_point(size=70, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=_KINDS), legend=alt.Legend(columns=1)),
            shape=mark_shape(),
            tooltip=tips(
                "model:N | Model",
                "organization:N | By",
                "date:N | Release",
                "parameters:Q | Parameters | .3s",
                "kind:N | Kind",
                "mark:N | Data",
            ),
        )
    )
    named = known[known["model"].isin(_NAMED)]
    named = named.assign(text=named["model"] + (named["verified"] == "no").map({True: " (rumour)", False: ""}))
    names = [
        alt.Chart(named[named["model"].map(_NAMED) == place][["text", "year", "parameters", "kind"]])
        .transform_filter(chosen)
        .mark_text(aria=False, **options)
        .encode(x=x, y=y, text="text:N")
        for place, options in _PLACES.items()
    ]
    released = releases.releases()
    decoders = released["kind"].str.startswith("Decoder")
    last = released[released["kind"] == _KINDS[0]].iloc[-1]
    return figure(
        alt.layer(points, *names).add_params(kind).properties(height=360),
        title="Of three families, GPT's decoders took over",
        subtitle=(
            f"{numerals.whole(decoders.sum())} of {numerals.whole(len(released))} releases since June 2018 are decoders, as "
            f"GPT is; the last encoder of the selection is of {last['date'][:4]}."
        ),
        description="Points of parameters by release, logarithmic, in five kinds of architecture. Releases: "
        + "; ".join(f"{name}, {(released['kind'] == name).sum()}" for name in _KINDS)
        + f". {numerals.whole(frame['parameters'].isna().sum())} models of unknown size are not shown.",
        source=f"{SELECTION}; squares: partly verified; triangles: rumour or not verified",
    )


def kinds_by_year() -> alt.LayerChart:
    """Return the releases of each year by kind of architecture."""
    frame = releases.releases().assign(started=lambda rows: rows["year"].astype(int))
    counts = frame.groupby(["started", "kind"]).size().rename("releases").reset_index()
    counts["rank"] = counts["kind"].map(_KINDS.index)
    first = frame[frame["year"] < 2020]
    late = frame[frame["year"] >= 2024]
    experts = (late["kind"] == _KINDS[3]).sum()
    chart = (
        alt.Chart(counts)
        .mark_bar()
        .encode(
            x=alt.X("started:O", title="Year", axis=alt.Axis(labelAngle=0, labelSeparation=4)),
            y=alt.Y("releases:Q", title="Releases in the selection"),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=_KINDS), legend=alt.Legend(columns=1)),
            order=alt.Order("rank:Q"),
            tooltip=tips("started:O | Year", "kind:N | Kind", "releases:Q | Releases"),
        )
    )
    return figure(
        alt.layer(chart).properties(height=260),
        title="From encoders to decoders with experts",
        subtitle=(
            f"Up to 2019, {numerals.whole((first['kind'] == _KINDS[0]).sum())} of {numerals.whole(len(first))} releases were "
            f"encoders; since 2024, none is, and {numerals.whole(experts)} of {numerals.whole(len(late))} are decoders with "
            "experts."
            if not (late["kind"] == _KINDS[0]).any()
            else f"{numerals.whole(experts)} of {numerals.whole(len(late))} releases since 2024 are decoders with experts."
        ),
        description="Stacked bars of releases by year and kind: "
        + "; ".join(f"{row.started} {row.kind} {row.releases}" for row in counts.itertuples())
        + ".",
        source=f"{SELECTION}; sizes released on one day count once",
    )


def by_company() -> alt.LayerChart:
    """Return the models of each company by date, with a choice of those whose weights are open."""
    frame = releases.by_company()
    frame = frame[frame["date"] >= releases.SINCE]
    frame = frame.assign(
        group=frame["home"].map(GROUPS),
        open=np.where(frame["access"].fillna("").str.startswith("Open weights"), "Open weights", "Others"),
        size=["not known" if np.isnan(value) else numerals.words(value) for value in frame["parameters"]],
        access=frame["access"].fillna("not known"),
    )
    counts = frame["company"].value_counts()
    opened = frame[frame["open"] == "Open weights"]["company"].value_counts().reindex(counts.index, fill_value=0)
    frame["label"] = [f"{name}: {counts[name]}, of them {opened[name]} open" for name in frame["company"]]
    (day,) = trends.in_years([releases.CHATGPT.isoformat()])
    access = choice("access_shown", "Weights ", ["Open weights", "Others"])
    chart = rows(
        frame[["label", "model", "date", "year", "group", "open", "access", "size"]],
        label="label",
        mark="point",
        x=year_axis("Published", "shown"),
        colour=alt.Color("group:N", title=None, sort=list(GROUPS.values())),
        tooltip=tips("model:N | Model", "date:N | Published", "size:N | Parameters", "access:N | Access"),
        rule=day,
        calculate={"shown": f"{access.name} == '{ALL}' || datum.open == {access.name} ? datum.year : null"},
    )
    chart.layer[1].mark.size = 60
    chart.layer[1].mark.opacity = 0.6
    home = frame[frame["home"]]
    launched = releases.CHATGPT.isoformat()
    return figure(
        chart.add_params(access),
        title="Who released models, and when",
        subtitle=(
            f"Of {numerals.whole(len(home))} models of {numerals.whole(len(releases.CHINESE))} Chinese makers, "
            f"{numerals.whole((home['date'] < launched).sum())} came before ChatGPT, the dashed line; of "
            f"{numerals.whole(len(frame) - len(home))} of the others, "
            f"{numerals.whole((frame[~frame['home']]['date'] < launched).sum())}."
        ),
        description="One row a company, one point a model, by date: "
        + "; ".join(
            f"{name} {counts[name]}, first {frame[frame['company'] == name]['date'].min()}" for name in releases.COMPANIES
        )
        + ".",
        source=f"{LIST}, to {frame['date'].max()}",
    )


def by_quarter() -> alt.LayerChart:
    """Return the models of Epoch AI's list by quarter, of China and elsewhere, with the day of ChatGPT marked."""
    frame = releases.listed()
    frame = frame[frame["date"] >= releases.SINCE]
    quarter = np.floor(4 * frame["year"]) / 4
    counts = frame.assign(quarter=quarter).groupby(["quarter", "china"]).size().rename("models").reset_index()
    counts = counts.assign(
        group=counts["china"].map(GROUPS),
        end=counts["quarter"] + 0.25,
        name=[f"{int(at)}, quarter {int(4 * (at % 1)) + 1}" for at in counts["quarter"]],
    )
    counts = counts.sort_values(["quarter", "group"], ascending=[True, False])
    counts["top"] = counts.groupby("quarter")["models"].cumsum()
    counts["bottom"] = counts["top"] - counts["models"]
    x = year_axis("Quarter of publication", "quarter")
    bars = (
        alt.Chart(counts)
        .mark_bar(cornerRadiusEnd=0)
        .encode(
            x=x,
            x2="end:Q",
            y=alt.Y("bottom:Q", title="Models in the list"),
            y2="top:Q",
            color=alt.Color("group:N", title=None, sort=list(GROUPS.values())),
            tooltip=tips("name:N | Quarter", "group:N | From", "models:Q | Models"),
        )
    )
    (day,) = trends.in_years([releases.CHATGPT.isoformat()])
    mark = alt.Chart(pd.DataFrame([{"at": day, "text": "ChatGPT "}]))
    around = releases.around_chatgpt()
    return figure(
        alt.layer(
            bars,
            mark.mark_rule(strokeDash=[4, 4], aria=False).encode(x="at:Q"),
            mark.mark_text(align="right", baseline="top", aria=False).encode(x="at:Q", y=alt.value(2), text="text:N"),
        ).properties(height=260),
        title="Models released before and after ChatGPT",
        subtitle=(
            f"Models with Chinese makers: {numerals.whole(around['china before'])} in the year before ChatGPT, "
            f"{numerals.whole(around['china after'])} in the year after; others {numerals.whole(around['others before'])} and "
            f"{numerals.whole(around['others after'])}."
        ),
        description="Stacked bars of models by quarter, of China and elsewhere: "
        + "; ".join(f"{row.name_} {row.group} {row.models}" for row in counts.rename(columns={"name": "name_"}).itertuples())
        + ".",
        source=LIST,
    )


def access() -> alt.LayerChart:
    """Return the share of models by year whose weights are open, that are hosted only, or that nobody can use."""
    frame = releases.access_by_year()
    order = ["Open weights", "Hosted only", "Unreleased"]
    frame["rank"] = frame["kind"].map(order.index)
    opened = frame[frame["kind"] == order[0]].set_index("year")
    first, last = opened.index[0], opened.index[-1]
    chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusEnd=0)
        .encode(
            x=alt.X("year:O", title="Year of publication", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("share:Q", title="Share of models", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=order), legend=alt.Legend(columns=1)),
            order=alt.Order("rank:Q"),
            tooltip=tips("year:O | Year", "kind:N | Access", "models:Q | Models", "share:Q | Share | .0%"),
        )
    )
    return figure(
        alt.layer(chart).properties(height=240),
        title="How many models' weights can be had, by year",
        subtitle=(
            f"The weights of {numerals.percent(opened.loc[first, 'share'])} of the models of {first} can be had, and of "
            f"{numerals.percent(opened.loc[last, 'share'])} of those of {last}."
        ),
        description="Stacked bars of shares by year: "
        + "; ".join(f"{row.year} {row.kind} {numerals.percent(row.share)} of the models" for row in frame.itertuples())
        + ".",
        source=LIST,
    )


def china_places() -> alt.LayerChart:
    """Return the Chinese models of `data/china_models.csv` by place, those for general use and those for one trade."""
    frame = releases.china()
    counts = frame.groupby(["place_english", "use"], sort=False).size().rename("models").reset_index()
    totals = frame["place_english"].value_counts()
    order = [*totals.drop(releases.ELSEWHERE).index, releases.ELSEWHERE]
    counts = counts.sort_values("place_english", key=lambda names: names.map(order.index), kind="stable")
    uses = list(releases.USES.values())
    counts["label"] = [f"{name}: {totals[name]}" for name in counts["place_english"]]
    general = (frame["use"] == uses[0]).sum()
    return figure(
        rows(
            counts.assign(rank=counts["use"].map(uses.index)),
            label="label",
            mark="bar",
            x=alt.X("models:Q", title="Models in the list"),
            colour=alt.Color("use:N", title=None, sort=uses),
            order=alt.Order("rank:Q"),
            tooltip=tips("place_english:N | Place", "use:N | For", "models:Q | Models"),
        ),
        title="Where China's models come from",
        subtitle=(
            f"{numerals.whole(totals[order[0]])} of {numerals.whole(len(frame))} models of the list are from {order[0]}; "
            f"{numerals.whole(general)} are for general use, the others for a trade."
        ),
        description="Stacked bars of models by place: "
        + "; ".join(f"{row.place_english}, {row.use.lower()}, {row.models}" for row in counts.itertuples())
        + ".",
        source="data/china_models.csv (wgwang, awesome-LLMs-In-China; 微信公众号走向未来), November 2024",
    )
