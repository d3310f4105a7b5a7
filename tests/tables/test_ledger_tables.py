"""The ledger has every field of a scenario and every constant, with what the source says of it."""

from dataclasses import dataclass, fields

import pytest

from analysis import documented
from analysis.economics import coefficients
from analysis.inference import inference_constants, inference_fitted
from analysis.scenarios.alternatives import GROUPS
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.tables import ledger_tables
from analysis.training import constants, fitted

#: Fields of a scenario that say whose it is, and assume nothing.
NAMES = {"title", "description", "date", "sources"}


def test_every_field_is_in_the_ledger():
    assert set(Scenario.model_fields) - NAMES == set(ASSUMPTIONS)
    for table in (ledger_tables.values(DECK), ledger_tables.sources(DECK)):
        assert len(table) == len(ASSUMPTIONS)
        assert all(table.map(lambda text: bool(text.strip())).all())
    listed = {title.lower() for title in [*ledger_tables.effects(DECK)["Assumption"], *ledger_tables.unmoved()]}
    other_ways = {name for (_, *ways) in GROUPS for way in ways for name in way}
    other_work = {name for name in ASSUMPTIONS if name.startswith(("tuning_", "rl_"))}
    assert len(listed) == len(set(ASSUMPTIONS) - other_ways - other_work)


def test_a_range_is_the_one_that_the_scenario_keeps():
    table = ledger_tables.values(DECK).set_index("Assumption")["Value, and what is allowed"]
    utilization = next(text for name, text in table.items() if name.startswith("Utilization"))
    assert utilization == "50%\n0.1% to 100%"
    assert build({"utilization": "0.1%"}, "test").utilization == 0.001
    with pytest.raises(ValueError, match="utilization"):
        build({"utilization": "0.09%"}, "test")


def test_a_value_that_a_scenario_sets_is_marked():
    table = ledger_tables.sources(build({"utilization": "40%"}, "test")).set_index("Assumption")
    assert table.loc["Utilization"].item() == "set in this scenario\nVerified: as given"


@pytest.mark.parametrize(("module", "made"), [(constants, fitted.CONSTANTS), (inference_constants, inference_fitted.CONSTANTS)])
def test_every_constant_is_listed_with_its_comment(module, made):
    table = ledger_tables.constants(module.EXPECTED, made, module.SPREAD)
    assert len(table) == len(fields(module.EXPECTED))
    assert all(len(text.split("\n")[1]) > 10 for text in table["Constant"])
    assert (table["Expected"].str.contains("spread")).sum() == len(module.FITTED)


def test_constants_of_engines_are_named_as_their_makers_write_them():
    table = ledger_tables.constants(inference_constants.EXPECTED, inference_fitted.CONSTANTS, inference_constants.SPREAD)
    names = {text.split("\n")[0] for text in table["Constant"]}
    assert {"vLLM, kernel", "SGLang, kernel", "TensorRT-LLM, kernel", "PyTorch, kernel", "Balancing steps"} <= names


def test_comments_are_those_above_a_field():
    assert documented.fields(_Sample) == {"first": "The one. And more.", "second": "The one. And more.", "third": "Another."}


def test_every_coefficient_is_listed():
    assert len(ledger_tables.chain_coefficients(DECK)) == len(coefficients.load(DECK.accelerator) | coefficients.of_owning())


def test_effects_over_a_range_hold_the_scenarios_own_value():
    """At the expected value the factor is 1, so each range of factors has it inside."""
    for column in ("To train", "To serve"):
        for text in ledger_tables.effects(DECK)[column]:
            if "×" in text:
                low, high = (float(end) for end in text.split("× ")[1].split(" to "))
                assert low <= 1 <= high


@dataclass
class _Sample:
    #: The one.
    #: And more.
    first: float = 1.0
    second: float = 2.0
    #: Another.
    third: float = 3.0


def test_a_count_says_what_it_counts():
    values = ledger_tables.values(DECK).set_index("Assumption")["Value, and what is allowed"]
    found = {name.partition(" (")[0]: text.partition("\n")[0] for name, text in values.items()}
    assert found["Parameters"] == "175e9 parameters"
    assert found["Tokens per character"] == "1.333 tokens a character"
    assert (found["Utilization"], found["Training time"], found["Accelerator"]) == ("50%", "30 days", "A100 PCIe 80GB")
