import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.risk import break_even
from analysis.risk.break_even import BreakEven, BreakEvenError
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK, limits

FALLS = ("peak", "utilization", "serving_time")


@pytest.mark.parametrize("name", break_even.INPUTS)
def test_the_solution_is_the_closed_form(name):
    factor = 706_315 / estimate(DECK).inference.accelerators_exact
    now = DECK.peak_flop_per_second if name == "peak" else getattr(DECK, name)
    expected = now / factor if name in FALLS else now * factor
    assert break_even.solve(DECK, name, 706_315) == pytest.approx(expected, rel=1e-9)


def test_the_deck_needs_as_many_parameters_as_it_has_training_tokens():
    printed = 2 * 300e9 * 3.5e9 * 4 * 425 * (4 / 3) / 86_400 / (156e12 * 0.5)
    assert break_even.solve(DECK, "parameters", printed) == pytest.approx(DECK.training_tokens, rel=1e-9)


@settings(max_examples=30)
@given(st.sampled_from(break_even.INPUTS), st.floats(1e2, 1e8))
def test_what_was_solved_for_comes_out(name, target):
    value = break_even.solve(DECK, name, target)
    if math.isnan(value):
        ends = [estimate(DECK.model_copy(update={name: end})).inference.accelerators_exact for end in limits(name)]
        assert target < min(ends) or target > max(ends)
    else:
        moved = DECK.model_copy(update={name: value})
        assert estimate(moved).inference.accelerators_exact == pytest.approx(target, rel=1e-9)


def test_what_no_allowed_value_reaches_is_impossible():
    # Serving all day long at full utilization halves the count, and no more.
    assert math.isnan(break_even.solve(DECK, "utilization", 100_000))
    assert math.isnan(break_even.solve(DECK, "serving_time", 400_000))
    one = next(one for one in break_even.solve_each(DECK, 100_000) if one.name == "serving_time")
    assert one.verdict == "impossible"
    assert break_even.written(one)["needed"] == "–"


def test_a_value_is_plausible_in_its_range_alone():
    assert BreakEven("utilization", 0.5, 0.3, 0.2, 0.6).verdict == "plausible"
    assert BreakEven("utilization", 0.5, 0.7, 0.2, 0.6).verdict == "outside"


def test_solutions_hold_for_other_scenarios_and_are_sorted():
    base = build({"accelerator": "H100 SXM5", "precision": "BF16", "utilization": "40%"}, "test")
    found = break_even.solve_each(base, 706_315)
    assert {one.name for one in found} == set(break_even.INPUTS)
    verdicts = [("plausible", "outside", "impossible").index(one.verdict) for one in found]
    assert verdicts == sorted(verdicts)


def test_bad_input_is_refused():
    with pytest.raises(BreakEvenError, match=r"serving does not depend on 'utilisation'; did you mean 'utilization'\?"):
        break_even.solve(DECK, "utilisation", 1000)
    with pytest.raises(BreakEvenError, match="accelerators: -5 is out of range"):
        break_even.solve(DECK, "utilization", -5)
