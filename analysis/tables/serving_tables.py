"""Tables and sentences of the chapter on the served day."""

from collections.abc import Mapping

import pandas as pd

from analysis import numerals
from analysis.plan import of_scenario, scenario_serving
from analysis.plan.serving_plan import ServingPlan
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.scenarios.titles import assumption_title
from analysis.serving import demand
from analysis.serving.serving_words import count, written


def apart(plan: ServingPlan, together: ServingPlan) -> str:
    """Return a sentence on whether replicas that read prompts or write answers alone take fewer chips."""
    if plan.way.kind == "together":
        return "Here it takes no fewer, so the plan keeps them together."
    reading, writing = plan.way.pools
    saved = 1 - plan.chips.expected / together.chips.expected
    return (
        f"Here that takes {numerals.percent(saved)} fewer: {numerals.rounded(reading.replicas)} replicas of "
        f"{reading.deployment.chips} chips read, and {numerals.rounded(writing.replicas)} of {writing.deployment.chips} write."
    )


def tokens_of_a_character(scenario: Scenario, model: str) -> str:
    """Return a sentence on how many tokens a Chinese character becomes, and by whose rule."""
    tokenizer = of_scenario.tokenizer(scenario, model)
    if scenario.prompt_tokens or scenario.service:
        return "The scenario counts in tokens."
    if tokenizer is None:
        rule, ratio = "The scenario's own rule", scenario.tokens_per_character
    else:
        rule, ratio = "The model's own tokenizer", demand.tokens_per_character(tokenizer)
    return f"{rule} makes {numerals.significant(ratio)} tokens of a Chinese character."


def servable(scenario: Scenario, followed: Scenario, reason: str) -> str:
    """Return a sentence on whether the scenario can be served, and what stands in its place if not."""
    if not reason:
        return "It can be served as it stands."
    changed = [name for name in ASSUMPTIONS if getattr(scenario, name) != getattr(followed, name)]
    values = ", ".join(f"{assumption_title(name).lower()} {_value(followed, name)}" for name in changed)
    return f"It can't be served: {reason}. This page takes instead: {values}."


def own_step(accelerators: Mapping[str, float]) -> str:
    """Return a sentence on the step from the deck's assumptions to the scenario's, by `deck_serving.steps`; "" without one."""
    if "scenario" not in accelerators:
        return ""
    return f" Under this scenario's own assumptions, the formula gives {written('scenario', accelerators['scenario'])}."


def _value(scenario: Scenario, name: str) -> str:
    return ASSUMPTIONS[name].written(scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name))


def searches(scenario: Scenario) -> pd.DataFrame:
    """Return searches a day over the years, and the accelerators for as many visits, on the scenario's system."""
    plan = scenario_serving.planned(scenario).chips
    low, final, high = plan.low, plan.expected, plan.high
    return pd.DataFrame(
        [
            {
                "Year": str(row.date.year),
                "Searches a day, billion": numerals.significant(row.per_day / 1e9),
                "Accelerators": count(final * row.per_day / scenario.visits_per_day),
                "80% interval": " to ".join(count(end * row.per_day / scenario.visits_per_day) for end in (low, high)),
                "Verified": row.verified,
            }
            for row in demand.published("searches").itertuples()
        ]
    )
