"""How far predictions can be trusted: predicted against reported, errors by source, against baselines, by mechanism."""

import json

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.rows import rows as rows_of
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.validation import ablation, training_validation

#: What the groups of runs are called, in the order of the colours.
GROUPS = {
    "dense": "Dense steps",
    "experts": "Steps with experts",
    "assumed plan": "Steps, plan assumed",
    "whole run": "Whole runs",
}
METHODS = {
    "this report": "This report, source held out",
    "40% MFU": "Constant 40%",
    "median MFU of the chip": "Median of the chip",
}
#: Rows of `training_validation.summary` that are shown, and what they are called.
SHOWN = {
    "dense": "Steps of dense models",
    "experts": "Steps of mixtures of experts",
    "16 bits": "Steps in 16 bits",
    "8 bits": "Steps in 8 and 4 bits",
    "whole runs": "Whole runs, chip-hours",
}
_SOURCE = "published runs [runs] and runs measured by this book, each predicted with its own source held out"
_UTILIZATION = (0.02, 1.0)
#: What typed words find a run by, in Vega.
_FOUND_BY = "lower(datum.model + ' ' + datum.chip + ' ' + datum.source)"


def predicted_against_reported(rows: pd.DataFrame, later: pd.DataFrame, language: str = "en") -> alt.LayerChart:
    """Return each run's utilization, predicted and reported, in one convention, with its 80% interval.

    One walks from the prediction without the run's own source to that from what came before (`later`, of
    `held_out.later`), and from source to source; words typed find a model, a chip or a source.
    """
    ways = {word("way_held_out", language): rows[rows["usable"] == "yes"],
            word("way_forward", language, year=training_validation.FORWARD): later[later["usable"] == "yes"]}  # fmt: skip
    good = next(iter(ways.values()))
    sides = [word("inside", language), word("missed", language)]
    frame = pd.concat(_places(some, sides).assign(way=way) for way, some in ways.items())
    inside, wholes = (
        training_validation.by_source(good[good["kind"] == kind]).loc[training_validation.MACRO, "coverage"]
        for kind in ("train", "whole_run")
    )
    scale = alt.Scale(type="log", domain=_UTILIZATION, clamp=True)
    axis = alt.Axis(format="%", values=[0.02, 0.05, 0.1, 0.2, 0.4, 0.8])
    x = alt.X("reported:Q", title="Reported share of the peak", scale=scale, axis=axis)
    kinds = alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(GROUPS.values())), legend=alt.Legend(symbolOpacity=1))
    side = alt.Shape("side:N", scale=alt.Scale(domain=sides, range=["circle", "cross"]), legend=None)
    base = alt.Chart(frame).transform_filter("datum.way == walk_way")
    controls, every = _finding(ways, language), json.dumps(word("all_sources", language), ensure_ascii=False)
    is_found = f"(walk_source == {every} || datum.source == walk_source) && indexof({_FOUND_BY}, lower(walk_find)) >= 0"
    line = alt.Chart(pd.DataFrame({"reported": _UTILIZATION, "predicted": _UTILIZATION}))
    y = alt.Y("predicted:Q", title="Predicted share of the peak", scale=scale, axis=axis)
    count = word("found", language).split("@e")
    told = (
        base.transform_filter(is_found)
        .transform_aggregate(runs="count()", error="median(error)")
        .transform_calculate(text=f"datum.runs + {count[0]!r} + format(datum.error, '.0%') + {count[1]!r}")
    )
    chart = alt.layer(
        line.mark_line(strokeDash=[4, 4], strokeWidth=1, aria=False).encode(x=x, y=y),
        base.mark_rule(clip=True).encode(
            x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=kinds,
            opacity=alt.condition(is_found, alt.value(0.22), alt.value(0.02)),
        ),
        base.mark_point(filled=True, size=32, clip=True).encode(
            x=x, y=y, color=kinds, shape=side, opacity=alt.condition(is_found, alt.value(0.75), alt.value(0.05)),
            tooltip=tips("source:N | Source", "model:N | Model", "chip:N | Chip", "reported:Q | Reported | .1%",
                         "predicted:Q | Predicted | .1%"),
        ),
        told.mark_text(align="left", baseline="top", style="diagram-name")
        .encode(x=alt.value(8), y=alt.value(4), text="text:N"),
    ).properties(height=380)  # fmt: skip
    reported = frame["reported"]
    return figure(
        chart.add_params(*controls),
        title="Predicted and reported runs agree over a wide range",
        subtitle=(
            f"{numerals.whole(len(good))} published runs, each predicted without its own source: the 80% interval "
            f"holds {numerals.percent(inside)} of the steps and {numerals.percent(wholes)} of the whole runs. A "
            "cross lies outside."
        ),
        description=(
            "Scatter of predicted against reported utilization on logarithmic axes, with a dashed line where both "
            "agree; a vertical line through each point is its 80% interval, and a cross is a run outside its own. "
            + "; ".join(f"{name}: {numerals.whole((good['group'] == key).sum())} runs" for key, name in GROUPS.items())
            + f". Reported shares go from {numerals.percent(reported.min())} to {numerals.percent(reported.max())}."
        ),
        source=f"{_SOURCE}, all counted as the model's FLOP with full attention",
    )


def _places(good: pd.DataFrame, sides: list[str]) -> pd.DataFrame:
    """Return where each run stands, with its interval, its error, and on which of the `sides` of it."""
    reported = training_validation.reported_utilization(good)
    predicted = reported / np.exp(good["log_error"])
    half = np.exp(np.log(good["high"] / good["low"]) / 2)
    shares = {"reported": reported, "predicted": predicted, "low": predicted / half, "high": predicted * half}
    return pd.DataFrame({
        **{name: [float(f"{value:.3g}") for value in values] for name, values in shares.items()},
        "kind": good["group"].map(GROUPS), "source": good["source"], "model": good["model"], "chip": good["chip"].fillna(""),
        "error": training_validation.errors(good["predicted"], good).round(3), "side": np.where(good["held"], *sides),
    })  # fmt: skip


def _finding(ways: dict[str, pd.DataFrame], language: str) -> tuple[alt.VariableParameter, ...]:
    """Return the controls that choose the prediction and find runs, and what is said of the runs of each source."""
    every, first = word("all_sources", language), next(iter(ways))
    sources = [every, *sorted(ways[first]["source"].unique(), key=str.casefold)]
    texts = {}
    for way, good in ways.items():
        tables = (training_validation.by_source(rows) for rows in (good.assign(source=every), good))
        table = pd.concat([rows.drop(index=training_validation.MACRO) for rows in tables])
        said = {
            row.Index: word("source_said", language, source=row.Index, way=way, runs=_runs(row.runs),
                            median=numerals.percent(row.error), inside=numerals.percent(row.coverage))
            for row in table.rename(columns={"median error": "error"}).itertuples()
        }  # fmt: skip
        none = {source: word("source_none", language, source=source, way=way) for source in sources}
        texts |= {f"{way} {source}": text for source, text in (none | said).items()}
    return (
        walk.choice("walk_way", word("way", language), list(ways), first),
        walk.choice("walk_source", word("source", language), sources, every),
        walk.typed("walk_find", word("find", language), word("find_hint", language)),
        walk.said(texts, "walk_way + ' ' + walk_source"),
    )


def errors_by_source(rows: pd.DataFrame) -> alt.LayerChart:
    """Return the median and the 90th-percentile error of held-out training steps, one row a source."""
    good = rows[(rows["usable"] == "yes") & (rows["kind"] == "train")]
    table = training_validation.by_source(good)
    average = table.loc[training_validation.MACRO]
    table = table.drop(index=training_validation.MACRO).sort_values("median error").reset_index()
    table["label"] = [f"{row.source}: {_runs(row.runs)}" for row in table.itertuples()]
    names = {"median error": "Median error", "90th percentile": "90th percentile"}
    long = table.melt("label", value_vars=list(names), var_name="kind", value_name="error").replace({"kind": names})
    order = {label: place for place, label in enumerate(table["label"])}
    long = long.sort_values("label", key=lambda labels: labels.map(order), kind="stable")
    chart = rows_of(
        long,
        label="label",
        mark="point",
        x=alt.X("error:Q", title="Error of a held-out step", axis=alt.Axis(format="%")),
        colour=alt.Color("kind:N", title=None, sort=list(names.values())),
        tooltip=tips("label:N | Source", "kind:N | Of its runs", "error:Q | Error | .1%"),
    )
    best, last = table.iloc[0], table.iloc[-1]
    return figure(
        chart,
        title="Some sources are predicted closely, some are not",
        subtitle=(
            f"Half of a source's steps are predicted within {numerals.percent(best['median error'])} ({best['source']}) to "
            f"{numerals.percent(last['median error'])} ({last['source']}); the mean over sources is "
            f"{numerals.percent(average['median error'])}."
        ),
        description="Median and 90th-percentile error by source: "
        + "; ".join(
            f"{row['label']}, {numerals.percent(row['median error'])} and {numerals.percent(row['90th percentile'])}"
            for row in table.to_dict("records")
        )
        + ".",
        source=_SOURCE,
    )


def against_baselines(summary: pd.DataFrame) -> alt.LayerChart:
    """Return the median errors of the prediction and of two baselines, from `training_validation.summary`."""
    frame = summary.reset_index()
    frame = frame[frame["rows"].isin(SHOWN)].replace({"rows": SHOWN, "method": METHODS})
    frame["label"] = [f"{row.rows}: {_sources(row.sources)}" for row in frame.itertuples()]
    ours = frame[frame["method"] == METHODS["this report"]].set_index("rows")["median error"]
    least = frame[frame["method"] != METHODS["this report"]].groupby("rows")["median error"].min()
    better = (ours < least[ours.index]).sum()
    chart = rows_of(
        frame,
        label="label",
        mark="bar",
        x=alt.X("median error:Q", title="Median error, mean over sources", axis=alt.Axis(format="%")),
        colour=alt.Color("method:N", title=None, sort=list(METHODS.values())),
        offset=alt.YOffset("method:N", sort=list(METHODS.values())),
        tooltip=tips(
            "rows:N | Runs",
            "method:N | Method",
            "median error:Q | Median error | .1%",
            "90th percentile:Q | 90th percentile | .1%",
        ),
    )
    return figure(
        chart,
        title="The prediction beside two rules of thumb",
        subtitle=(
            f"The prediction has a smaller median error than both baselines on {numerals.whole(better)} of "
            f"{numerals.whole(len(ours))} kinds of runs; on whole runs it has {numerals.percent(ours[SHOWN['whole runs']])}, the "
            f"better baseline {numerals.percent(least[SHOWN['whole runs']])}."
        ),
        description="Median error by kind of runs and method: "
        + "; ".join(
            f"{row['rows']}, {row['method']}: {numerals.percent(row['median error'])}" for row in frame.to_dict("records")
        )
        + ".",
        source=_SOURCE,
    )


def without_each_mechanism(kept: pd.DataFrame) -> alt.LayerChart:
    """Return the held-out error of training steps with each mechanism taken out in turn, from `ablation.read`."""
    frame = ablation.averages(kept)
    full = float(frame.loc["none", "median_error"])
    out = frame.drop(index="none").sort_values("median_error", ascending=False)
    shown = pd.concat([frame.loc[["none"]], out])
    worse = (out["median_error"] > full + ablation.MATTERS).sum()
    first, second = out.iloc[0], out.iloc[1]
    chart = rows_of(
        shown.reset_index(),
        label="without",
        mark="bar",
        x=alt.X("median_error:Q", title="Median error, mean over sources", axis=alt.Axis(format="%")),
        value="format(datum.median_error, '.1%')",
        tooltip=tips("without:N | Taken out", "median_error:Q | Median error | .1%", "p90_error:Q | 90th percentile | .1%"),
    )
    return figure(
        chart,
        title="Which mechanisms the prediction needs",
        subtitle=(
            f"Without {_lower(first['without'])}, the error of {numerals.percent(full)} grows to "
            f"{numerals.percent(first['median_error'])}; without {_lower(second['without'])}, to "
            f"{numerals.percent(second['median_error'])}. {numerals.whole(worse)} of {numerals.whole(len(out))} matter."
        ),
        description="Median error with one mechanism taken out and the rest fitted anew: "
        + "; ".join(f"{row['without']} {numerals.percent(row['median_error'], 3)}" for _, row in shown.iterrows())
        + ".",
        source="this book's experiment: one mechanism out, the rest fitted anew, every source held out",
    )


def _runs(count: float) -> str:
    return f"{numerals.whole(count)} run" + "s" * (count != 1)


def _sources(count: float) -> str:
    return f"{numerals.whole(count)} source" + "s" * (count != 1)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
