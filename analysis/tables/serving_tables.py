"""Tables of the chapters on serving and its cost, and how these write times, plans and intervals."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis import facts, numerals, trends
from analysis.economics import market
from analysis.inference.deployments import Deployment
from analysis.plan import cost_case, of_scenario, scenario_serving
from analysis.plan.cost_case import CostCase
from analysis.plan.serving_plan import ServingPlan
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.serving import demand, demand_growth, demand_in_chips, equal_quality, token_cost
from analysis.serving.demand_in_chips import PublishedCase
from analysis.serving.serving_words import count, dollars, written
from analysis.tables.estimate_tables import assumption_title


def seconds(value: float) -> str:
    """Return a time as people write it: "41.5 ms", "2 s"."""
    return f"{numerals.plain(1000 * value, 3)} ms" if value < 1 else f"{numerals.plain(value, 3)} s"


def plan(deployment: Deployment) -> str:
    """Return in words how a deployment shares a model out."""
    parts = []
    if deployment.expert > 1:
        parts.append(f"experts spread over {deployment.expert} chips")
    if deployment.tensor > 1:
        parts.append(f"each matrix on {deployment.tensor} chips")
    if deployment.pipeline > 1:
        parts.append(f"layers in {deployment.pipeline} stages")
    return ", ".join(parts) or "all on one chip"


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


def stands(value: float, low: float, high: float) -> str:
    """Return where `value` stands to an interval: "below", "inside" or "above"."""
    return "below" if value < low else "above" if value > high else "inside"


def within(ratio: float, half_width: float) -> str:
    """Return whether a prediction over what was reported is "within" or "outside" an interval, as a logarithm."""
    return "within" if abs(np.log(ratio)) <= half_width else "outside"


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


def published_demand(case: PublishedCase) -> pd.DataFrame:
    """Return the latest published demand of each organisation's product, in chips, the most first."""
    table = demand_in_chips.table(case).sort_values("date").drop_duplicates(["organisation", "product", "kind"], keep="last")
    return pd.DataFrame(
        [
            {
                "Who, and what": f"{row.organisation}\n{row.product}",
                "Date": f"{row.date:%b %Y}",
                "A day": f"{numerals.words(row.per_day)} {row.kind}",
                f"{case.chip}": count(row.chips),
                "80% interval": f"{count(row.low)} to {count(row.high)}",
                "Verified": row.verified,
            }
            for row in table.sort_values("chips", ascending=False).itertuples()
        ]
    )


def token_costs(case: CostCase) -> pd.DataFrame:
    """Return what a chip carries and costs an hour, and the dollars and electricity of a million tokens."""
    rows = []
    for row in cost_case.by_chip(case).itertuples():
        able = np.isfinite(row.rate)
        rows.append(
            {
                "Chip, format": f"{row.chip}\n{row.precision.upper()}",
                "Chips a replica": numerals.whole(row.chips) if able else "–",
                "Requests a second and chip": numerals.significant(row.rate) if able else "not within the targets",
                "Hour, rented and owned": f"{dollars(row.rent_hour)}\n{dollars(row.own_hour)}" if able else "–",
                "Million tokens, rented and owned": f"{dollars(row.rent)}\n{dollars(row.own)}" if able else "–",
                "kWh a million tokens": numerals.significant(row.kilowatt_hours) if able else "–",
            }
        )
    return pd.DataFrame(rows)


def demand_growth_by_service() -> pd.DataFrame:
    """Return how the tokens a day of each service grew, fitted over its statements and of late."""
    return pd.DataFrame(
        [
            {
                "Service": row.service,
                "Newest": f"{row.date:%Y-%m}",
                "Tokens a day": numerals.words(row.per_day, 2),
                "Statements": numerals.whole(row.statements),
                "Growth a year, fitted": trends.factor_text(row.trend) if row.trend else "–",
                "Of late": f"{numerals.significant(row.of_late, 2)}-fold" if np.isfinite(row.of_late) else "–",
            }
            for row in demand_growth.by_service().itertuples()
        ]
    )


def equal_quality_prices() -> pd.DataFrame:
    """Return what tokens of models that reach a score cost at first and at last, by score."""
    return pd.DataFrame(
        [
            {
                "GPQA Diamond, at least": f"{row.level}%",
                "First": f"{row.first}, {row.first_date:%Y-%m}",
                "USD a million": numerals.significant(row.first_price),
                "Newest cheapest": f"{row.last}, to {row.last_date:%Y-%m}",
                "USD a million then": numerals.significant(row.last_price),
                "A year": f"−{numerals.percent(1 - row.kept_a_year)}",
            }
            for row in equal_quality.falls().itertuples()
        ]
    )


def request_shapes() -> pd.DataFrame:
    """Return what is published of reasoning, agents and tokens a request."""
    rows = facts.read("request_shapes")
    values = [
        numerals.percent(value) if unit == "share" else numerals.words(value) if value >= 1000 else numerals.significant(value, 1)
        for value, unit in zip(rows["value"], rows["unit"], strict=True)
    ]
    shown = {"Who": rows["who"], "What": rows["quantity"], "Value": values, "Date": rows["date"], "Source": rows["source"]}
    return pd.DataFrame(shown | {"Verified": rows["verified"]})


def deepseek_day() -> pd.DataFrame:
    """Return DeepSeek's day as it was published, as its own speeds give it, and as predicted."""
    said, predicted = token_cost.deepseek_published(), token_cost.deepseek_predicted()
    average = market.facility("DeepSeek V3/R1 inference fleet, average")
    whole, rounded = numerals.whole, numerals.rounded
    tokens = sum(demand.published_parts("DeepSeek").values()) / 1e6
    rows = [
        (
            "Tokens read a second and node",
            whole(said.input_per_second_and_node),
            "–",
            rounded(predicted.input_per_second_and_node),
        ),
        (
            "Tokens written a second and node",
            whole(said.output_per_second_and_node),
            "–",
            rounded(predicted.output_per_second_and_node),
        ),
        ("Nodes that read", "–", rounded(said.reading_nodes, 4), rounded(predicted.reading_nodes)),
        ("Nodes that write", "–", rounded(said.writing_nodes, 4), rounded(predicted.writing_nodes)),
        ("Nodes", numerals.plain(average, 5), rounded(said.nodes, 4), rounded(predicted.nodes)),
        ("Dollars a day", whole(said.dollars), rounded(token_cost.node_dollars(said.nodes), 4), rounded(predicted.dollars)),
        ("Dollars per million tokens", *(
            numerals.significant(value / tokens)
            for value in (said.dollars, token_cost.node_dollars(said.nodes), predicted.dollars)
        )),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Quantity", "Published", "From its speeds", "Predicted"])


def prices(case: CostCase) -> pd.DataFrame:
    """Return the published prices of models whose shape is public, beside our cost of the same model at that date."""
    table = cost_case.prices(case).dropna(subset=["architecture"])
    return pd.DataFrame(
        [
            {
                "Seller, model": f"{row.organisation}\n{row.model}",
                "From": f"{row.date:%b %Y}",
                "Price": dollars(row.blended),
                "Our cost": dollars(row.cost),
                "80% interval": f"{dollars(row.low)} to {dollars(row.high)}" if np.isfinite(row.cost) else "shape not modelled",
                "Price over cost": numerals.significant(row.blended / row.cost, 2) if np.isfinite(row.cost) else "–",
                "Served on": f"{row.served_on}\n{dollars(row.hour)} an hour",
            }
            for row in table.itertuples()
        ]
    )
