"""The charts of the what-if panel: the page sets their parameters, and Vega computes with the package's formulas."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes, panel
from analysis.figures.render import figure, vega
from analysis.figures.tooltips import tips
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

_MINE, _BOOK = "This panel", "This book"
_SOURCE = "the deck's formulas, computed in this page"
#: Few marks, since all are drawn anew while a slider moves: lines that are straight, and a tick a power of ten.
_COUNTS = alt.Axis(values=[10.0**power for power in range(-6, 22)], labelExpr=axes.SHORT)
_FACTOR_TICKS = [digit * 10.0**power for power in range(-9, 9) for digit in (1, 2, 5)]
_POINTS = 13
#: What a reader calls the factors of the result, by the field that causes them.
_FACTORS = {
    "parameters": "Model",
    "training_tokens": "Training tokens",
    "training_time": "Time for training",
    "peak": "Peak of the chip",
    "utilization": "Utilization",
    "visits_per_day": "Visits",
    "questions_per_visit": "Questions a visit",
    "characters_per_question": "Characters",
    "tokens_per_character": "Tokenizer",
    "serving_time": "Hours of serving",
}


def training(scenario: Scenario) -> alt.LayerChart:
    """Return accelerators against the days allowed, of the panel and of the book."""
    count, days = estimate(scenario).training.accelerators, ASSUMPTIONS["training_time"].written(scenario.training_time)
    return _against(
        scenario, "Training", "training_time", 86_400.0, "Days allowed for training",
        title="Training: your panel beside this book",
        subtitle=f"In this book {numerals.counted(count, 'accelerator')} would train the model in {days}.",
    )  # fmt: skip


def inference(scenario: Scenario) -> alt.LayerChart:
    """Return accelerators against the visits of a day, of the panel and of the book."""
    count, visits = estimate(scenario).inference.accelerators, numerals.words(scenario.visits_per_day)
    return _against(
        scenario, "Inference", "visits_per_day", 1e6, "Visits a day, million",
        title="Serving: your panel beside this book",
        subtitle=f"In this book {numerals.counted(count, 'accelerator')} would serve {visits} "
        f"{numerals.plural(scenario.visits_per_day, 'visit')} a day.",
    )  # fmt: skip


def factors(scenario: Scenario) -> alt.LayerChart:
    """Return the factor by which each changed field multiplies the accelerators of each stage."""
    given, book = panel.signals(scenario), panel.fields(scenario)
    rows, expressions = [], {}
    for stage in panel.RESULTS:
        for name, label in _FACTORS.items():
            if name in panel.takes(stage):
                key = f"{stage.lower()}_{name}"
                rows.append({"key": key, "factor_of": label, "stage": stage})
                # The formula is a product, so the effects of single changes multiply to that of all.
                changed = panel.accelerators_exact(stage, book | {name: given[name]})
                expressions[key] = vega(changed / panel.accelerators_exact(stage, book))
    effects = (
        alt.Chart(pd.DataFrame([{"one": 1}]))
        .transform_calculate(**expressions)
        .transform_fold(list(expressions), as_=["key", "factor"])
        .transform_lookup(lookup="key", from_=alt.LookupData(pd.DataFrame(rows), "key", ["factor_of", "stage"]))
    )
    y = alt.Y("factor_of:N", title=None, sort=list(_FACTORS.values()))
    # Labels stand outside the bars, so the scale has room for them at both ends.
    x = alt.X(
        "factor:Q",
        title="Factor on the number of accelerators",
        scale=alt.Scale(type="log", padding=46),
        axis=alt.Axis(format="~g", values=_FACTOR_TICKS),
    )
    offset = alt.YOffset("stage:N", sort=list(panel.RESULTS))
    tooltip = tips("factor_of:N | Field", "stage:N | Of", "factor:Q | Factor | .3~g")
    ends = alt.Chart(pd.DataFrame({"factor": [0.5, 2.0]})).mark_point(opacity=0).encode(x=x)
    colour = alt.Color("stage:N", title=None, sort=list(panel.RESULTS))
    bars = effects.mark_bar().encode(x=x, x2=alt.datum(1), y=y, yOffset=offset, color=colour, tooltip=tooltip)
    labels = [
        effects.transform_calculate(text=f"datum.factor {side} ? '× ' + format(datum.factor, '.3~g') : ''")
        .mark_text(align=align, dx=dx)
        .encode(x=x, y=y, yOffset=offset, text="text:N")
        for side, align, dx in (("> 1", "left", 4), ("< 1", "right", -4))
    ]
    line = alt.Chart(pd.DataFrame({"factor": [1.0]})).mark_rule().encode(x=x)
    return figure(
        alt.layer(ends, bars, *labels, line).add_params(*given.values()).properties(height=300),
        title="What each of your changes does",
        subtitle="The factors of a stage multiply to the ratio of your panel to this book.",
        description=(
            "A bar for each assumption and stage, on a logarithmic scale, from one to the factor by which the panel's value "
            "multiplies the accelerators. While nothing is changed, every factor is one and no bar is seen."
        ),
        source=_SOURCE,
    )


def _against(scenario: Scenario, stage: str, name: str, size: float, axis: str, title: str, subtitle: str) -> alt.LayerChart:
    """Return accelerators of a stage against the field `name`, whose unit on the axis has the given size."""
    given, book = panel.signals(scenario), panel.fields(scenario)
    along = {name: alt.datum.along * size}
    mine, books = (vega(panel.accelerators_exact(stage, values | along)) for values in (given, book))
    needed = f"datum.whose == '{_MINE}' ? {mine} : {books}"
    reach = [float(at) for at in np.geomspace(0.1, 10.0, _POINTS) * book[name] / size]
    lines = pd.concat([pd.DataFrame({"whose": whose, "along": reach}) for whose in (_MINE, _BOOK)])
    scale = alt.Scale(type="log", nice=False, domain=[reach[0], reach[-1]])
    x = alt.X("along:Q", title=axis, scale=scale, axis=alt.Axis(labelExpr=axes.SHORT, tickCount=5))
    y = alt.Y("needed:Q", title="Accelerators", scale=alt.Scale(type="log"), axis=_COUNTS)
    colour = alt.Color("whose:N", title=None, sort=[_MINE, _BOOK])
    tooltip = tips("whose:N | Line", f"along:Q | {axis} | ,.3~r", "needed:Q | Accelerators | ,.0f")
    drawn = alt.Chart(lines).transform_calculate(needed=needed).mark_line().encode(
        x=x, y=y, color=colour, tooltip=tooltip, strokeDash=alt.StrokeDash("whose:N", sort=[_MINE, _BOOK], legend=None)
    )  # fmt: skip
    points = (
        alt.Chart(pd.DataFrame({"whose": [_BOOK, _MINE]}))
        .transform_calculate(along=f"datum.whose == '{_MINE}' ? {name} / {size!r} : {book[name] / size!r}")
        .transform_calculate(needed=needed)
    )
    return figure(
        alt.layer(
            drawn,
            points.mark_point(filled=True, size=120, opacity=1, clip=True).encode(x=x, y=y, color=colour, tooltip=tooltip),
        )
        .add_params(*given.values(), *panel.result_parameters(stage, given))
        .properties(height=280),
        title=title,
        subtitle=subtitle,
        description=(
            f"Accelerators for {stage.lower()} against {axis[0].lower()}{axis[1:]}, both on logarithmic scales: a line and a "
            "point under the assumptions of the panel, and a dashed line and a point under those of the book."
        ),
        source=_SOURCE,
    )
