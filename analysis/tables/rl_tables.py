"""Tables of reinforcement learning: what each placement takes, and published iterations beside what is predicted of them."""

from typing import Any

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.plan import of_scenario
from analysis.plan.rl_plan import RlPlan
from analysis.rl import published
from analysis.scenarios.scenario import Scenario


def placements(plans: dict[str, RlPlan]) -> pd.DataFrame:
    """Return what each placement takes, the faster first."""
    return pd.DataFrame([
        {
            "Placement": placement.capitalize(),
            "Chips that write": f"{plan.generating_chips:,} of {plan.chips:,}",
            "Seconds an iteration": plan.iteration_seconds.written(numerals.significant),
            "Time writing": numerals.percent(min(plan.parts["rollout"] / plan.iteration_seconds.expected, 1.0)),
            "Hours": plan.hours.written(numerals.significant),
            "Dollars": "no price is known" if plan.cost.dollars is None else plan.cost.dollars.written(_two_digits),
            "Replica that writes": plan.rollout_plan,
            "Plan of the update": plan.plan,
        }
        for placement, plan in plans.items()
    ])  # fmt: skip


def by_model() -> pd.DataFrame:
    """Return, by model and placement, how many published iterations there are and their median and worst errors."""
    rows = []
    for (model, placement), runs in published.predicted().groupby(["model", "placement"], sort=True):
        errors = runs["error"]
        rows.append({
            "Model": model,
            "Placement": str(placement).capitalize(),
            "Rows": numerals.whole(len(runs)),
            "Median error": _signed(errors.median()),
            "Worst": _signed(errors.loc[errors.abs().idxmax()]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def iterations() -> pd.DataFrame:
    """Return every published iteration that can be predicted, with its error."""
    return pd.DataFrame([
        {
            "Run": f"{row.model} in {row.precision.upper()} on {row.n_chips:,.0f} × {row.chip.removesuffix(' (per GPU)')}",
            "That write": _writing(row),
            "Answers × tokens": f"{row.prompts * row.samples:,.0f} × {row.answer_tokens:,.0f}",
            "Seconds": numerals.significant(row.seconds),
            "Predicted": numerals.significant(row.predicted),
            "Error": _signed(row.error),
        }
        for row in published.predicted().itertuples()
    ])  # fmt: skip


def _writing(row: Any) -> str:
    if row.placement == "together":
        return "all, in turn"
    return f"{row.generating_chips:,.0f}, {numerals.counted(row.steps_off, 'update')} behind"


def _signed(logarithm: float) -> str:
    """Return an error, predicted over measured less 1."""
    return f"{np.expm1(logarithm):+.0%}".replace("-", "−")


def instead(scenario: Scenario, reason: str) -> str:
    """Return a sentence on what stands in place of a scenario that can't be learnt, for the `reason`; "" if it can."""
    if not reason:
        return ""
    chips = numerals.whole(scenario.rl_accelerators or 0)
    taken = f"{of_scenario.model(scenario).name} on {chips} {scenario.accelerator}"
    return f"What the scenario asks can't be: {reason}. This page takes {taken} instead."


def median(placement: str) -> str:
    """Return the median size of the errors of a placement."""
    rows = published.predicted()
    return numerals.percent(float(np.expm1(rows["error"][rows["placement"] == placement].abs().median())))


def beyond(placement: str) -> str:
    """Return what published iterations of a placement take over what their parts are predicted to, at the median."""
    return numerals.significant(published.beyond(placement), 2)


def count() -> str:
    """Return how many published iterations can be predicted."""
    return numerals.whole(len(published.predicted()))


def _two_digits(value: float) -> str:
    return numerals.significant(value, 2)
