"""Coverage and scores of intervals, against sums by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.validation import coverage


def test_the_score_is_the_width_inside_and_grows_tenfold_outside():
    score = coverage.interval_score(np.array([0.1, -0.1, 0.5]), np.array([0.2, 0.1, 0.2]))
    assert score == pytest.approx([0.4, 0.2, 0.4 + 10 * 0.3])


def test_of_intervals_the_honest_one_scores_best():
    error = np.random.default_rng(0).normal(size=20_000)
    scores = [coverage.interval_score(error, np.full(len(error), width)).mean() for width in (1.0, 1.2816, 1.6)]
    assert scores[1] == min(scores)


def test_a_band_follows_sources_and_not_rows():
    rows = pd.DataFrame({"source": ["a"] * 100 + ["b"] * 100, "held": [True] * 100 + [False] * 100})
    assert coverage.band(rows["held"], rows["source"]) == (0, 1)
    many = pd.DataFrame({"source": [f"s{i // 5}" for i in range(500)], "held": [i % 5 > 0 for i in range(500)]})
    assert coverage.band(many["held"], many["source"]) == (pytest.approx(0.8), pytest.approx(0.8))


def test_every_source_counts_the_same():
    rows = pd.DataFrame({
        "source": ["a", "a", "a", "b"], "log_error": [0.1, 0.1, 0.1, 0.3], "width": 0.2, "held": [True, True, True, False],
    })  # fmt: skip
    table = coverage.by_group(rows, {"all": rows["width"] > 0, "none": rows["width"] < 0})
    assert list(table.index) == ["all"]
    assert table.loc["all", "coverage"] == 0.5
    assert table.loc["all", "median error"] == pytest.approx((np.expm1(0.1) + np.expm1(0.3)) / 2)
    assert table.loc["all", "score"] == pytest.approx((0.4 + 0.4 + 10 * 0.1) / 2)
