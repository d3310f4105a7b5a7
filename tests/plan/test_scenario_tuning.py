"""What a scenario asks of fine-tuning and reinforcement learning: as it says, with what is usual for the rest."""

import pytest

from analysis import Chip, Model, plan_rl, plan_tuning
from analysis.plan import scenario_rl, scenario_tuning
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

ON_H100 = {"title": "x", "model": "Llama-3.1-8B", "accelerator": "H100 SXM5", "precision": "BF16", "utilization": "40%"}
LEARN = {"rl_prompts": 64, "rl_samples": 16, "rl_prompt_tokens": 300, "rl_answer_tokens": "2,000"}


def test_a_scenario_asks_what_the_function_is_asked():
    model, chip = Model.load("Llama-3.1-8B"), Chip.load("H100 SXM5")
    scenario = build(
        ON_H100 | {"tuning_tokens": "80e6", "tuning_method": "qlora", "tuning_rank": 64, "tuning_accelerators": 4}, "x"
    )
    plan = plan_tuning(model, chip, 80e6, method="qlora", rank=64, chips=4)
    assert scenario_tuning.tuned(scenario).hours == plan.hours
    scenario = build(ON_H100 | LEARN | {"rl_accelerators": 16, "rl_placement": "apart", "rl_longest_answer": "4,000"}, "x")
    plan = plan_rl(
        model, chip, prompts=64, samples=16, prompt_tokens=300, answer_tokens=2000, longest=4000, chips=16, placement="apart"
    )
    assert scenario_rl.learnt(scenario).hours == plan.hours


def test_the_deck_asks_neither_and_its_model_can_do_both():
    assert not scenario_tuning.tunes(DECK) and not scenario_rl.learns(DECK)
    scenario, reason = scenario_tuning.tunable(DECK)
    assert not reason and set(scenario_tuning.by_method(scenario)) == {"full", "lora", "qlora"}
    scenario, reason = scenario_rl.learnable(DECK)
    assert not reason and set(scenario_rl.placements(scenario)) == {"together", "apart"}


@pytest.mark.parametrize(
    "given", [{"parameters": "1"}, {"parameters": "1e16"}, {"accelerator": "Mine", "precision": "FP6", "peak": "1 PFLOPS"}]
)
def test_what_can_not_be_has_its_reason_and_something_in_its_place(given):
    scenario = build({"title": "x", "utilization": "40%"} | given, "x")
    for instead, reason in (scenario_tuning.tunable(scenario), scenario_rl.learnable(scenario)):
        assert reason and instead.accelerator == DECK.accelerator and instead.parameters == DECK.parameters


def test_chips_that_can_not_be_split_are_shown_on_more():
    one = build(ON_H100 | LEARN | {"rl_accelerators": 2}, "x")
    chips, table = scenario_rl.by_split(scenario_rl.learnable(one)[0])
    assert chips > 2 and len(table) > 1
    assert table["share"].is_monotonic_decreasing and table["write"].is_monotonic_increasing
