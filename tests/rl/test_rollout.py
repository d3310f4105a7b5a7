"""The rollout against one that is simulated token by token, and what it must do when more is given."""

from collections import deque
from dataclasses import replace

import numpy as np
import pytest

from analysis.inference import deployments, pass_time
from analysis.models import architecture
from analysis.rl import rollout
from analysis.rl.batch import Batch, RlError
from tests.rl.test_batch import drawn

BATCH = Batch(64, 16, 115, 800, 3000)


def one(chip="H100 SXM5", model="Llama-3.1-8B", **plan):
    return rollout.copied((deployments.deploy(model, chip, **plan),))


def simulated(some, batch, room):
    """Seconds of one replica that writes all answers of `batch`, a step at a time."""
    waiting = deque(np.ceil(drawn(batch, batch.answers)).astype(int).tolist())
    ages, ends, seconds = [], [], pass_time.prefill_seconds(some.cases, batch.prompts, batch.prompt_tokens).item()
    grid = np.unique(np.round(np.geomspace(1, room, 40)))
    short, long = (pass_time.decode_seconds(some.cases, grid[:, None], context)[:, 0] for context in (115.0, 3115.0))
    while waiting or ages:
        while waiting and len(ages) < room:
            ages.append(0)
            ends.append(waiting.popleft())
        share = np.mean(ages) / 3000
        seconds += (1 - share) * np.interp(len(ages), grid, short) + share * np.interp(len(ages), grid, long)
        ages = [age + 1 for age in ages]
        left = [place for place, age in enumerate(ages) if age < ends[place]]
        ages, ends = [ages[place] for place in left], [ends[place] for place in left]
    return seconds


def test_a_rollout_takes_what_a_simulated_one_takes():
    some = one()
    room = int(rollout.at_once(some, BATCH)[0])
    predicted = rollout.seconds(some, BATCH, 1)[0] / some.slower
    assert predicted == pytest.approx(simulated(some, BATCH, room), rel=0.12)
    few = replace(BATCH, prompts=8)  # all at once
    assert rollout.seconds(some, few, 1)[0] / some.slower == pytest.approx(simulated(some, few, room), rel=0.12)


def test_more_chips_never_take_longer_and_longer_answers_always_do():
    some = rollout.replicas(architecture.load("Llama-3.1-70B"), "H100 SXM5", "bf16", 64, BATCH)
    seconds = [rollout.best(some, BATCH, chips)[0] for chips in (8, 16, 32, 64)]
    assert seconds == sorted(seconds, reverse=True) and seconds[0] > seconds[-1]
    assert rollout.best(some, replace(BATCH, answer_tokens=1600), 64)[0] > seconds[-1]


def test_batches_under_way_hide_the_last_answers():
    some = one()
    assert rollout.seconds(some, BATCH, 8, 8)[0] < rollout.seconds(some, BATCH, 8)[0]


def test_an_answer_that_no_replica_holds_is_refused():
    with pytest.raises(RlError, match="holds an answer of 100,000 tokens"):
        rollout.best(one(model="Qwen3-32B"), Batch(1, 1, 100, 1000, 100_000), 1)


def test_memory_is_weights_and_the_cache_of_what_is_under_way():
    some = one()
    held = rollout.memory(some, replace(BATCH, prompts=1, samples=1), 1, 0)
    assert held["weights"] == pytest.approx(2 * 8.03e9, rel=0.01)
    assert held["cache"] == pytest.approx(131_072 * 915)
