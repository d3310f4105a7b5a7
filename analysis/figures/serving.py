"""Serving a day's demand: the waterfall from the deck's number, its interval, a replica's queue, targets, ways and hours."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.deck import deck_serving
from analysis.figures import axes, walk
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.plan import scenario_serving, serving_plan
from analysis.scenarios.scenario import Scenario
from analysis.serving import demand, serving_case
from analysis.serving.serving_case import ServingCase
from analysis.serving.serving_words import count, written

_KINDS = ("The deck", "More", "Fewer", "This report, 80% interval")
_SOURCE = "the deck; computed by analysis/deck/deck_serving.py"
#: What the factors of analysis/serving/serving_ranges.py are called.
FACTORS = {
    "prompt_tokens": "Length of prompts",
    "answer_tokens": "Length of answers",
    "fresh": "Share of prompts that is not cached",
    "peak_to_mean": "Peak over mean of the day",
    "slower": "Error of predicted step times",
}
#: Loads below this share of a chip's largest are not drawn.
_LEAST = 0.01
_ENDS = ("Lower end", "Upper end")
_SERVICES = {"conversation": "Conversations", "coding": "Coding"}


def waterfall(scenario: Scenario) -> alt.LayerChart:
    """Return the accelerators step by step, from the deck's printed number to the served day with its interval."""
    table = deck_serving.steps(scenario)
    plan = scenario_serving.planned(scenario)
    low, high = plan.chips.low, plan.chips.high
    before = table["accelerators"].shift().fillna(table["accelerators"])
    lowest = 10.0 ** np.floor(np.log10(min(table["accelerators"].min(), low)) - 0.2)
    highest = max(table["accelerators"].max(), high if np.isfinite(high) else low) * 2
    frame = table.assign(start=before, end=table["accelerators"], kind=np.where(table["accelerators"] >= before, *_KINDS[1:3]))
    frame.loc[0, ["start", "kind"]] = lowest, _KINDS[0]
    final = table["accelerators"].iloc[-1]
    last = pd.DataFrame([{
        "step": "Ours, with its interval", "accelerators": final, "start": low, "end": min(high, highest), "kind": _KINDS[3],
    }])  # fmt: skip
    frame = pd.concat([frame, last], ignore_index=True)
    frame["text"] = [written(row.key, row.accelerators) for row in frame.itertuples()]
    frame.loc[len(frame) - 1, "text"] = f"{count(low)} to {count(high)}"
    frame["place"] = range(len(frame))
    scale = alt.Scale(type="log", domain=[lowest, highest], nice=False, clamp=True)
    powers = [10.0**power for power in range(31) if lowest <= 10.0**power <= highest]
    axis = alt.Axis(values=powers, labelExpr=axes.SHORT)
    x = alt.X("start:Q", title="Accelerators to serve one day, logarithmic", scale=scale, axis=axis)
    colour = alt.Color("kind:N", title=None, sort=_KINDS, scale=alt.Scale(domain=_KINDS), legend=alt.Legend(symbolOpacity=1))
    chart = rows(
        frame[["step", "start", "end", "accelerators", "kind", "text", "place"]],
        label="step",
        mark="bar",
        x=x,
        x2="end:Q",
        colour=colour,
        value="datum.text",
        tooltip=tips("step:N | Step", "accelerators:Q | Accelerators | ,.3~s"),
    )
    at = alt.condition("datum.place <= walk_step", alt.value(1), alt.value(0.12))
    y = alt.Y("step:N", sort=None, axis=None, scale=alt.Scale(type="band", paddingInner=0.72, paddingOuter=0.4))
    # A step that changes little is a bar too thin to see, so each count has a tick as well.
    strokes = (
        alt.Chart(frame)
        .mark_tick(thickness=3, height=18)
        .encode(x=alt.X("accelerators:Q", scale=scale, axis=axis), y=y, color=colour)
    )
    printed = table["accelerators"].iloc[0]
    slider = walk.slider("walk_step", word("step_walk"), len(frame) - 1, len(frame) - 1)
    return figure(
        alt.layer(chart.encode(opacity=at), strokes.encode(opacity=at)).add_params(slider, _said_by_step(frame, low, high)),
        title="Step by step from the printed number to the prediction",
        subtitle=(
            f"The deck prints {numerals.whole(printed)}; to serve the day takes {count(low)} to {count(high)} × {plan.chip.name}."
        ),
        description="Waterfall of accelerators on a logarithmic axis: "
        + "; ".join(f"{row.step}, {written(row.key, row.accelerators)}" for row in table.itertuples())
        + f"; the 80% interval of the last, {count(low)} to {count(high)}.",
        source=f"{_SOURCE}; interval: analysis/serving/serving_ranges.py",
    )


def _said_by_step(frame: pd.DataFrame, low: float, high: float) -> alt.VariableParameter:
    """Return what each step of the waterfall does, for the page to say."""
    before = frame["accelerators"].shift()
    texts = [
        word("step_changed", step=row.step, count=row.text, factor=numerals.significant(row.accelerators / was, 2))
        if was == was
        else word("step_said", step=row.step, count=row.text)
        for row, was in zip(frame.itertuples(), before, strict=True)
    ]
    texts[-1] = word("step_last", step=frame["step"].iloc[-1], low=count(low), high=count(high))
    return walk.said({str(place): text for place, text in enumerate(texts)}, "walk_step")


def tornado(scenario: Scenario) -> alt.LayerChart:
    """Return the chips of the served day with each factor of its interval at both ends."""
    table = serving_plan.dependence(scenario_serving.planned(scenario))
    expected = float(table["expected"].iloc[0])
    finite = table[["at low", "at high"]].to_numpy()
    highest = finite[np.isfinite(finite)].max()
    frame = pd.DataFrame([
        {"factor": FACTORS[name], "end": end, "from": expected, "chips": min(row[column], 2 * highest),
         "text": count(row[column])}
        for name, row in table.iterrows()
        for end, column in zip(_ENDS, ("at low", "at high"), strict=True)
    ])  # fmt: skip
    room = 0.04 * (frame["chips"].max() - frame["chips"].min())
    chart = rows(
        frame,
        label="factor",
        mark="bar",
        x=alt.X(
            "from:Q",
            title="Accelerators to serve one day",
            scale=alt.Scale(domain=[frame["chips"].min() - room, frame["chips"].max() + room], zero=False, nice=False),
            axis=alt.Axis(labelExpr=axes.SHORT, tickCount=5),
        ),
        x2="chips:Q",
        colour=alt.Color("end:N", title="Input at its", sort=list(_ENDS)),
        tooltip=tips("factor:N | Input", "end:N | At its", "text:N | Accelerators"),
    )
    first = table.iloc[0]
    ends = sorted((first["at low"], first["at high"]))
    return figure(
        chart,
        title="Which assumption moves the chips for serving",
        subtitle=(
            f"What moves the count most is: {FACTORS[table.index[0]].lower()}, from {count(ends[0])} to {count(ends[1])} "
            "accelerators, before replicas are made whole."
        ),
        description="Accelerators with each input at the ends of its range and the others as expected: "
        + "; ".join(f"{FACTORS[name]} {count(row['at low'])} and {count(row['at high'])}" for name, row in table.iterrows())
        + ".",
        source="ranges and computation: analysis/serving/serving_ranges.py",
    )


def queue(case: ServingCase) -> alt.LayerChart:
    """Return both times of a replica over their targets by load: the closed form as lines, the simulation as points."""
    table = serving_case.by_load(case)
    carried = float(serving_case.carried(case).rate.item())
    names = {
        "first_token": f"Time to first token; target {_seconds(case.first_token_seconds)}",
        "output_token": f"Time per output token; target {_seconds(case.output_token_seconds)}",
    }
    wanted = {"first_token": case.first_token_seconds, "output_token": case.output_token_seconds}
    long = pd.concat(
        [table.assign(seconds=table[name], used=table[name] / wanted[name], kind=text) for name, text in names.items()],
        ignore_index=True,
    )
    long = long[np.isfinite(long["used"])]
    x = alt.X("rate:Q", title="Requests a second on one replica", scale=alt.Scale(zero=True, nice=False))
    lowest, highest = 0.8 * float(long["used"].min()), min(float(long["used"].max()), 10.0)
    y = alt.Y(
        "used:Q",
        title="Time of 95% of requests, over its target",
        scale=alt.Scale(type="log", domain=[lowest, highest], clamp=True, nice=False),
        axis=alt.Axis(
            values=[tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if lowest <= tick <= highest],
            format="~r",
        ),
    )
    colour = alt.Color("kind:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1, symbolOpacity=1))
    tooltip = tips(
        "kind:N | Time",
        "rate:Q | Requests a second | .3~r",
        "seconds:Q | Seconds | .3~r",
        "batch:Q | Requests in the batch | .3~r",
    )
    lines = alt.Chart(long[~long["simulated"]]).mark_line(strokeWidth=2, clip=True)
    points = alt.Chart(long[long["simulated"]]).mark_point(filled=True, size=80, opacity=1, clip=True)
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False)
    chart = alt.layer(
        rule.encode(y=alt.datum(1)),
        rule.encode(x=alt.datum(carried)),
        lines.encode(x=x, y=y, color=colour, tooltip=tooltip),
        points.encode(x=x, y=y, color=colour, tooltip=tooltip),
    ).properties(height=320)
    return figure(
        chart,
        title="Waiting caps what a replica can carry",
        subtitle=(
            f"{numerals.significant(carried)} requests a second keep both targets: "
            f"{numerals.percent(carried / serving_case.most(case))} of what the replica could carry if nobody minded waiting."
        ),
        description="Times that 95% of requests keep, over their targets, by load; lines from the closed form, points "
        "from the simulation; dashed lines at the targets and at the load that keeps them. Simulated: "
        + "; ".join(
            f"{numerals.significant(row.rate)} a second, first token {numerals.significant(row.first_token)} s, "
            f"output token {numerals.significant(row.output_token)} s"
            for row in table[table["simulated"]].itertuples()
        )
        + ".",
        source="analysis/serving/serving_queue.py (lines), analysis/serving/serving_simulation.py (points)",
    )


def by_target(case: ServingCase) -> alt.LayerChart:
    """Return requests a second and chip by the target for each further token, chip by chip."""
    table = serving_case.by_target(case)
    table = table.assign(
        milliseconds=1000 * table["target"],
        name=table["chip"] + ", " + table["precision"].map({"fp8": "8 bits"}).fillna("16 bits"),
    )
    best = table.groupby("name", sort=False)["rate"].max()
    # The queue is least sure where a target is barely more than a request takes alone, and nobody would serve there.
    met = table[table["rate"] > _LEAST * table["name"].map(best)]
    order = list(best.sort_values(ascending=False).index)
    targets = [10, 20, 50, 100, 200]
    rates = [factor * 10.0**power for power in range(-4, 4) for factor in (1, 3)]
    x = alt.X("milliseconds:Q", title="Target for each further token, ms", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=targets, format="d"))  # fmt: skip
    y = alt.Y("rate:Q", title="Requests a second and chip", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=rates, format="~r"))  # fmt: skip
    chart = alt.Chart(met).encode(
        x=x, y=y,
        color=alt.Color("name:N", title=None, sort=order, legend=alt.Legend(columns=1, symbolOpacity=1)),
        tooltip=tips("name:N | Chip", "milliseconds:Q | Target, ms | .3~r", "rate:Q | Requests a second and chip | .3~r"),
    )  # fmt: skip
    tightest = {name: rows_["milliseconds"].min() for name, rows_ in met.groupby("name", sort=False)}
    slow = max(tightest, key=tightest.get)
    is_missed = bool(tightest[slow] > table["milliseconds"].min())
    # Where nothing meets a target there is no point, so the axis is held to all of them.
    ends = alt.Chart(table.iloc[[0, len(serving_case.TARGETS) - 1]]).mark_point(opacity=0, aria=False).encode(x=x)
    return figure(
        alt.layer(ends, chart.mark_line(strokeWidth=2), chart.mark_point(size=40, opacity=1)).properties(height=340),
        title="A tight target costs chips" + ", and some can't be met" * is_missed,
        subtitle=(
            f"{slow} meets none of those tried below {numerals.significant(tightest[slow], 2)} ms."
            if is_missed
            else "Every chip meets every target that was tried."
        ),
        description="Requests a second and chip by target, both logarithmic: "
        + "; ".join(
            f"{name} from {numerals.significant(tightest[name], 2)} ms, at most {numerals.significant(best[name])}"
            for name in tightest
        )
        + ".",
        source="computed by analysis/serving/serving_queue.py; chips: data/accelerators.csv",
    )


def ways(case: ServingCase) -> alt.LayerChart:
    """Return the chips for each question a second, by service and way to serve."""
    table = serving_case.ways(case)
    table["asked"] = [
        f"{_SERVICES[row.service]}: {numerals.whole(row.prompt)} tokens read, {numerals.whole(row.answer)} written"
        for row in table.itertuples()
    ]
    table["label"] = table["way"] + table["service"].map(lambda name: f": {_SERVICES[name].lower()}")
    chart = rows(
        table,
        label="label",
        mark="bar",
        x=alt.X("chips:Q", title="Chips for one question a second"),
        colour=alt.Color("asked:N", title=None, sort=None, legend=alt.Legend(columns=1)),
        value="format(datum.chips, '.2r')",
        tooltip=tips("asked:N | Service", "way:N | Way", "chips:Q | Chips | .3~r"),
    )
    wide = table.pivot(index="service", columns="way", values="chips")
    gain = (wide[serving_case.WAYS[0]] / wide[serving_case.WAYS[1]]).sort_values(ascending=False)
    return figure(
        chart,
        title="Reading and writing on separate chips, by service",
        subtitle=(
            f"Reading and writing apart takes {numerals.significant(1 / gain.iloc[0], 2)} times the chips for "
            f"{_SERVICES[gain.index[0]].lower()}, {numerals.significant(1 / gain.iloc[1], 2)} times for "
            f"{_SERVICES[gain.index[1]].lower()}."
        ),
        description="Chips for one question a second: "
        + "; ".join(f"{row.label}, {numerals.significant(row.chips)}" for row in table.itertuples())
        + ".",
        source="lengths: data/request_lengths.csv; computed by analysis/serving/serving_case.py",
    )


def others(scenario: Scenario) -> alt.LayerChart:
    """Return the accelerators for the same day by model, chip and format."""
    table = scenario_serving.others(scenario)
    able = table.dropna(subset=["chips"])
    table = table.assign(
        label=[row.system if np.isfinite(row.chips) else f"{row.system}: not within the targets" for row in table.itertuples()],
        text=[count(row.chips) if np.isfinite(row.chips) else "–" for row in table.itertuples()],
    )
    lowest, highest = able["chips"].min() / 2, able["chips"].max() * 2
    powers = [tick * 10.0**power for power in range(31) for tick in (1, 3) if lowest <= tick * 10.0**power <= highest]
    chart = rows(
        table[["label", "model", "chips", "megawatts", "tokens_per_day", "text"]],
        label="label",
        mark="point",
        x=alt.X("chips:Q", title="Accelerators to serve the same day, logarithmic",
                scale=alt.Scale(type="log", domain=[lowest, highest], nice=False),
                axis=alt.Axis(values=powers, labelExpr=axes.SHORT)),
        colour=alt.Color("model:N", title=None, sort=None, legend=alt.Legend(columns=1, symbolOpacity=1)),
        tooltip=tips("label:N | System", "text:N | Accelerators", "megawatts:Q | Megawatts at most | ,.3~r",
                     "tokens_per_day:Q | Tokens a day | .3~s"),
    )  # fmt: skip
    most, least = able.loc[able["chips"].idxmax()], able.loc[able["chips"].idxmin()]
    return figure(
        chart,
        title="The same questions on other models and chips",
        subtitle=(
            f"The same questions take {numerals.significant(most['chips'] / least['chips'], 2)} times as many accelerators "
            f"on {most['system']} as on {least['system']}."
        ),
        description="Accelerators by system: " + "; ".join(f"{row.label}, {row.text}" for row in table.itertuples()) + ".",
        source="planned by this book; chips: makers' data sheets; tokens: counted by the tokenizers",
    )


def hours(scenario: Scenario) -> alt.LayerChart:
    """Return the replicas that each hour of the scenario's day needs, and those that there are for the busiest."""
    plan = scenario_serving.planned(scenario)
    weights, use = demand.profile(scenario.peak_to_mean), scenario_serving.mean_use(plan)
    needed = scenario_serving.replicas_by_hour(plan, weights)
    frame = pd.DataFrame({"hour": np.arange(demand.HOURS), "replicas": needed.astype(float)})
    x = alt.X("hour:O", title="Hour of the day, universal time", axis=alt.Axis(labelAngle=0, values=list(range(0, 24, 3))))
    y = alt.Y("replicas:Q", title="Replicas", axis=alt.Axis(labelExpr=axes.SHORT))
    bars = alt.Chart(frame).mark_bar().encode(
        x=x, y=y,
        tooltip=tips("hour:O | Hour", "replicas:Q | Replicas | ,"),
    )  # fmt: skip
    have = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False)
    return figure(
        alt.layer(bars, have.encode(y=alt.datum(float(plan.replicas)))).properties(height=240),
        title="A fleet for the busiest hour idles in the others" if np.ptp(weights) else "An even day leaves no hour idle",
        subtitle=(
            f"A fleet for the busiest hour is used to {numerals.percent(use)} over the day, and "
            f"to {numerals.percent(use * weights.min() / weights.mean())} in its quietest hour."
        ),
        description="Bars of replicas by hour of the day: "
        + "; ".join(f"{row.hour}:00 {numerals.whole(row.replicas)}" for row in frame.itertuples())
        + ".",
        source="shape of the day: data/load_profile.csv, drawn to the scenario's peak; replicas as planned",
    )


def _seconds(seconds: float) -> str:
    return f"{numerals.significant(1000 * seconds, 2)} ms" if seconds < 1 else f"{numerals.significant(seconds, 2)} s"
