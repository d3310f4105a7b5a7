"""What the validation reached, as thresholds that must not be lost; the constants are those that the fit gives."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference import inference_calibration, inference_offsets, inference_runs
from analysis.inference.inference_constants import EXPECTED, FITTED, SPREAD
from analysis.inference.inference_fitted import CONSTANTS, HALF_WIDTHS
from analysis.validation import held_out_inference, inference_validation


@pytest.fixture(scope="module")
def rows():
    """What is kept; tests/validation/test_held_out_inference.py holds that it is what is computed."""
    return held_out_inference.read()


@pytest.fixture(scope="module")
def observed():
    return inference_calibration.observations()


@pytest.fixture(scope="module")
def table(rows):
    return inference_validation.summary(rows)


def test_decoding_on_measured_hardware_that_was_held_out(table):
    reached = table.loc[("decode, one H100 measured", "unit")]
    assert reached["median error"] <= 0.04 and reached["90th percentile"] <= 0.15


def test_published_engines_that_were_held_out(table):
    assert table.loc[("output token, engines", "unit"), "middle row"] <= 0.16
    assert table.loc[("output token, engines", "collection"), "middle row"] <= 0.17
    assert table.loc[("output token, engines", "row"), "middle row"] <= 0.10
    assert table.loc[("output token, those within the ideal", "unit"), "median error"] <= 0.21
    assert table.loc[("first token, engines", "unit"), "middle row"] <= 0.36
    assert table.loc[("first token, engines", "unit"), "middle unit"] <= 0.36
    assert table.loc[("first token, engines", "row"), "middle row"] <= 0.25
    assert table.loc[("speed", "unit"), "median error"] <= 0.21


def test_errors_forward_are_told_of_new_rows_alone(rows):
    told = rows["forward"].notna()
    assert (rows.loc[told, "date"] >= "2026").all() and not (rows.loc[~told, "date"] >= "2026").any()


def test_intervals_hold_80_percent_within_what_sources_tell(rows):
    good = rows[rows["usable"] == "yes"]
    assert 0.75 <= good.groupby("unit")["held"].mean().mean() <= 0.87
    for group in ("output token", "first token", "server speed", "decode step"):
        chosen = good[good["group"] == group]
        low, high = inference_validation.coverage_band(chosen)
        assert 0.70 <= chosen.groupby("unit")["held"].mean().mean() <= 0.90, group
        assert low <= 0.82 <= high + 0.01, group


def test_no_rows_are_held_out_with_their_own_unit(observed):
    """Constants fitted without a unit do not change when the unit's figures do."""
    inside = (observed.rows["unit"] == "vLLM, Kimi-K2").to_numpy()
    slopes = inference_calibration.slopes(observed, CONSTANTS)
    spoilt = np.where(inside, 100.0, slopes.errors)
    changed = inference_calibration.Slopes(observed, slopes.position, spoilt, slopes.slopes)
    assert changed.without(inside) == slopes.without(inside)
    assert changed.without(~inside) != slopes.without(~inside)


def test_the_constants_are_those_of_the_fit(observed):
    constants = inference_calibration.fit(observed)
    for name in FITTED:
        assert getattr(CONSTANTS, name) == pytest.approx(getattr(constants, name), rel=0.02), name


def test_widths_are_those_of_what_is_kept():
    widths = inference_validation.new_widths(inference_offsets.read())
    for group, width in widths.items():
        assert HALF_WIDTHS[group] == pytest.approx(width, rel=0.02), group


def test_a_known_stack_moves_and_narrows_and_a_new_one_does_not():
    known = inference_offsets.read()
    stack = {"group": "output token", "source": "aiconfigurator silicon sample", "engine_family": "vLLM", "chip": "H200 SXM",
             "engine": "vllm 0.12.0", "model": "Qwen3-235B-A22B"}  # fmt: skip
    rows = pd.DataFrame([stack, stack | {"source": "nobody's", "engine_family": "new"}, stack | {"source": np.nan}])
    error, deviation = inference_calibration.expected(known, rows)
    assert error[0] < -0.3 and error[1] == error[2] == 0
    assert deviation[0] < 0.6 * deviation[1] and deviation[1] == deviation[2]


def test_every_constant_stays_near_what_was_expected():
    for name in FITTED:
        moved = abs(np.log(getattr(CONSTANTS, name) / getattr(EXPECTED, name)))
        assert moved < 3 * SPREAD[name], name


def test_a_fit_finds_constants_that_made_the_figures(observed):
    """Figures computed with other constants, of which the fit is to find those that the rows show well."""
    observed = observed.usable()
    truth = {"vllm_kernel": 4e-6, "burst": 0.08}
    other = inference_calibration.EXPECTED.__class__(**{**vars(inference_calibration.EXPECTED), **truth})
    made = inference_runs.predicted(observed.questions, observed.rows["metric"], other)
    again = inference_calibration.Observations(observed.rows.assign(value=made), observed.questions)
    found = inference_calibration.fit(again)
    for name, value in truth.items():
        assert getattr(found, name) == pytest.approx(value, rel=0.05), name


def test_servers_of_one_other_maker_tell_those_of_another_source_of_it():
    known = inference_offsets.read()
    rows = pd.DataFrame([
        {"group": group, "source": "new", "engine_family": "vLLM", "chip": chip, "engine": "", "model": ""}
        for chip in ("Ascend 910C", "Instinct MI300X", "H100 SXM5") for group in ("first token", "output token", "server speed")
    ])  # fmt: skip
    error, _ = inference_calibration.expected(known, rows)
    assert (error[:3] == error[0]).all() and error[0] < error[3] < error[6] == 0


def test_on_other_makers_chips_an_engine_is_ported_or_native():
    row = {"group": "output token", "source": "a", "engine": "", "model": ""}
    told = [("Gaudi2", "vLLM"), ("Gaudi2", None), ("H200 SXM", "vLLM")]
    rows = pd.DataFrame([row | {"chip": chip, "engine_family": engine} for chip, engine in told])
    engines = inference_calibration.traits(rows)["engine"]
    assert list(engines) == [inference_calibration.PORTED, inference_calibration.NATIVE, "a, vLLM"]
