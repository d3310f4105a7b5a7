import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import trends
from analysis.trends import TrendError


@given(growth=st.floats(0.5, 3), level=st.floats(0.01, 100))
def test_an_exact_line_is_found(growth, level):
    years = np.array([2018.0, 2020, 2021, 2025])
    found = trends.fit(years, level * growth ** (years - 2020))
    assert found.growth == pytest.approx(growth, rel=1e-6)
    assert found.at(2020) == pytest.approx(level, rel=1e-5)


def test_slope_and_interval_are_those_of_scipy():
    generator = np.random.default_rng(3)
    years = generator.uniform(2015, 2026, 30)
    values = np.exp(0.3 * (years - 2020) + generator.normal(0, 0.4, 30))
    found = trends.fit(years, values)
    line = stats.linregress(years, np.log(values))
    half = stats.t.ppf(0.95, 28) * line.stderr
    assert [found.low, found.growth, found.high] == pytest.approx(np.exp([line.slope - half, line.slope, line.slope + half]))
    assert found.doubling_years == pytest.approx(np.log(2) / line.slope)


def test_groups_have_levels_of_their_own():
    """A dear new chip beside a cheap old one makes no growth, if the price of each stands still."""
    years = [2020, 2021, 2022, 2022, 2023, 2024]
    values = np.array([1, 1.01, 1, 10, 10.1, 10])
    assert trends.fit(years, values).growth > 1.5
    grouped = trends.fit(years, values, ["old"] * 3 + ["new"] * 3)
    assert grouped.growth == pytest.approx(1, abs=1e-9)
    dummies = np.column_stack([years, [1] * 3 + [0] * 3, [0] * 3 + [1] * 3])
    slope = np.linalg.lstsq(dummies, np.log(values), rcond=None)[0][0]
    assert grouped.growth == pytest.approx(np.exp(slope))


def test_the_interval_holds_the_truth_as_often_as_it_says():
    generator, held = np.random.default_rng(5), 0
    for _ in range(400):
        years = generator.uniform(0, 8, 12)
        found = trends.fit(years, np.exp(0.2 * years + generator.normal(0, 0.5, 12)))
        held += found.low <= np.exp(0.2) <= found.high
    assert held / 400 == pytest.approx(trends.LEVEL, abs=0.04)


@pytest.mark.parametrize(
    ("years", "values", "why"),
    [
        ([2020, 2021, 2022], [1, 0, 2], "needs positive values; the smallest is 0"),
        ([2020, 2021], [1, 2], "do not fix a trend"),
        ([2020, 2020, 2020, 2020], [1, 2, 3, 4], "needs different times"),
        ([2020, float("nan"), 2021], [1, 2, 3], "one known time"),
        ([2020, 2021], [1, 2, 3], "one known time"),
    ],
)
def test_what_fixes_no_trend_is_refused(years, values, why):
    with pytest.raises(TrendError, match=why):
        trends.fit(years, values)


def test_dates_are_read_as_precisely_as_they_are_written():
    assert trends.in_years(["2024", "2024-07", "2024-01-01"]) == pytest.approx([2024.5, 2024 + 6.5 / 12, 2024])


def test_growth_is_written_as_a_change_or_as_a_factor():
    rising = trends.Trend(growth=1.42, low=1.29, high=1.55, observations=9, intercept=0.0)
    assert trends.growth_text(rising) == "42% (29% to 55%)"
    assert trends.factor_text(rising) == "1.4-fold (1.3 to 1.6)"
    falling = trends.Trend(growth=0.8, low=0.7, high=1.1, observations=9, intercept=0.0)
    assert trends.growth_text(falling) == "−20% (−30% to 10%)"
