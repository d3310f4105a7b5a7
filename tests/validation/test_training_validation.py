"""What the validation reached, as thresholds that must not be lost; the constants are those that the fit gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import fitting
from analysis.training import calibration, offset
from analysis.training.constants import EXPECTED, FITTED, SPREAD
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS, SCALES
from analysis.uncertainty import intervals
from analysis.validation import held_out, peak_memory, training_validation

#: Sources that are held out anew; all of them take minutes.
SOME = ("Megatron-LM 2022 (Korthikanti)", "ModelLink Ascend 910B", "DeepSeek-V3 README")


@pytest.fixture(scope="module")
def kept():
    return held_out.read()


@pytest.fixture(scope="module")
def slopes():
    return calibration.slopes(calibration.observations())


def good(rows, kind):
    return rows[(rows["usable"] == "yes") & (rows["kind"] == kind)]


def test_training_steps_of_held_out_sources(kept):
    average = training_validation.by_source(good(kept, "train")).loc["macro average"]
    assert average["median error"] <= 0.105
    assert average["90th percentile"] <= 0.20


def test_steps_published_since_are_predicted_by_what_came_before(kept):
    later = held_out.later(kept)
    average = training_validation.by_source(good(later, "train")).loc["macro average"]
    assert average["median error"] <= 0.125
    assert (later["date"] >= training_validation.FORWARD).all()


def test_intervals_hold_75_to_85_percent(kept):
    for kind in ("train", "whole_run"):
        assert 0.75 <= training_validation.by_source(good(kept, kind)).loc["macro average", "coverage"] <= 0.85


def test_runs_are_predicted_better_than_by_the_baselines(kept):
    table = training_validation.summary(kept)
    for label in ("training steps", "dense", "experts", "16 bits", "8 bits", "whole runs"):
        for column in ("median error", "90th percentile"):
            ours, *baselines = (table.loc[(label, method), column] for method in table.loc[label].index)
            assert ours < min(baselines), (label, column)


def test_large_runs_of_their_time_lie_in_their_intervals(kept):
    by_run = kept.set_index("run_id")
    assert by_run.loc[["whole-deepseek-v3", "whole-llama-3-1-405b"], "held"].all()


def test_what_is_kept_in_the_file_is_what_is_computed(kept):
    computed = training_validation.held_out(sources=SOME).set_index("run_id")
    stored = kept.set_index("run_id").loc[computed.index]
    assert (stored["group"] == computed["group"]).all()
    for column in ("predicted", "physics", "constant_utilization"):
        assert stored[column].to_numpy() == pytest.approx(computed[column].to_numpy(), rel=0.01), column
    assert set(kept["run_id"]) == set(calibration.observations().rows["run_id"])


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
    assert calibration.family("Megatron-Bridge 25.09") == calibration.family("Megatron-Bridge 25.11") == "Megatron-Bridge"
    for name in ("torchtitan 2024", "MT-NLG 2022", "nanoGPT"):
        assert calibration.family(name) == name


def test_what_was_fitted_is_what_the_fit_gives(slopes):
    learnt = slopes.learn(np.ones(len(slopes.errors), dtype=bool))
    for name in (*FITTED, "loss_exponent"):
        assert getattr(CONSTANTS, name) == pytest.approx(getattr(learnt.constants, name), rel=0.01), name
    for stored, found in ((SCALES.effects, learnt.scales.effects), (SCALES.noise, learnt.scales.noise)):
        assert stored == pytest.approx(found, rel=0.03)
    seen = offset.evidence()
    assert len(seen.error) == len(learnt.evidence.error)
    assert np.sort(seen.error) == pytest.approx(np.sort(learnt.evidence.error), abs=0.005)
    peaks = peak_memory.against_measured(learnt.constants)
    assert HALF_WIDTHS["memory"] == pytest.approx(peak_memory.half_width(peaks), rel=0.02)


def test_widths_are_those_of_the_errors_that_are_kept(kept):
    for group, width in training_validation.group_widths(kept).items():
        assert HALF_WIDTHS[group] == pytest.approx(width, rel=0.02)


def test_slopes_are_those_of_errors_computed_anew(slopes):
    moved = replace(slopes.base, matmul_share=slopes.base.matmul_share * 1.02, exchange_share=slopes.base.exchange_share / 1.05)
    exact = calibration.residuals(slopes.steps, slopes.observed.rows, moved)
    assert slopes.at(moved) == pytest.approx(exact, abs=0.005)


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
