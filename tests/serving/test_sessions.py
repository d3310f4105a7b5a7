from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest

from analysis.inference import deployments
from analysis.serving import sessions
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import ServingError
from analysis.serving.sessions import Session

TALK = Session(turns=6, first_tokens=800, added_tokens=150, answer_tokens=250, pause_seconds=40, shared_tokens=300)
AGENT = Session(turns=33, first_tokens=12_000, added_tokens=1500, answer_tokens=500, pause_seconds=5, shared_tokens=8000)
ONE = deployments.deploy("Llama-3.1-8B", "H100 SXM5")


def test_prompts_and_what_is_cached_of_them_turn_by_turn():
    prompts = [TALK.first_tokens + turn * (150 + 250) for turn in range(6)]
    assert TALK.prompt_tokens == pytest.approx(np.mean(prompts))
    assert TALK.last_tokens == prompts[-1] + 250
    assert TALK.cached(1.0) == pytest.approx((300 + sum(prompt - 150 for prompt in prompts[1:])) / sum(prompts))
    assert TALK.cached(0.0) == pytest.approx(6 * 300 / sum(prompts))


def lru(session, turns_per_second, room, seed=0):
    """The share of later turns that find their context in a cache that drops what was used longest ago, turn by turn."""
    draw = np.random.default_rng(seed)
    starts = np.cumsum(draw.exponential(session.turns / turns_per_second, 4000))
    events = sorted(
        (time, number, turn)
        for number, start in enumerate(starts)
        for turn, time in enumerate(start + np.append(0, np.cumsum(draw.exponential(session.pause_seconds, session.turns - 1))))
    )
    held, filled, hits, later = OrderedDict(), 0.0, 0, 0
    for _, number, turn in events:
        if turn:
            later += 1
            hits += number in held
        filled -= held.pop(number, 0.0)
        size = session.first_tokens + turn * (session.added_tokens + session.answer_tokens) + session.answer_tokens
        held[number], filled = size, filled + size
        while filled > room:
            filled -= held.popitem(last=False)[1]
    return hits / later


@pytest.mark.parametrize("room", [50_000, 100_000, 200_000])
def test_what_stays_is_what_a_cache_that_drops_the_oldest_holds(room):
    seconds = sessions.stay(TALK, 2.0, room, 1.0)
    assert sessions.found_after(TALK, seconds) == pytest.approx(lru(TALK, 2.0, room), abs=0.03)


def test_a_room_for_all_keeps_all():
    assert sessions.stay(TALK, 0.0, 1.0, 1.0) == np.inf
    assert sessions.found_after(TALK, np.inf) == 1


def test_host_memory_and_shorter_pauses_find_more_and_carry_no_less():
    kept = Targets(2.0, 0.05)
    slow = replace(AGENT, pause_seconds=300)
    far = sessions.settled(slow, ONE, kept)
    host = sessions.settled(slow, ONE, kept, host_bytes=200e9)
    soon = sessions.settled(replace(slow, pause_seconds=100), ONE, kept)
    assert host.hit_share > far.hit_share and host.rate >= far.rate and host.from_host > 0
    assert soon.hit_share > far.hit_share and soon.rate >= far.rate
    # 32 layers of 8 keys and values of 128 numbers in 16 bits, over PCIe.
    assert host.loading_seconds == pytest.approx(AGENT.kept_tokens * 131_072 / 64e9)


def test_host_memory_that_is_not_needed_costs_nothing():
    kept = Targets(2.0, 0.05)
    assert sessions.settled(AGENT, ONE, kept, host_bytes=200e9).rate >= sessions.settled(AGENT, ONE, kept).rate


def test_the_share_settles_where_the_load_that_it_allows_leaves_it():
    kept = Targets(2.0, 0.05)
    hits = sessions.settled(TALK, ONE, kept)
    assert 0 < hits.hit_share <= 1
    assert hits.cached == pytest.approx(TALK.cached(hits.hit_share))


def test_sessions_that_can_not_be_are_refused():
    with pytest.raises(ServingError, match="turns"):
        Session(0, 100, 10, 10, 1)
    with pytest.raises(ServingError, match="shared_tokens"):
        Session(2, 100, 10, 10, 1, shared_tokens=200)
    with pytest.raises(ServingError, match="no batch can meet"):
        sessions.settled(TALK, ONE, Targets(2.0, 1e-4))
