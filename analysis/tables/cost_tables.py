"""Tables of the chapter on what tokens cost."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import market
from analysis.plan import cost_case
from analysis.plan.cost_case import CostCase
from analysis.serving import demand, token_cost
from analysis.serving.serving_words import dollars


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
