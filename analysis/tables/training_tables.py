"""Tables on training runs, as DataFrames of text with units in their heads."""

import pandas as pd

from analysis import numerals
from analysis.plan import of_scenario, scenario_training
from analysis.plan.interval import Interval
from analysis.scenarios.scenario import Scenario

_RUN_COLUMNS = ("MFU of steps", "Days", "Chip-hours, thousand", "MWh", "Rent, M$", "Own, M$")


def runs_in_time(scenario: Scenario) -> pd.DataFrame:
    """Return, machine by machine, the chips that are done in the scenario's time, with all that the run takes.

    Where no number tried is, the fastest stands there, and says so.
    """
    rows = []
    for machine in scenario_training.machines(scenario):
        run, in_time = scenario_training.done(scenario, machine)
        fewest, most = ("–" if count is None else numerals.whole(count) for count in scenario_training.between(run))
        chips = f"{numerals.whole(run.chips.expected)}\n({f'{fewest} to {most}' if in_time else 'too slow; the fastest'})"
        values = [
            numerals.percent(run.model_flops_utilization.expected), numerals.significant(run.days.expected),
            _thousands(run.chip_hours.expected), numerals.significant(run.cost.megawatt_hours.expected),
            _millions(run.cost.rent), _millions(run.cost.owned),
        ]  # fmt: skip
        rows.append({"Machine": machine.title, "Chips": chips} | dict(zip(_RUN_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows)


def trainable(followed: Scenario, reason: str) -> str:
    """Return a sentence on what stands in place of a model that can't be trained; "" if it can."""
    if not reason:
        return ""
    return (
        f"The scenario's own model can't be planned here: {reason}. This page takes {of_scenario.model(followed).name} instead."
    )


def enough(scenario: Scenario, chips: float) -> pd.DataFrame:
    """Return, machine by machine, what the deck's number of chips takes, and whether that is in time."""
    table = scenario_training.enough(scenario, chips)
    return pd.DataFrame({
        "Machine": table["machine"],
        "Chips in a plan": [numerals.whole(count) for count in table["chips"]],
        "Needed": [numerals.percent(share) for share in table["required"]],
        "Predicted": [numerals.percent(share) for share in table["sustained"]],
        "Days": [numerals.significant(days) for days in table["days"]],
        "80% interval, days": [
            f"{numerals.significant(low)} to {numerals.significant(high)}"
            for low, high in zip(table["low_days"], table["high_days"], strict=True)
        ],
        "Enough": table["verdict"],
    })  # fmt: skip


def _thousands(value: float) -> str:
    return numerals.significant(value / 1e3)


def _millions(dollars: Interval | None) -> str:
    return "–" if dollars is None else numerals.significant(dollars.expected / 1e6, 2)
