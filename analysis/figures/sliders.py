"""Sliders that charts share; each begins at the scenario's value, and its range holds it."""

import altair as alt

from analysis.scenarios.scenario import Scenario


def utilization(scenario: Scenario, name: str) -> alt.Parameter:
    """Return a slider for the utilization; `name` tells it from others on its page."""
    lowest = min(0.05, scenario.utilization)
    return alt.param(
        name=name,
        value=scenario.utilization,
        bind=alt.binding_range(min=lowest, max=1, step=0.01, name="Utilization of the peak "),
    )


def billions(value: float, name: str, label: str, lowest: float, highest: float, step: float) -> alt.Parameter:
    """Return a slider in billions for a count of `value`, from `lowest` to `highest` billions or as far as it needs."""
    start = value / 1e9
    bind = alt.binding_range(min=min(lowest, start), max=max(highest, start), step=step, name=f"{label}, billion ")
    return alt.param(name=name, value=start, bind=bind)
