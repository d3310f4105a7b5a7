"""Sliders that charts share; each begins at the scenario's value, and its range holds it."""

import altair as alt

from analysis.scenarios.scenario import Scenario


def slider(name: str, label: str, value: float, lowest: float, highest: float, step: float) -> alt.Parameter:
    """Return a slider named `name` in expressions and `label` for readers, that stands at `value`."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=lowest, max=highest, step=step, name=f"{label} "))


def utilization(scenario: Scenario, name: str) -> alt.Parameter:
    """Return a slider for the utilization; `name` tells it from others on its page."""
    lowest = min(0.05, scenario.utilization)
    return slider(name, "Utilization of the peak", scenario.utilization, lowest, 1, 0.01)


def billions(value: float, name: str, label: str, lowest: float, highest: float, step: float) -> alt.Parameter:
    """Return a slider in billions for a count of `value`, from `lowest` to `highest` billions or as far as it needs."""
    start = value / 1e9
    return slider(name, f"{label}, billion", start, min(lowest, start), max(highest, start), step)
