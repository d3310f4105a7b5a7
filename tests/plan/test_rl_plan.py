"""The plan of reinforcement learning: its numbers hang together, and it says what would work."""

from dataclasses import replace

import pytest

from analysis import Chip, Model, PlanError, plan_rl

ASKED = {"prompts": 64, "samples": 16, "prompt_tokens": 115, "answer_tokens": 1000}


def learnt(model="Llama-3.1-8B", chip="H100 SXM5", **given):
    return plan_rl(Model.load(model), Chip.load(chip), **(ASKED | given))


def test_time_cost_and_speed_hang_together():
    plan = learnt(chips=16, iterations=200)
    assert plan.hours.expected == pytest.approx(200 * plan.iteration_seconds.expected / 3600)
    assert plan.chip_hours.expected == pytest.approx(16 * plan.hours.expected)
    rate = 1024 * 1115 / plan.iteration_seconds.expected / 16
    assert plan.tokens_per_second_per_chip.expected == pytest.approx(rate)
    assert plan.hours.low < plan.hours.expected < plan.hours.high
    assert plan.memory_bytes.expected == pytest.approx(max(sum(plan.memory.values()), sum(plan.rollout_memory.values())))
    assert plan.memory_bytes.expected < 80e9
    assert [way.seconds for way in plan.ways] == sorted(way.seconds for way in plan.ways)


def test_a_placement_that_is_given_is_taken_and_the_faster_one_else():
    both = {placement: learnt(chips=16, placement=placement) for placement in ("together", "apart")}
    assert {name: plan.placement for name, plan in both.items()} == {name: name for name in both}
    assert learnt(chips=16).iteration_seconds.expected == min(plan.iteration_seconds.expected for plan in both.values())
    assert both["together"].generating_chips == 16 and "of the time" in both["together"].sentence
    apart = both["apart"]
    assert apart.generating_share == apart.generating_chips / 16 < 1
    assert f"{apart.generating_chips} of them write while the others learn" in apart.sentence
    assert any("1 update old" in line for line in apart.assumed)


def test_the_fewest_chips_are_those_that_hold_it():
    plan = learnt("Llama-3.1-70B")
    with pytest.raises(PlanError, match=f"; {plan.chips} chips would"):
        learnt("Llama-3.1-70B", chips=plan.chips // 2)
    assert learnt("Llama-3.1-70B", method="qlora").chips < plan.chips


def test_what_is_assumed_is_said_and_what_is_said_is_not():
    assert "answers are cut at 4,000 tokens" in learnt(chips=8).assumed[0]
    assert not any("cut at" in line for line in learnt(chips=8, longest=2000).assumed)
    assert learnt(chips=8, longest=2000).batch == replace(learnt(chips=8).batch, longest=2000)


def test_more_of_anything_to_do_never_takes_less_time():
    base = learnt(chips=16, placement="together").iteration_seconds.expected
    for more in ({"prompts": 128}, {"samples": 32}, {"answer_tokens": 2000, "longest": 4000}, {"scores": 3}):
        assert learnt(chips=16, placement="together", **more).iteration_seconds.expected > base
    assert learnt(chips=32, placement="together").iteration_seconds.expected < base


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"placement": "appart"}, "did you mean 'apart'"),
        ({"method": "lorra"}, "did you mean 'lora'"),
        ({"prompts": 0}, "prompts = 0 is not a whole number from 1"),
        ({"answer_tokens": 2e6}, "longer than Llama-3.1-8B can attend to"),
        ({"longest": 10}, "longest"),
        ({"updates": 3}, "updates = 3 does not divide the 1,024 answers"),
        ({"iterations": 1.5}, "iterations = 1.5 is not a whole number"),
        ({"chips": 1, "placement": "apart"}, "one chip can't be split; .*; 4 chips would"),
        ({"optimizer": "paged_adamw"}, "not timed; valid: adamw"),
        ({"rollout_precision": "bf17"}, "bf17"),
    ],
)
def test_refusals_name_the_field_and_what_would_work(given, said):
    with pytest.raises(PlanError, match=said):
        learnt(**given)
