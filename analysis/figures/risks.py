"""Risks: what each stress does, what to watch, all inputs at once, and what the deck's number would take."""

from textwrap import shorten

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.chain import SHORT, written
from analysis.figures.render import figure
from analysis.figures.rows import beside_interval, rows
from analysis.hardware.accelerators import peak_flop_per_second
from analysis.industry import coefficients, pass_through
from analysis.risk import break_even, indicators, joint, rebound, risks, stranding
from analysis.risk.risks import RISKS
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import Scenario

#: Assumptions as a phone has room for them.
ASSUMED = {
    "parameters": "Parameters a token passes",
    "training_tokens": "Training tokens",
    "training_time": "Time to train",
    "peak": "Peak of the chip",
    "utilization": "Utilization",
    "visits_per_day": "Visits a day",
    "questions_per_visit": "Questions a visit",
    "characters_per_question": "Characters a question",
    "tokens_per_character": "Tokens a character",
    "serving_time": "Hours of a day that serve",
}
#: All inputs, the chain's coefficients too.
INPUTS = ASSUMED | SHORT
_MEASURES = {
    "training": ("accelerators to train", "accelerators"),
    "serving": ("accelerators to serve", "accelerators"),
    "site": ("power of the site", "site"),
    "capital": ("capital", "capital"),
}
_ENDS = ("Low end", "High end")
_ELASTICITIES = np.linspace(0, 2, 41)
_YEARS = np.linspace(0, 5, 51)
_BINS = 60


def stresses(base: Scenario) -> alt.LayerChart:
    """Return by what each stress multiplies the accelerators to serve (bars) and to train (points)."""
    found = risks.effects(base)
    shown = found[found["why_not"] == ""].sort_values("serving", ascending=False, kind="stable")
    frame = pd.DataFrame({
        "title": [RISKS[key].title for key in shown["risk"]],
        "one": 1.0,
        "serving": shown["serving"].to_numpy(),
        "training": shown["training"].to_numpy(),
        "capital": shown["capital"].to_numpy(),
        "bar": "To serve",
        "point": "To train",
    })
    ends = [0.8 * frame[["serving", "training"]].to_numpy().min(), 1.3 * frame[["serving", "training"]].to_numpy().max()]
    colours = alt.Scale(domain=["To serve", "To train"])
    chart = rows(
        frame,
        label="title",
        mark="bar",
        x=alt.X(
            "one:Q",
            title="Accelerators, times the scenario's; dashed: as it is",
            scale=alt.Scale(type="log", domain=ends, nice=False),
            axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g"),
        ),
        x2="serving:Q",
        colour=alt.Color("bar:N", title=None, scale=colours),
        value="'× ' + format(datum.serving, '.3~r')",
        rule=1,
        tooltip=[
            alt.Tooltip("title:N", title="Risk"),
            alt.Tooltip("serving:Q", title="To serve, ×", format=".3~r"),
            alt.Tooltip("training:Q", title="To train, ×", format=".3~r"),
            alt.Tooltip("capital:Q", title="Capital, ×", format=".3~r"),
        ],
    )
    points = alt.Chart(frame).mark_point(filled=True, size=90, opacity=1).encode(
        y=chart.layer[1].encoding.y, x="training:Q", color=alt.Color("point:N", title=None, scale=colours)
    )
    most, least = frame.iloc[0], frame.iloc[-1]
    return figure(
        chart + points,
        title=(
            f"Of {numerals.whole(len(frame))} stresses, {most.title.lower()} multiplies serving most, by "
            f"{numerals.significant(most.serving)}, and {least.title.lower()} least, by {numerals.significant(least.serving, 2)}."
        ),
        description="Bars of accelerators to serve and points of those to train, times the scenario's, logarithmic: "
        + "; ".join(
            f"{row.title} {numerals.significant(row.serving)} and {numerals.significant(row.training)}"
            for row in frame.itertuples()
        )
        + ".",
        source="scenario files in data/scenarios/stress; computed by analysis/risk/risks.py",
    )


def demand(base: Scenario) -> alt.LayerChart:
    """Return published tokens a day against those of the scenario."""
    frame = indicators.tokens()
    plan = estimate(base).inference.tokens_per_day
    first = frame[frame["per_day"] > plan]["date"].min()
    latest = frame.sort_values("date").iloc[-1]
    x = alt.X("date:T", title="Date", axis=alt.Axis(format="%Y", tickCount="year"))
    y = alt.Y(
        "per_day:Q",
        title="Tokens a day",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(
            values=[10.0**power for power in range(9, 16)],
            labelExpr="replace(replace(format(datum.value, '~s'), 'G', ' billion'), 'T', ' trillion')",
        ),
    )
    colour = alt.Color("organisation:N", title=None)
    base_chart = alt.Chart(frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d"))).encode(x=x, y=y, color=colour)
    points = base_chart.mark_point(filled=True, size=60, opacity=1).encode(
        tooltip=[
            alt.Tooltip("organisation:N", title="Who"),
            alt.Tooltip("product:N", title="Of what"),
            alt.Tooltip("date:T", title="Date", format="%Y-%m"),
            alt.Tooltip("per_day:Q", title="Tokens a day", format=".3s"),
            alt.Tooltip("verified:N", title="Verified"),
        ]
    )
    lines = base_chart.mark_line(strokeWidth=1.5).encode(detail="product:N")
    level = alt.Chart(pd.DataFrame([{"text": "the scenario"}]))
    rule = level.mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(plan))
    name = level.mark_text(align="left", baseline="bottom", dy=-4, dx=4).encode(x=alt.value(0), y=alt.datum(plan), text="text:N")
    above = (
        f"was passed first in {first:%B %Y}" if pd.notna(first) else "was not reached by any product"
    )
    return figure(
        alt.layer(lines, points, rule, name).properties(height=300),
        title=(
            f"The scenario's {numerals.words(plan)} tokens a day: that {above}; "
            f"{latest['organisation']} alone reported {numerals.words(latest['per_day'])} in {latest['date']:%B %Y}."
        ),
        description=f"Points of published tokens a day by date, logarithmic, from {numerals.words(frame['per_day'].min())} to "
        f"{numerals.words(frame['per_day'].max())}; a dashed line at the scenario's {numerals.words(plan)}.",
        source="data/demand.csv: company statements, Epoch AI and press",
    )


def rebounds(base: Scenario) -> alt.LayerChart:
    """Return the work that is left of each gain in efficiency by how elastic demand is."""
    gains = efficiency_gains(base)
    apparent = rebound.apparent_elasticity(indicators.tokens_trend(), indicators.prices_trend())
    frame = pd.concat([
        pd.DataFrame({"elasticity": _ELASTICITIES, "work": rebound.work_after(share, _ELASTICITIES), "gain": name})
        for name, share in gains.items()
    ])
    x = alt.X("elasticity:Q", title="Price elasticity of demand")
    y = alt.Y(
        "work:Q",
        title="Accelerators, times those before",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g"),
    )
    line = alt.Chart(frame).mark_line().encode(
        x=x, y=y, color=alt.Color("gain:N", title=None, sort=list(gains), legend=alt.Legend(columns=1))
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(1))
    return figure(
        alt.layer(line, rule).properties(height=260),
        title=(
            f"A gain in efficiency saves chips only while one percent cheaper brings less than one percent more; published "
            f"tokens grew {numerals.significant(apparent, 2)}% for each percent that prices fell."
        ),
        description="Lines of accelerators after a gain in efficiency by the price elasticity of demand, all through one at "
        "an elasticity of one: "
        + "; ".join(
            f"{name}: {numerals.significant(share, 2)} without rebound, {numerals.significant(rebound.work_after(share, 2), 2)} "
            "at an elasticity of two"
            for name, share in gains.items()
        )
        + ".",
        source="computed by analysis/risk/rebound.py; shapes and formats: data/architectures.csv, data/accelerators.csv",
    )


def efficiency_gains(base: Scenario) -> dict[str, float]:
    """Return the share of work a token that is left by each gain: a sparse model, and eight bits where the chip has them."""
    sparse = risks.applied(base, "efficiency").parameters / base.parameters
    gains = {f"Sparse model: {numerals.percent(sparse)} of the work a token": sparse}
    if eight := pass_through.eight_bits(base):
        narrow = base.peak_flop_per_second / peak_flop_per_second(base.accelerator, eight)
        if narrow < 1:
            gains[f"{eight} in place of {base.precision}: {numerals.percent(narrow)} of the time"] = narrow
            gains[f"Both: {numerals.percent(sparse * narrow)}"] = sparse * narrow
    return gains


def earned(base: Scenario) -> alt.LayerChart:
    """Return the share of its capital that a fleet earns back over years, on each path of rents."""
    fleet = stranding.fleet(base)
    paths = stranding.paths()
    names = {name: f"{name}: {_yearly(growth)}" for name, growth in paths.items()}
    frame = pd.concat([
        pd.DataFrame({"years": _YEARS, "share": stranding.earned_share(fleet, growth, _YEARS), "path": names[name]})
        for name, growth in paths.items()
    ])
    line = alt.Chart(frame).mark_line().encode(
        x=alt.X("years:Q", title="Years after purchase"),
        y=alt.Y("share:Q", title="Earned back, share of capital", axis=alt.Axis(format="%")),
        color=alt.Color("path:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1)),
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(1))
    back = {name: stranding.payback_years(fleet, growth) for name, growth in paths.items()}
    return figure(
        alt.layer(line, rule).properties(height=260),
        title=(
            f"{fleet.chip}: the capital is back after {_payback(back['Rents stay'])} if rents stay, and after "
            f"{_payback(back['As a dollar buys more'])} if they fall as fast as the next chips do more for a dollar."
        ),
        description="Lines of the share of capital earned back by years after purchase: "
        + "; ".join(f"{names[name]}, {_payback(years)}" for name, years in back.items())
        + ".",
        source="data/gpu_prices.csv; computed by analysis/risk/stranding.py",
    )


def sites(base: Scenario, most: int = 8) -> alt.LayerChart:
    """Return the power of the largest data centres, with the site that the scenario needs among them."""
    largest = indicators.sites().head(most)
    need = risks.results(base)["site"]
    existing, own = "Data centres, to date", "This scenario"
    frame = pd.concat([
        pd.DataFrame({"site": [shorten(name, 36, placeholder="…") for name in largest["data_centre"]], "power_mw": largest["power_mw"], "kind": existing}),
        pd.DataFrame([{"site": "To train and to serve", "power_mw": need / 1e6, "kind": own}]),
    ]).sort_values("power_mw", ascending=False)
    ratio = need / 1e6 / largest["power_mw"].iloc[0]
    return figure(
        rows(
            frame,
            label="site",
            mark="bar",
            x=alt.X("power_mw:Q", title="Power of the site, MW", axis=alt.Axis(labelExpr="format(datum.value, ',')", tickCount=5)),
            colour=alt.Color("kind:N", title=None, sort=[own, existing]),
            value="format(datum.power_mw, ',.0f') + ' MW'",
            tooltip=[
                alt.Tooltip("site:N", title="Site"),
                alt.Tooltip("power_mw:Q", title="Power, MW", format=",.0f"),
            ],
        ),
        title=(
            f"The scenario needs {written('site', need)}, {numerals.significant(ratio, 2)} times the largest site that "
            f"is known, {numerals.whole(largest['power_mw'].iloc[0])} MW."
        ),
        description="Bars of the power of sites: "
        + "; ".join(f"{row.site} {numerals.whole(row.power_mw)} MW" for row in frame.itertuples())
        + ".",
        source="data/data_centres.csv (Epoch AI, Frontier Data Centers), partly verified; computed by analysis/industry/pass_through.py",
    )


def tornado(base: Scenario, measure: str, most: int = 12) -> alt.LayerChart:
    """Return a measure with each input of the estimate at both ends of its range, the `most` that move it furthest."""
    table = joint.tornado(base, measure).head(most)
    known = joint.inputs(base)
    expected = float(table["expected"].iloc[0])
    title, link = _MEASURES[measure]
    scale = pass_through.LINKS[link].scale
    frame = pd.DataFrame([
        {"input": _input(known[name]), "end": end, "from": expected / scale, "value": row[column] / scale}
        for name, row in table.iterrows()
        for end, column in zip(_ENDS, ("at low", "at high"), strict=True)
    ])
    ends = [0.9 * frame["value"].min(), 1.1 * frame["value"].max()]
    chart = rows(
        frame,
        label="input",
        mark="bar",
        x=alt.X(
            "from:Q",
            title=f"{title[0].upper()}{title[1:]}, {pass_through.LINKS[link].unit}",
            scale=alt.Scale(type="log", domain=ends, nice=False),
            axis=alt.Axis(values=axes.round_values(*ends), labelExpr=axes.SHORT),
        ),
        x2="value:Q",
        colour=alt.Color("end:N", title="Input at its", sort=list(_ENDS)),
        tooltip=[
            alt.Tooltip("input:N", title="Input"),
            alt.Tooltip("end:N", title="At its"),
            alt.Tooltip("value:Q", title=pass_through.LINKS[link].unit, format=",.3~r"),
        ],
    )
    first = table.iloc[0]
    low, high = sorted((first["at low"], first["at high"]))
    named = min(8, len(table))
    assumed = sum(name in ASSUMED for name in table.index[:named])
    of_the_chain = "none is a coefficient" if assumed == named else f"{named - assumed} coefficients"
    return figure(
        chart,
        title=(
            f"What moves {title} most is: {INPUTS[table.index[0]].lower()}, from {written(link, low)} to "
            f"{written(link, high)}. Of the first {named}, {assumed} are assumptions of the estimate, "
            f"{of_the_chain} of the chain."
        ),
        description=f"Bars of {title} with one input moved at a time over its range, logarithmic: "
        + "; ".join(
            f"{INPUTS[name]} {written(link, row['at low'])} and {written(link, row['at high'])}" for name, row in table.iterrows()
        )
        + ".",
        source="ranges: analysis/scenarios/assumption_ranges.py, data/chain_coefficients.csv; computed by analysis/risk/joint.py",
    )


def distribution(values: pd.Series, counts: dict[str, float]) -> alt.LayerChart:
    """Return how the draws of accelerators to serve spread, with lines at `counts`, by name; equal ones share a line."""
    logs = np.log10(values)
    low, high = logs.quantile([0.002, 0.998])
    found, edges = np.histogram(logs[(logs >= low) & (logs <= high)], bins=_BINS)
    frame = pd.DataFrame({
        "from": 10 ** edges[:-1], "to": 10 ** edges[1:], "share": found / len(values)
    })  # fmt: skip
    ends = [float(10**low), float(10**high)]
    x = alt.X(
        "from:Q",
        title="Accelerators to serve",
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(values=axes.round_values(*ends), labelExpr=axes.SHORT),
    )
    bars = alt.Chart(frame).mark_bar(cornerRadiusEnd=0, opacity=0.6).encode(
        x=x,
        x2="to:Q",
        y=alt.Y("share:Q", title="Share of the draws", axis=alt.Axis(format="%")),
        y2=alt.datum(0),
        tooltip=[
            alt.Tooltip("from:Q", title="From", format=",.0f"),
            alt.Tooltip("to:Q", title="To", format=",.0f"),
            alt.Tooltip("share:Q", title="Share", format=".2%"),
        ],
    )
    by_count: dict[float, str] = {}
    for name, count in counts.items():
        by_count[count] = f"{by_count[count]}; {name}" if count in by_count else name
    marks = {f"{name}: {numerals.whole(count)}": count for count, name in by_count.items()}
    drawn = pd.DataFrame([{"name": name, "at": at} for name, at in marks.items()])
    lines = alt.Chart(drawn).mark_rule(strokeWidth=2).encode(
        x=alt.X("at:Q", scale=alt.Scale(type="log", domain=ends, nice=False)),
        color=alt.Color("name:N", title=None, sort=list(marks), legend=alt.Legend(columns=1)),
    )
    above = {name: joint.probability_above(values, at).share for name, at in marks.items()}
    middle = values.quantile([0.1, 0.9])
    return figure(
        alt.layer(bars, lines).properties(height=260),
        title=(
            f"Four draws of five lie from {numerals.significant(middle.iloc[0], 2)} to {numerals.significant(middle.iloc[1], 2)} "
            "accelerators; above "
            + ", ".join(f"{numerals.whole(marks[name])} lie {numerals.percent(share)}" for name, share in above.items())
            + "."
        ),
        description=f"A histogram of {numerals.whole(len(values))} draws of accelerators to serve, logarithmic, with lines at "
        + "; ".join(f"{name}, {numerals.whole(at)}" for name, at in marks.items())
        + ".",
        source="ranges and correlations of this chapter; computed by analysis/risk/joint.py",
    )


def what_it_takes(base: Scenario, target: float) -> alt.LayerChart:
    """Return the value that each assumption alone would need for `target` accelerators, beside its plausible range."""
    solved = [one for one in break_even.solve_each(base, target) if np.isfinite(one.needed)]
    frame = pd.DataFrame([
        {
            "input": f"{ASSUMED[one.name]}: {break_even.written(one)['needed']}",
            "needed": one.needed / one.now,
            "low": one.low / one.now,
            "high": one.high / one.now,
        }
        for one in solved
    ])
    x = alt.X(
        "value:Q",
        title="Times what the scenario assumes",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g"),
    )
    inside = [one for one in solved if one.verdict == "plausible"]
    return figure(
        beside_interval(
            frame,
            {"needed": "What it would have to be"},
            label="input",
            x=x,
            tooltip=[
                alt.Tooltip("input:N", title="Input"),
                alt.Tooltip("needed:Q", title="Needed, ×", format=".3~r"),
                alt.Tooltip("low:Q", title="Plausible from, ×", format=".3~r"),
                alt.Tooltip("high:Q", title="Plausible to, ×", format=".3~r"),
            ],
        ),
        title=(
            f"{numerals.whole(target)} accelerators take one assumption changed: for {numerals.whole(len(inside))} of "
            f"{numerals.whole(len(break_even.INPUTS))} the value lies in the plausible range."
        ),
        description="Points of the value needed, and bars of the plausible range, times what the scenario assumes, logarithmic: "
        + "; ".join(
            f"{row.input}, {numerals.significant(row.needed)} in {numerals.significant(row.low)} to {numerals.significant(row.high)}"
            for row in frame.itertuples()
        )
        + ".",
        source="ranges: analysis/scenarios/assumption_ranges.py; solved by analysis/risk/break_even.py",
    )


def _input(one: coefficients.Coefficient) -> str:
    if one.name in ASSUMED:
        return ASSUMED[one.name]
    low, high = (numerals.plain(value, 2) for value in (one.low, one.high))
    return f"{SHORT[one.name]}: {low} to {high}"


def _yearly(growth: float) -> str:
    return "no change" if growth == 1 else f"{'+' if growth > 1 else '−'}{numerals.percent(abs(growth - 1))} a year"


def _payback(years: float) -> str:
    return f"{numerals.significant(years, 2)} years" if np.isfinite(years) else "more years than a chip lives"
