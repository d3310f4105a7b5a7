"""Lengths of answers: what is drawn has the mean that was asked, and ends where it was said to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.rl.batch import Batch, RlError


def drawn(batch, count, seed=1):
    """Lengths by the share that is left: exponential, cut at the longest."""
    scale = batch.falling if np.isfinite(batch.falling) else 1e12
    return np.minimum(np.random.default_rng(seed).exponential(scale, count), batch.longest)


@settings(max_examples=20, deadline=None)
@given(mean=st.floats(10, 1e5), room=st.floats(1.02, 50))
def test_the_lengths_have_their_mean(mean, room):
    batch = Batch(8, 4, 100, mean, mean * room)
    assert drawn(batch, 200_000).mean() == pytest.approx(mean, rel=0.02)


def test_the_last_answer_is_about_the_longest_of_all():
    batch = Batch(64, 16, 100, 1000, 20_000)
    longest = np.mean([drawn(batch, batch.answers, seed).max() for seed in range(200)])
    assert batch.last == pytest.approx(longest, rel=0.02)
    assert Batch(64, 16, 100, 3500, 4000).last == 4000


def test_tokens_are_those_of_prompts_and_answers():
    assert Batch(64, 32, 115, 1019, 3981).tokens == 64 * 32 * (115 + 1019)


@pytest.mark.parametrize(
    ("field", "value"), [("prompts", 0), ("samples", 1.5), ("prompt_tokens", 0), ("answer_tokens", float("nan")), ("longest", 10)]
)
def test_what_is_no_batch_is_refused_by_its_field(field, value):
    given = {"prompts": 8, "samples": 4, "prompt_tokens": 100, "answer_tokens": 500, "longest": 2000} | {field: value}
    with pytest.raises(RlError, match=field):
        Batch(**given)
