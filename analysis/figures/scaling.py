"""Scaling laws: one FLOP budget, spent on many sizes of model."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.render import figure, vega
from analysis.figures.tooltips import tips
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario
from analysis.training import scaling

_SIZES = np.geomspace(1e9, 1e13, 81)
_SIZE_AXIS = alt.Axis(values=[1e9, 1e10, 1e11, 1e12, 1e13], labelExpr=axes.COUNTS, labelSeparation=6)
_SOURCE = "constants of Kaplan et al. 2020, Hoffmann et al. 2022 and Besiroglu et al. 2024, as published"
#: The fits that stand beside each other; the unrounded one is the first before rounding, and stands in the table.
_SHOWN = ("Hoffmann et al. 2022", "Besiroglu et al. 2024")
_OPTIMA = (("Hoffmann et al. 2022", 4), ("Besiroglu et al. 2024", 22))  # and how far below the top that is written


def loss_by_size(scenario: Scenario) -> alt.LayerChart:
    """Return the predicted loss against the size of the model, all spending the same FLOP, with a slider for these."""
    budget = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    shift = alt.param(
        name="budget_shift",
        value=0,
        bind=alt.binding_range(min=-3, max=3, step=0.05, name="FLOP: the scenario's, times ten to the "),
    )
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


def tokens_a_parameter(scenario: Scenario) -> alt.LayerChart:
    """Return the tokens a parameter that each advice leads to, against the FLOP budget."""
    budget = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    flop = np.geomspace(min(1e20, budget), max(1e27, budget), 29)
    sizes = {"Kaplan et al. 2020": scaling.kaplan_parameters(flop)}
    sizes |= {name: fit.optimal_parameters(flop) for name, fit in scaling.fits().items()}
    frame = pd.concat(
        [
            pd.DataFrame({"advice": name, "flop": flop, "ratio": scaling.tokens_for(flop, size) / size})
            for name, size in sizes.items()
        ]
    )
    ratio = scenario.training_tokens / scenario.parameters
    at = {split.name: split.tokens / split.parameters for split in scaling.splits(scenario.parameters, budget, "the scenario")}
    least, most = min(at[name] for name in scaling.fits()), max(at[name] for name in scaling.fits())
    x = alt.X(
        "flop:Q",
        title="FLOP to train",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=[10.0**power for power in range(12, 36, 2)], labelExpr=axes.POWERS),
    )
    y = alt.Y(
        "ratio:Q",
        title="Tokens a parameter",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(values=[0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000], format=",~g"),
    )
    tooltip = tips("advice:N | Advice", "flop:Q | FLOP | .2e", "ratio:Q | Tokens a parameter | .3r")
    point = alt.Chart(pd.DataFrame([{"flop": budget, "ratio": ratio, "advice": "The scenario"}]))
    return figure(
        alt.layer(
            alt.Chart(frame)
            .mark_line()
            .encode(
                x=x,
                y=y,
                color=alt.Color("advice:N", sort=list(sizes), title=None, legend=alt.Legend(columns=1)),
                tooltip=tooltip,
            ),
            point.mark_point(shape="diamond", filled=False, size=200, strokeWidth=2).encode(x=x, y=y, tooltip=tooltip),
            point.mark_text(align="left", dx=12, baseline="middle").encode(
                x=x, y=y, text=alt.value(f"the scenario: {numerals.significant(ratio, 2)}")
            ),
        ).properties(height=320),
        title="Advice on data has turned around",
        subtitle=(
            f"At the scenario's FLOP, the fits ask for {numerals.significant(least, 2)} to {numerals.significant(most, 2)} "
            f"tokens a parameter, Kaplan et al. for {numerals.significant(at['Kaplan et al. 2020'], 2)}; it takes "
            f"{numerals.significant(ratio, 2)}."
        ),
        description=(
            "Tokens a parameter against the FLOP budget, both logarithmic, one line an advice. Kaplan et al.'s falls as "
            "the budget grows; the fits of Hoffmann et al. rise, that of Besiroglu et al. stays nearly level. "
            "At the scenario's budget: "
            + "; ".join(f"{name} {numerals.significant(value, 2)}" for name, value in at.items())
            + "."
        ),
        source=_SOURCE,
    )


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
