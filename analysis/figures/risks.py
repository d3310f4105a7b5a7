"""Risks: what each stress does, and what to watch: demand, rebound, capital, sites."""

from textwrap import shorten

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import prices as price_quotes
from analysis.figures.chain import written
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.hardware.accelerators import peak_flop_per_second
from analysis.industry import pass_through
from analysis.risk import indicators, rebound, risks, stranding
from analysis.risk.risks import RISKS
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import Scenario

_ELASTICITIES = np.linspace(0, 2, 41)
_YEARS = np.linspace(0, 5, 51)


def stresses(base: Scenario) -> alt.LayerChart:
    """Return by what each stress multiplies the accelerators to serve (bars) and to train (points)."""
    effects = risks.effects(base)
    shown = effects[effects["why_not"] == ""].sort_values("serving", ascending=False, kind="stable")
    frame = pd.DataFrame(
        {
            "title": [RISKS[key].title for key in shown["risk"]],
            "one": 1.0,
            "serving": shown["serving"].to_numpy(),
            "training": shown["training"].to_numpy(),
            "capital": shown["capital"].to_numpy(),
            "bar": "To serve",
            "point": "To train",
        }
    )
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
        tooltip=tips(
            "title:N | Risk", "serving:Q | To serve, × | .3~r", "training:Q | To train, × | .3~r", "capital:Q | Capital, × | .3~r"
        ),
    )
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(y=chart.layer[1].encoding.y, x="training:Q", color=alt.Color("point:N", title=None, scale=colours))
    )
    most, least = frame.iloc[0], frame.iloc[-1]
    return figure(
        chart + points,
        title="What each stress does to the number of chips",
        subtitle=(
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
    latest = indicators.newest_product()
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
        tooltip=tips(
            "organisation:N | Who",
            "product:N | Of what",
            "date:T | Date | %Y-%m",
            "per_day:Q | Tokens a day | .3s",
            "verified:N | Verified",
        )
    )
    lines = base_chart.mark_line(strokeWidth=1.5).encode(detail="product:N")
    level = alt.Chart(pd.DataFrame([{"text": "the scenario"}]))
    rule = level.mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(plan))
    name = level.mark_text(align="left", baseline="bottom", dy=-4, dx=4).encode(x=alt.value(0), y=alt.datum(plan), text="text:N")
    above = f"was passed first in {first:%B %Y}" if pd.notna(first) else "was not reached by any product"
    return figure(
        alt.layer(lines, points, rule, name).properties(height=300),
        title="Published demand beside the scenario's",
        subtitle=(
            f"The scenario's {numerals.words(plan)} tokens a day: that {above}; "
            f"{latest['organisation']} alone reported {numerals.words(latest['per_day'])} in {latest['date']:%B %Y}."
        ),
        description=f"Points of published tokens a day by date, logarithmic, from {numerals.words(frame['per_day'].min())} to "
        f"{numerals.words(frame['per_day'].max())}; a dashed line at the scenario's {numerals.words(plan)}.",
        source=f"data/demand.csv: company statements, Epoch AI and press, to {frame['date'].max():%Y-%m}",
    )


def rebounds(base: Scenario) -> alt.LayerChart:
    """Return the work that is left of each gain in efficiency by how elastic demand is."""
    gains = efficiency_gains(base)
    apparent = rebound.apparent_elasticity(indicators.tokens_trend(), indicators.prices_trend())
    frame = pd.concat(
        [
            pd.DataFrame({"elasticity": _ELASTICITIES, "work": rebound.work_after(share, _ELASTICITIES), "gain": name})
            for name, share in gains.items()
        ]
    )
    x = alt.X("elasticity:Q", title="Price elasticity of demand")
    y = alt.Y(
        "work:Q",
        title="Accelerators, times those before",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10], format="~g"),
    )
    line = (
        alt.Chart(frame)
        .mark_line()
        .encode(x=x, y=y, color=alt.Color("gain:N", title=None, sort=list(gains), legend=alt.Legend(columns=1)))
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(1))
    return figure(
        alt.layer(line, rule).properties(height=260),
        title="Does efficiency save chips? It depends on demand",
        subtitle=(
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
    frame = pd.concat(
        [
            pd.DataFrame({"years": _YEARS, "share": stranding.earned_share(fleet, growth, _YEARS), "path": names[name]})
            for name, growth in paths.items()
        ]
    )
    line = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("years:Q", title="Years after purchase"),
            y=alt.Y("share:Q", title="Earned back, share of capital", axis=alt.Axis(format="%")),
            color=alt.Color("path:N", title=None, sort=list(names.values()), legend=alt.Legend(columns=1)),
        )
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(1))
    back = {name: stranding.payback_years(fleet, growth) for name, growth in paths.items()}
    return figure(
        alt.layer(line, rule).properties(height=260),
        title="How long chips take to earn their capital back",
        subtitle=(
            f"{fleet.chip}: the capital is back after {_payback(back[stranding.STAY])} if rents stay, and after "
            f"{_payback(back[stranding.CHEAPER])} if they fall as fast as a dollar rents more."
        ),
        description="Lines of the share of capital earned back by years after purchase: "
        + "; ".join(f"{names[name]}, {_payback(years)}" for name, years in back.items())
        + ".",
        source=f"data/gpu_prices.csv, to {price_quotes.quotes()['date'].max()}; computed by analysis/risk/stranding.py",
    )


def sites(base: Scenario, most: int = 8) -> alt.LayerChart:
    """Return the power of the largest data centres, with the site that the scenario needs among them."""
    largest = indicators.sites().head(most)
    need = risks.results(base)["site"]
    existing, planned = "Data centres, to date", "This scenario"
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "site": [shorten(name, 36, placeholder="…") for name in largest["data_centre"]],
                    "power_mw": largest["power_mw"],
                    "kind": existing,
                }
            ),
            pd.DataFrame([{"site": "To train and to serve", "power_mw": need / 1e6, "kind": planned}]),
        ]
    ).sort_values("power_mw", ascending=False)
    frame["text"] = [f"{numerals.whole(power) if power >= 1 else numerals.significant(power)} MW" for power in frame["power_mw"]]
    ratio = need / 1e6 / largest["power_mw"].iloc[0]
    return figure(
        rows(
            frame,
            label="site",
            mark="bar",
            x=alt.X(
                "power_mw:Q",
                title="Power of the site, MW",
                axis=alt.Axis(labelExpr="format(datum.value, ',')", tickCount=5),
            ),
            colour=alt.Color("kind:N", title=None, sort=[planned, existing]),
            value="datum.text",
            tooltip=tips("site:N | Site", "power_mw:Q | Power, MW | ,.0f"),
        ),
        title="The scenario's site beside sites that are known",
        subtitle=(
            f"The scenario needs {written('site', need)}, {numerals.significant(ratio, 2)} times the largest site that "
            f"is known, {numerals.whole(largest['power_mw'].iloc[0])} MW."
        ),
        description="Bars of the power of sites: " + "; ".join(f"{row.site} {row.text}" for row in frame.itertuples()) + ".",
        source="data/data_centres.csv (Epoch AI, Frontier Data Centers), partly verified; computed by "
        "analysis/industry/pass_through.py",
    )


def _yearly(growth: float) -> str:
    return "no change" if growth == 1 else f"{'+' if growth > 1 else '−'}{numerals.percent(abs(growth - 1))} a year"


def _payback(years: float) -> str:
    return f"{numerals.significant(years, 2)} years" if np.isfinite(years) else "more years than a chip lives"
