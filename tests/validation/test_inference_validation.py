"""What the validation reached, as thresholds that must not be lost; the constants are those that the fit gives."""

import numpy as np
import pytest

from analysis.inference import inference_calibration, inference_runs
from analysis.inference.inference_constants import EXPECTED, FITTED, SPREAD
from analysis.inference.inference_fitted import CONSTANTS, HALF_WIDTHS
from analysis.validation import inference_validation


@pytest.fixture(scope="module")
def rows():
    return inference_validation.held_out()


@pytest.fixture(scope="module")
def table(rows):
    return inference_validation.summary(rows)


def test_decoding_on_measured_hardware_that_was_held_out(table):
    reached = table.loc[("decode, one H100 measured", "unit")]
    assert reached["median error"] <= 0.04 and reached["90th percentile"] <= 0.15


def test_published_engines_that_were_held_out(table):
    assert table.loc[("output token, engines", "unit"), "middle row"] <= 0.17
    assert table.loc[("output token, engines", "collection"), "middle row"] <= 0.17
    assert table.loc[("output token, those within the ideal", "unit"), "median error"] <= 0.23
    assert table.loc[("first token, engines", "unit"), "middle row"] <= 0.36


def test_intervals_hold_75_to_85_percent(rows):
    good = rows[rows["usable"] == "yes"]
    for metric in inference_runs.LATENCIES:
        average = inference_validation.by_unit(good[good["metric"] == metric]).loc["macro average"]
        assert 0.75 <= average["coverage"] <= 0.85, metric


def test_no_rows_are_held_out_with_their_own_unit(rows):
    """Constants fitted without a unit do not change when the unit's figures do."""
    observed = inference_calibration.observations()
    inside = (observed.rows["unit"] == "vLLM, Kimi-K2").to_numpy()
    slopes = inference_calibration.slopes(observed, CONSTANTS)
    spoilt = np.where(inside, 100.0, slopes.errors)
    changed = inference_calibration.Slopes(observed, slopes.position, spoilt, slopes.slopes)
    assert changed.without(inside) == slopes.without(inside)
    assert changed.without(~inside) != slopes.without(~inside)


def test_the_constants_are_those_of_the_fit(rows):
    constants = inference_calibration.fit(inference_calibration.observations())
    for name in FITTED:
        assert getattr(CONSTANTS, name) == pytest.approx(getattr(constants, name), rel=0.02), name
    for group, width in inference_validation.group_widths(rows).items():
        assert HALF_WIDTHS[group] == pytest.approx(width, rel=0.02)


def test_every_constant_stays_near_what_was_expected():
    for name in FITTED:
        moved = abs(np.log(getattr(CONSTANTS, name) / getattr(EXPECTED, name)))
        assert moved < 3 * SPREAD[name], name


def test_a_fit_finds_constants_that_made_the_figures():
    """Figures computed with other constants, of which the fit is to find those that the rows show well."""
    observed = inference_calibration.observations().usable()
    truth = {"vllm_kernel": 4e-6, "burst": 0.08}
    other = inference_calibration.EXPECTED.__class__(**{**vars(inference_calibration.EXPECTED), **truth})
    made = inference_runs.predicted(observed.questions, observed.rows["metric"], other)
    again = inference_calibration.Observations(observed.rows.assign(value=made), observed.questions)
    found = inference_calibration.fit(again)
    for name, value in truth.items():
        assert getattr(found, name) == pytest.approx(value, rel=0.05), name
