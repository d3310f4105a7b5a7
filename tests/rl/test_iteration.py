"""Iterations: parts that add up, a split that balances, and movements that can't be otherwise."""

from dataclasses import replace

import pytest

from analysis.models import architecture
from analysis.rl import iteration, update
from analysis.rl.batch import Batch, RlError
from analysis.rl.iteration import Question
from analysis.rl.widths import BEYOND
from analysis.training import footprint
from analysis.tuning.method import Tuning

BATCH = Batch(64, 16, 115, 1000, 4000)


def asked(model="Llama-3.1-8B", batch=BATCH, **more):
    given = {"tuning": Tuning("full"), "scores": 2, "updates": 1, "rollout_precision": "bf16"} | more
    return Question(architecture.load(model), "H100 SXM5", batch=batch, **given)


def test_together_all_parts_follow_each_other():
    way = iteration.together(asked(), 16)
    assert way.seconds == pytest.approx(sum(way.parts.values()))
    assert way.generating_share == pytest.approx(way.parts["rollout"] / way.seconds)
    assert way.chips == way.generating_chips == way.learning_chips == 16


def test_apart_the_split_balances_both_sides():
    way = iteration.apart(asked(), 64)
    assert way.chips == way.generating_chips + way.learning_chips == 64
    assert way.generating_share == way.generating_chips / 64
    writes, learns = way.parts["rollout"], way.parts["scoring"] + way.parts["update"]
    assert way.seconds == pytest.approx(max(writes, learns) + way.parts["handover"])
    # No other split is faster, and chips moved from the longer side to the shorter would make it longer.
    for learning in (way.learning_chips - 4, way.learning_chips + 4):
        other = iteration._iteration(asked(), "apart", 64 - learning, learning)
        assert other.seconds >= way.seconds


def test_a_score_is_a_third_of_the_arithmetic_of_a_step():
    some = update.learning(architecture.load("Llama-3.1-8B"), "H100 SXM5", Tuning("full"), BATCH, 8, scores=1, updates=1)
    at = update.best(some)
    steps = some.options.steps.take([at])
    assert 0.2 < some.scoring[at] / some.update[at] < 1 / 3
    at_peak = footprint.model_flop(steps, causal=True).item() / 3 / (8 * steps.machine.peak.item())
    assert at_peak < some.scoring[at] < 4 * at_peak


def test_more_scores_and_longer_answers_take_longer_and_older_weights_do_not():
    base = iteration.together(asked(), 16).seconds
    assert iteration.together(asked(scores=3), 16).seconds > base
    assert iteration.together(asked(batch=replace(BATCH, answer_tokens=2000)), 16).seconds > base
    assert iteration.apart(asked(steps_off=4), 16).seconds <= iteration.apart(asked(), 16).seconds


def test_a_chip_has_to_hold_the_longest_answer():
    def least(longest):
        batch = Batch(64, 16, 100, 500, longest)
        some = update.learning(
            architecture.load("Llama-3.1-8B"), "H100 SXM5", Tuning("full"), batch, 8, scores=1, updates=1
        )  # fmt: skip
        return some.memory.min()

    assert least(60_000) > least(1000)


def test_refusals_name_what_is_too_much():
    with pytest.raises(RlError, match="each needs .* GB and has 80 GB|no replica"):
        iteration.ways(asked("Llama-3.1-70B"), 4)
    with pytest.raises(RlError, match="updates = 3 does not divide the 1,024 answers"):
        asked(updates=3)
    with pytest.raises(RlError, match="can't be split"):
        iteration.apart(asked(), 1)


def test_what_iterations_take_beyond_their_parts_is_in_each_part():
    way = iteration.together(asked(), 16)
    assert way.parts["update"] == pytest.approx(BEYOND["together"] * way.learning.update[way.learner])
