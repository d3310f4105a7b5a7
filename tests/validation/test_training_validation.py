"""What the validation reached, as thresholds that must not be lost; the constants are those that the fit gives."""

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import fitting
from analysis.training import calibration
from analysis.training.constants import EXPECTED, FITTED, SPREAD
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS
from analysis.uncertainty import intervals
from analysis.validation import held_out, peak_memory, training_validation


@pytest.fixture(scope="module")
def rows():
    return training_validation.held_out()


def good(rows, kind):
    return rows[(rows["usable"] == "yes") & (rows["kind"] == kind)]


def test_training_steps_of_held_out_sources(rows):
    average = training_validation.by_source(good(rows, "train")).loc["macro average"]
    assert average["median error"] <= 0.08
    assert average["90th percentile"] <= 0.175


def test_intervals_hold_75_to_85_percent(rows):
    for kind in ("train", "whole_run"):
        assert 0.75 <= training_validation.by_source(good(rows, kind)).loc["macro average", "coverage"] <= 0.85


def test_steps_are_predicted_better_than_by_the_baselines(rows):
    table = training_validation.summary(rows)
    for label in ("training steps", "dense", "experts", "16 bits", "8 bits"):
        for column in ("median error", "90th percentile"):
            ours, *baselines = (table.loc[(label, method), column] for method in table.loc[label].index)
            assert ours < min(baselines), (label, column)


def test_what_is_kept_in_the_file_is_what_is_computed(rows):
    kept, computed = held_out.read().set_index("run_id"), rows.set_index("run_id")
    assert set(kept.index) == set(computed.index)
    computed = computed.loc[kept.index]
    assert (kept["group"] == computed["group"]).all()
    for column in ("predicted", "constant_utilization"):
        assert kept[column].to_numpy() == pytest.approx(computed[column].to_numpy(), rel=0.01), column
    assert np.log(kept["high"] / kept["low"]).to_numpy() / 2 == pytest.approx(computed["width"].to_numpy(), abs=0.01)
    assert (kept["held"] == computed["held"]).mean() > 0.99


def test_utilizations_are_held_as_often_as_other_metrics():
    kept = held_out.read()
    kept = kept[(kept["usable"] == "yes") & (kept["kind"] == "train")]
    shares = kept["metric"].isin(["mfu", "hfu", "achieved_flops_per_chip"])
    for chosen in (kept[shares], kept[~shares]):
        assert 0.7 <= chosen.groupby("source")["held"].mean().mean() <= 0.9


def test_the_chips_median_leaves_out_its_own_source():
    row = {"kind": "train", "chip": "H100 SXM5", "precision": "bf16", "metric": "mfu", "usable": "yes"}
    rows = pd.DataFrame([
        row | {"source": "A", "value": 0.5, "constant_utilization": 0.4},
        row | {"source": "B", "value": 0.3, "constant_utilization": 0.4},
        row | {"source": "B", "value": 0.2, "constant_utilization": 0.4},
        row | {"source": "C", "value": 0.1, "constant_utilization": 0.4, "chip": "A100 SXM4 80GB"},
    ])  # fmt: skip
    assert list(training_validation.chip_median(rows)) == pytest.approx([0.25, 0.5, 0.5, 0.3])


def test_releases_of_one_suite_are_held_out_together():
    assert (
        training_validation.family("Megatron-Bridge 25.09")
        == training_validation.family("Megatron-Bridge 25.11")
        == "Megatron-Bridge"
    )
    for name in ("torchtitan 2024", "MT-NLG 2022", "nanoGPT"):
        assert training_validation.family(name) == name


def test_the_constants_are_those_of_the_fit(rows):
    constants = calibration.fit_all(calibration.observations("train"), calibration.observations("whole_run"))
    for name in (*FITTED, "loss_exponent"):
        assert getattr(CONSTANTS, name) == pytest.approx(getattr(constants, name), rel=0.01), name
    for group, width in training_validation.group_widths(rows).items():
        assert HALF_WIDTHS[group] == pytest.approx(width, rel=0.02)
    assert HALF_WIDTHS["memory"] == pytest.approx(peak_memory.half_width(peak_memory.against_measured(constants)), rel=0.02)


def test_every_fitted_constant_stays_near_what_was_expected():
    for name in FITTED:
        moved = abs(np.log(getattr(CONSTANTS, name) / getattr(EXPECTED, name)))
        assert moved < 3 * SPREAD[name], name


def test_least_squares_finds_a_known_minimum():
    found = fitting.least_squares(lambda at: np.array([at[0] - 3, 10 * (at[1] - at[0] ** 2)]), np.array([1.0, 1.0]))
    assert found == pytest.approx([3, 9], rel=1e-3)


def test_half_width_counts_every_source_the_same():
    errors = np.array([0.1] * 1000 + [0.5])
    sources = ["many"] * 1000 + ["one"]
    assert intervals.half_width(errors, sources) > 0.3
    assert intervals.half_width(np.linspace(-1, 1, 2001), ["a"] * 2001) == pytest.approx(0.8, abs=0.01)
