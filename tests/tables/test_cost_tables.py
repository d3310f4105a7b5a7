from analysis.plan.cost_case import CostCase
from analysis.tables import cost_tables


def test_deepseeks_day_has_the_published_and_the_predicted_numbers():
    table = cost_tables.deepseek_day().set_index("Quantity")
    assert table.loc["Nodes", "Published"] == "226.75" and table.loc["Dollars a day", "Published"] == "87,072"
    assert table.loc["Nodes", "From its speeds"].startswith("226.")
    assert table.loc["Dollars per million tokens", "Published"] == "0.112"


def test_a_chip_without_a_price_has_a_dash(monkeypatch):
    monkeypatch.setattr(cost_tables.cost_case, "CHIPS", ("H20",))
    table = cost_tables.token_costs(CostCase(model="Llama-3.1-8B", first_token_seconds=3.0))
    assert table["Million tokens, rented and owned"].iloc[0].startswith("–\n$")
