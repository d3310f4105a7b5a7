"""Scaling laws: one FLOP budget, spent on many sizes of model."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from analysis import facts, numerals
from analysis.figures import axes, names, sliders, walk
from analysis.figures.render import figure, vega
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario
from analysis.training import scaling

_SIZES = np.geomspace(1e9, 1e13, 81)
_SIZE_AXIS = alt.Axis(values=[1e9, 1e10, 1e11, 1e12, 1e13], labelExpr=axes.COUNTS, labelSeparation=6)
_SOURCE = "constants of Kaplan et al. 2020, Hoffmann et al. 2022 and Besiroglu et al. 2024, as published"
#: The fits that stand beside each other; the unrounded one is the first before rounding, and stands in the table.
_SHOWN = ("Hoffmann et al. 2022", "Besiroglu et al. 2024")
#: The two years after GPT-3 and before LLaMA, in which the list has the largest models alone.
_LARGEST_ONLY = (2021, 2022)
_HEIGHT, _NARROW, _WIDE = 380, 270, 600  # px of that figure, and of those that names are laid out for
_OPTIMA = (("Hoffmann et al. 2022", 4), ("Besiroglu et al. 2024", 22))  # and how far below the top that is written


def loss_by_size(scenario: Scenario) -> alt.LayerChart:
    """Return the predicted loss against the size of the model, all spending the same FLOP, with a slider for these."""
    budget = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    shift = sliders.slider("budget_shift", "FLOP: the scenario's, times ten to the", 0, -3, 3, 0.05)
    flop = budget * 10**shift
    fits = {name: scaling.fits()[name] for name in _SHOWN}
    frame = pd.concat([_constants(fit).merge(pd.DataFrame({"parameters": _SIZES}), how="cross") for fit in fits.values()])
    x = alt.X(
        "parameters:Q",
        title="Parameters of the model",
        scale=alt.Scale(type="log", domain=[_SIZES[0], _SIZES[-1]]),
        axis=_SIZE_AXIS,
    )
    y = alt.Y("loss:Q", title="Predicted loss, nats a token", scale=alt.Scale(domain=[1.8, 2.8], zero=False))
    colour = alt.Color("fit:N", title=None, sort=list(_SHOWN), legend=alt.Legend(columns=1))
    tooltip = tips("fit:N | Fit", "parameters:Q | Parameters | .3s", "tokens:Q | Tokens | .3s", "loss:Q | Loss | .3f")
    datum = alt.datum
    tokens = vega(scaling.tokens_for(flop, datum.parameters))
    predicted = vega(_loss(datum, datum.parameters, datum.tokens))
    lines = (
        alt.Chart(frame)
        .transform_calculate(tokens=tokens)
        .transform_calculate(loss=predicted)
        .mark_line(clip=True)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
    )
    constants = pd.concat([_constants(fit) for fit in fits.values()])
    best = (
        alt.Chart(constants)
        .transform_calculate(
            parameters=vega(
                scaling.optimal_parameters(
                    flop, datum.size_coefficient, datum.size_exponent, datum.data_coefficient, datum.data_exponent
                )
            )
        )
        .transform_calculate(tokens=tokens)
        .transform_calculate(
            loss=predicted,
            text="datum.fit + ': best at ' + format(datum.parameters / 1e9, ',.3r') + ' billion'",
        )
    )
    here = (
        alt.Chart(constants.assign(parameters=scenario.parameters))
        .transform_calculate(tokens=tokens)
        .transform_calculate(loss=predicted)
    )
    texts = [
        best.transform_filter(alt.datum.fit == name)
        .mark_text(align="right", baseline="top", fontWeight="bold")
        .encode(x=alt.value("width"), y=alt.value(place), text="text:N")
        for name, place in _OPTIMA
    ]
    mine = numerals.words(scenario.parameters)
    least = {name: fit.optimal_parameters(budget) for name, fit in fits.items()}
    return figure(
        alt.layer(
            lines,
            best.mark_point(filled=True, size=120, opacity=1, clip=True).encode(x=x, y=y, color=colour, tooltip=tooltip),
            here.mark_point(shape="diamond", filled=False, size=200, strokeWidth=2, clip=True).encode(x=x, y=y, tooltip=tooltip),
            *texts,
            alt.Chart(pd.DataFrame([{"size": mine}]))
            .transform_calculate(text=f"'◇ the scenario: ' + datum.size + ', at ' + {axes.scientific(str(vega(flop)))} + ' FLOP'")
            .mark_text(align="right", baseline="top")
            .encode(x=alt.value("width"), y=alt.value(40), text="text:N"),
        )
        .add_params(shift)
        .properties(height=340),
        title="Two fits of one law disagree on the size",
        subtitle=(
            f"{numerals.scientific(budget)} FLOP are best spent on {numerals.words(least[_SHOWN[1]], 2)} parameters by one "
            f"fit and {numerals.words(least[_SHOWN[0]], 2)} by the other; the scenario takes {mine}."
        ),
        description=(
            "Predicted loss against the parameters of the model, at one FLOP budget, by two fits. Both curves fall, "
            "reach a minimum and rise again. "
            + "; ".join(f"{name}: lowest at {numerals.words(value)} parameters" for name, value in least.items())
            + f". The scenario's own size, {mine}, is marked on both."
        ),
        source=_SOURCE,
    )


def models_and_advice(scenario: Scenario, language: str = "en") -> alt.LayerChart:
    """Return parameters and training tokens of published models, with what each advice makes of a budget; a slider goes on by
    years. On a dotted line all take the same FLOP."""
    frame = real_models()
    years = sorted(frame["year"].unique())
    flop = np.geomspace(1e17, 1e30, 40)
    sizes = {"Kaplan et al. 2020": scaling.kaplan_parameters(flop)}
    sizes |= {name: scaling.fits()[name].optimal_parameters(flop) for name in _SHOWN}
    lines = pd.concat(
        pd.DataFrame({"advice": name, "parameters": size, "tokens": scaling.tokens_for(flop, size)})
        for name, size in sizes.items()
    )
    left, right, bottom, top = 1e8, 2e12, 1e10, 1e14
    x = alt.X(
        "parameters:Q",
        title=word("laws_parameters", language),
        scale=alt.Scale(type="log", domain=[left, right], nice=False),
        axis=alt.Axis(values=[1e8, 1e9, 1e10, 1e11, 1e12], labelExpr=axes.SHORT, grid=False),
    )
    y = alt.Y(
        "tokens:Q",
        title=word("laws_tokens", language),
        scale=alt.Scale(type="log", domain=[bottom, top], nice=False),
        axis=alt.Axis(values=[1e10, 1e11, 1e12, 1e13, 1e14], labelExpr=axes.SHORT, grid=False),
    )
    budgets = pd.DataFrame(
        {
            "flop": power,
            "parameters": size,
            "tokens": scaling.tokens_for(10.0**power, size),
            "text": f"10{_raised(power)}{' FLOP' * (power == 20)}",
        }
        for power in range(20, 28, 2)
        for size in (left, right)
    )
    named = budgets[budgets["parameters"] == left].assign(
        tokens=lambda rows: rows["tokens"].clip(upper=top * 0.75),
        parameters=lambda rows: np.maximum(left * 1.3, scaling.tokens_for(10.0 ** rows["flop"], rows["tokens"])),
    )
    models = word("laws_models", language)
    advice = alt.Color("advice:N", title=None, sort=[*sizes, models], legend=alt.Legend(columns=1, symbolOpacity=1))
    tooltip = tips(
        f"model:N | {word('size', language)}",
        f"parameters:Q | {word('laws_parameters', language)} | .3s",
        f"tokens:Q | {word('laws_tokens', language)} | .3s",
        f"ratio:Q | {word('laws_ratio', language)} | .3~r",
    )
    points = alt.Chart(
        frame.assign(advice=models, named=_named(frame, (left, right, bottom, top)))[
            ["model", "year", "parameters", "tokens", "ratio", "advice", "named"]
        ]
    )
    said = {
        str(year): word(
            "laws_said",
            language,
            year=year,
            count=len(rows),
            above=rows["above"].sum(),
            model=most.model,
            flop=numerals.scientific(most.flop, 2),
            ratio=numerals.significant(most.ratio, 2),
            least=numerals.significant(most.least, 2),
            most=numerals.significant(most.most, 2),
        )
        for year, rows in frame.groupby("year")
        for most in [rows.loc[rows["flop"].idxmax()]]
    }
    diamond = alt.Chart(pd.DataFrame([{"parameters": scenario.parameters, "tokens": scenario.training_tokens}]))
    now = points.transform_filter("datum.year == walk_year")
    early, late = frame[frame["year"].isin(_LARGEST_ONLY)], frame[frame["year"] == years[-1]]
    return figure(
        alt.layer(
            alt.Chart(budgets).mark_line(strokeDash=[1, 4], strokeWidth=1, clip=True, aria=False, style="rule")
            .encode(x=x, y=y, detail="flop:N"),
            alt.Chart(named).mark_text(align="left", dx=3, dy=-7, style="diagram-detail", aria=False)
            .encode(x=x, y=y, text="text:N"),
            alt.Chart(lines).mark_line(clip=True).encode(x=x, y=y, color=advice),
            points.transform_filter("datum.year < walk_year").mark_point(size=45, opacity=0.4)
            .encode(x=x, y=y, color=advice, tooltip=tooltip),
            now.mark_point(size=95, opacity=1).encode(x=x, y=y, color=advice, tooltip=tooltip),
            now.mark_text(dy=-12, fontWeight=600)
            .encode(x=x, y=y, text="model:N",
                    opacity=alt.condition(f"datum.named > (width > {_WIDE} ? 0 : 1)", alt.value(1), alt.value(0))),
            diamond.mark_point(shape="diamond", filled=False, size=260, strokeWidth=2, opacity=1, clip=True).encode(x=x, y=y),
        )
        .properties(height=_HEIGHT)
        .add_params(walk.slider("walk_year", word("laws_year", language), years[-1], years[-1], years[0]),
                    walk.said(said, "toString(walk_year)")),
        title="Models now read more text than the laws advise",
        subtitle=(
            f"More tokens a parameter than each fit advises at their FLOP: {early['above'].sum()} of {len(early)} models of "
            f"{_LARGEST_ONLY[0]} and {_LARGEST_ONLY[1]}, {late['above'].sum()} of {len(late)} of {years[-1]}. The diamond is the "
            "scenario."
        ),
        description=f"{len(frame)} models by parameters and training tokens, both logarithmic, with a line for each advice. "
        + " ".join(said.values()),
        source="papers and makers' model cards [models]; constants of Kaplan et al. 2020, Hoffmann et al. 2022 and Besiroglu et "
        "al. 2024",
    )  # fmt: skip


def real_models() -> pd.DataFrame:
    """Return published decoders of which parameters and training tokens are known, no rumours among them, by year.

    `parameters` are those that a token passes, `flop` are 6 of each a token, `ratio` is tokens a parameter, `least` and `most`
    what the fits advise at that FLOP, and `above` says whether the model read more than each of them.
    """
    frame = facts.read("models").dropna(subset=["parameters", "training_tokens"])
    kinds = frame["family"].fillna("")
    passed = frame["active_parameters"].where(kinds.str.contains("MoE"), frame["parameters"])
    frame = frame.assign(parameters=passed, tokens=frame["training_tokens"], year=frame["date"].astype(str).str[:4].astype(int))
    frame = frame[kinds.str.startswith(("decoder", "GLM")) & (frame["verified"] != "no") & passed.notna()]
    frame = frame.assign(
        flop=sizing.training_flop(frame["parameters"], frame["tokens"]), ratio=frame["tokens"] / frame["parameters"]
    )
    advised = np.array([scaling.tokens_for(frame["flop"], size) / size
                        for size in (scaling.fits()[name].optimal_parameters(frame["flop"]) for name in _SHOWN)])  # fmt: skip
    frame = frame.assign(least=advised.min(axis=0), most=advised.max(axis=0))
    return frame.assign(above=frame["ratio"] > frame["most"]).sort_values(["year", "flop"], ignore_index=True)


def _named(frame: pd.DataFrame, ends: tuple[float, float, float, float]) -> list[int]:
    """Return how widely each model is named: 2 on phones too, 1 in a wide figure, 0 nowhere; those with most FLOP come first."""
    left, right, bottom, top = ends
    across, up = (
        np.log(frame["parameters"] / left) / np.log(right / left),
        np.log(frame["tokens"] / bottom) / np.log(top / bottom),
    )
    shown: dict[str, int] = {}
    for _, rows in frame.groupby("year"):
        for width, mark in ((_NARROW, 2), (_WIDE, 1)):
            at = dict(zip(rows["model"], zip(across[rows.index] * width, -up[rows.index] * _HEIGHT, strict=True), strict=True))
            wanted = [*(name for name in shown if name in at), *rows["model"][::-1]]
            shown |= {name: shown.get(name, mark) for name in names.apart([(name,) for name in dict.fromkeys(wanted)], at, width)}
    return [shown.get(name, 0) for name in frame["model"]]


def _raised(power: int) -> str:
    return str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _constants(fit: scaling.Fit) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "fit": fit.name,
                "irreducible": fit.irreducible,
                "size_coefficient": fit.size_coefficient,
                "size_exponent": fit.size_exponent,
                "data_coefficient": fit.data_coefficient,
                "data_exponent": fit.data_exponent,
            }
        ]
    )


def _loss(row: Any, parameters: Any, tokens: Any) -> Any:
    """Return the loss by the fit whose constants are fields of `row`."""
    return scaling.loss(
        row.irreducible, row.size_coefficient, parameters, row.size_exponent, row.data_coefficient, tokens,
        row.data_exponent,
    )  # fmt: skip
