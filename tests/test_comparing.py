"""Words that compare follow from numbers and their errors, which are held against SciPy's."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import comparing
from analysis.comparing import Measured

NOISY = np.random.default_rng(0).normal(0, 0.1, (40, 5))


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (5, 10), (10, 10), (22, 30)])
def test_intervals_are_scipy_s(hits, trials):
    exact = stats.binomtest(hits, trials).proportion_ci(comparing.LEVEL, method="exact")
    assert comparing.interval(hits, trials) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_a_share_is_told_with_its_interval():
    exact = stats.binomtest(199, 200).proportion_ci(comparing.LEVEL, method="exact")
    assert comparing.interval_text(199 / 200, 200) == f"99.5% ({exact.low:.1%} to {exact.high:.1%})"
    assert comparing.interval_text(0, 300) == "0.0% (0.0% to 1.0%)", "none of few is not proved to be none"


def test_a_mean_has_the_standard_error_of_scipy():
    found = comparing.mean(NOISY[:, 0])
    assert (found.value, found.error) == pytest.approx((NOISY[:, 0].mean(), stats.sem(NOISY[:, 0])))


@given(value=st.floats(-5, 5), error=st.floats(0, 2))
def test_a_word_is_said_only_beyond_two_standard_errors(value, error):
    word = comparing.said(Measured(value, error), "more", "fewer", "as many within noise")
    assert word == ("as many within noise" if abs(value) <= 2 * error else "more" if value > 0 else "fewer")


def test_shares_of_so_few_that_they_may_be_chance_are_not_called_different():
    """The case that was wrong once: 12% and 9.8% of 400."""
    assert (comparing.share(49, 400) - comparing.share(39, 400)).side() == 0
    assert (comparing.share(98, 400) - comparing.share(39, 400)).side() == 1
    assert comparing.share(0, 10).error > 0.05, "none of ten is no certainty"


def test_leaders_are_all_that_chance_does_not_tell_apart():
    draws = pd.DataFrame({"low": NOISY[:, 0], "high": NOISY[:, 1] + 1, "as high": NOISY[:, 2] + 1})
    assert set(comparing.leaders(draws)) == {"high", "as high"}
    assert comparing.leaders(draws[["low", "high"]]) == ["high"]


def test_a_gap_says_when_it_is_noise():
    assert comparing.gap(Measured(-0.33, 0.06), "nats", "GPT's") == "0.33 ± 0.060 nats below GPT's"
    assert comparing.gap(Measured(0.04, 0.05), "nats", "GPT's") == "within noise of GPT's (0.040 ± 0.050 nats above)"
