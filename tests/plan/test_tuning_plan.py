"""The plan of tuning: its parts add up, it moves as it must, and it says what would work."""

import json

import pytest

from analysis import Chip, Model, PlanError, plan_tuning
from tests.conftest import command


def tuned(model="Llama-3.1-8B", chip="H100 SXM5", tokens=50e6, **given):
    return plan_tuning(Model.load(model), Chip.load(chip), tokens, **given)


def test_memory_and_cost_hang_together():
    plan = tuned()
    assert sum(plan.memory.values()) == pytest.approx(plan.memory_bytes.expected)
    assert plan.memory_bytes.expected < 80e9
    assert plan.cost.rent.expected / plan.chip_hours.expected == pytest.approx(plan.cost.rent.low / plan.chip_hours.low, rel=0.6)
    passed = plan.tokens_per_second_per_chip.expected * plan.chips * plan.hours.expected * 3600
    assert passed == pytest.approx(50e6, rel=plan.batch_tokens / 50e6)


def test_adapters_are_those_of_the_library():
    # peft's own count for Llama-3.1-8B with rank 16 on all linear layers of its blocks.
    assert tuned().trained_parameters == 41_943_040


def test_quantised_weights_take_less_memory_and_more_time():
    lora, qlora, full = (tuned(method=method, chips=8) for method in ("lora", "qlora", "full"))
    assert qlora.memory["weights"] < lora.memory["weights"]
    assert full.memory["optimizer"] > lora.memory["optimizer"]
    assert full.hours.expected > lora.hours.expected


def test_refusals_say_what_would_work():
    with pytest.raises(PlanError, match="32 would|16 would"):
        tuned("Llama-3.1-70B", method="full", chips=2)
    with pytest.raises(PlanError, match="did you mean 'lora'"):
        tuned(method="lorra")
    with pytest.raises(PlanError, match="tokens = 0 is not above 0"):
        tuned(tokens=0)


def test_what_is_not_timed_is_not_planned():
    with pytest.raises(PlanError, match="not timed; valid: adamw"):
        tuned(optimizer="paged_adamw")


def test_chips_that_would_do_are_those_of_the_same_question():
    large = {"model": "Llama-3.1-70B", "method": "full", "optimizer": "sgd"}
    with pytest.raises(PlanError) as refused:
        tuned(chips=2, **large)
    assert str(refused.value).endswith(f"; {tuned(**large).chips} would")
    assert tuned(chips=2.0).sentence.startswith("2 H100")


@pytest.mark.parametrize("batch", [0, -5, float("nan"), float("inf")])
def test_a_batch_that_is_no_amount_is_refused(batch):
    with pytest.raises(PlanError, match="batch_tokens = .* is not above 0"):
        tuned(batch_tokens=batch)


def test_the_command_tunes():
    words = ["plan", "--model", "Llama-3.1-8B", "--tokens", "50e6", "--tune", "qlora"]
    said = json.loads(command(*words, "--json").stdout)["tuning"]
    assert said["accelerators"] == 1 and said["hours"] == pytest.approx(tuned(method="qlora").hours.expected)
    assert "tune Llama-3.1-8B by qlora" in command(*words).stdout
    assert "did you mean 'lora'" in command(*words[:-1], "lorra", check=False).stderr
