"""InstructGPT's numbers, against sums and shares that its paper prints elsewhere."""

from itertools import combinations

import pytest

from analysis.history import instructgpt
from analysis.history.instructgpt import InstructGptError


def test_prompts_add_up_to_the_printed_totals():
    assert list(instructgpt.prompts().groupby("step")["prompts"].sum()) == [12_725, 33_207, 31_144]


def test_a_ranking_is_worth_every_pair():
    assert instructgpt.pairs(9) == len(list(combinations(range(9), 2))) == 36
    assert instructgpt.pairs(4) == 6


def test_wins_are_shares_above_even_with_their_intervals():
    frame = instructgpt.wins().set_index("quantity")
    assert tuple(frame.loc["win_gpt3", ["low", "value", "high"]]) == pytest.approx((0.82, 0.85, 0.88))
    assert (frame["low"] > 0.5).all()
    assert not frame.index.str.startswith(("flan", "t0")).any(), "these compare other models"


def test_an_unknown_quantity_is_refused():
    with pytest.raises(InstructGptError, match=r"'win_gtp3' is not in .*; did you mean 'win_gpt3'\?"):
        instructgpt.value("win_gtp3")
