"""Training: accelerators against the time allowed (the deck's figure 38)."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes, sliders
from analysis.figures.render import figure, vega
from analysis.figures.tooltips import tips
from analysis.hardware.accelerators import peak_flop_per_second
from analysis.scenarios import sizing
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

_DAY = 86_400
#: Chips and formats beside the scenario's own: what the deck takes, what it announces, and what runs used.
_COMPARED = (("A100 PCIe 80GB", "TF32"), ("A100 PCIe 80GB", "BF16"), ("H100 PCIe", "TF32"), ("H100 SXM5", "BF16"))
_COUNT_AXIS = alt.Axis(values=[10.0**power for power in range(-6, 16)], labelExpr=axes.SHORT)


def accelerators_by_days(scenario: Scenario, printed: float) -> alt.LayerChart:
    """Return accelerators against days of training, by chip and format, with sliders for utilization and tokens.

    `printed` is the deck's own result, at 30 days.
    """
    utilization = sliders.utilization(scenario, "utilization")
    billion_tokens = sliders.billions(scenario.training_tokens, "billion_tokens", "Training tokens", 10, 15_000, 10)
    flop = sizing.training_flop(scenario.parameters, billion_tokens * 1e9)
    needed = vega(sizing.accelerators_needed(flop, alt.datum.days * _DAY, alt.datum.peak, utilization))

    x = alt.X(
        "days:Q",
        title="Days allowed for training",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=[1, 3, 10, 30, 100, 365]),
    )
    y = alt.Y("needed:Q", title="Accelerators", scale=alt.Scale(type="log"), axis=_COUNT_AXIS)
    tooltip = tips("label:N | Accelerator", "days:Q | Days | .0f", "needed:Q | Accelerators | ,.0f")
    lines = (
        alt.Chart(_lines(scenario))
        .transform_calculate(needed=needed)
        .mark_line()
        .encode(x=x, y=y, color=alt.Color("label:N", sort=None, title=None, legend=alt.Legend(columns=1)), tooltip=tooltip)
    )
    here = pd.DataFrame(
        [{"days": scenario.training_time / _DAY, "peak": scenario.peak_flop_per_second, "label": _label(scenario)}]
    )
    point = alt.Chart(here).transform_calculate(needed=needed, text="'● ' + format(ceil(datum.needed), ',') + ' accelerators'")
    deck = alt.Chart(pd.DataFrame([{"days": 30, "needed": printed}]))
    return figure(
        alt.layer(
            lines,
            point.mark_point(filled=True, size=130, opacity=1).encode(x=x, y=y, tooltip=tooltip),
            deck.mark_point(shape="diamond", filled=False, size=260, strokeWidth=2).encode(x=x, y=y),
            # Falling lines leave the upper right corner free, at any width.
            point.mark_text(align="right", baseline="top", fontSize=14, fontWeight="bold").encode(
                x=alt.value("width"), y=alt.value(4), text="text:N"
            ),
            deck.mark_text(align="right", baseline="top").encode(
                x=alt.value("width"), y=alt.value(26), text=alt.value(f"◇ the deck prints {numerals.whole(printed)}")
            ),
        )
        .add_params(utilization, billion_tokens)
        .properties(height=360),
        title="Twice the time, half the chips",
        subtitle=_headline(scenario),
        description=(
            "Accelerators against days of training, both on logarithmic scales. Each chip and number format is a "
            f"falling straight line. At {_days(scenario)} the scenario needs "
            f"{numerals.whole(estimate(scenario).training.accelerators)}; the deck prints {numerals.whole(printed)}."
        ),
        source="peaks from the makers' data sheets [accelerators]; the deck's formula",
    )


def _headline(scenario: Scenario) -> str:
    count = estimate(scenario).training.accelerators
    return (
        f"{numerals.whole(count)} × {scenario.accelerator} {'trains' if count == 1 else 'train'} the model in {_days(scenario)}."
    )


def _days(scenario: Scenario) -> str:
    return ASSUMPTIONS["training_time"].written(scenario.training_time)


def _label(scenario: Scenario) -> str:
    given = ", peak as given" if scenario.peak else ""
    return f"{scenario.accelerator}, {scenario.precision}{given}"


def _lines(scenario: Scenario) -> pd.DataFrame:
    chips = {_label(scenario): scenario.peak_flop_per_second}
    for accelerator, precision in _COMPARED:
        chips.setdefault(f"{accelerator}, {precision}", peak_flop_per_second(accelerator, precision))
    days = np.geomspace(1, 365, 40)
    return pd.concat(
        [pd.DataFrame({"label": label, "peak": peak, "days": days}) for label, peak in chips.items()], ignore_index=True
    )
