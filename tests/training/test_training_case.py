from dataclasses import replace

import numpy as np
import pytest

from analysis import settings
from analysis.training import assumptions, calibration, metrics, step_time, training_case
from analysis.training.fitted import CONSTANTS
from analysis.training.training_case import TrainingCase
from analysis.uncertainty import sensitivity

CASE = TrainingCase()


def test_days_are_those_of_the_steps_and_of_what_a_run_loses():
    step = training_case.steps(CASE)
    seconds = step_time.step_seconds(step).item() * CASE.tokens / (CASE.global_batch * CASE.sequence)
    expected = seconds * CASE.chips**CONSTANTS.loss_exponent / 86_400
    found = training_case.days(CASE)({"loss_exponent": np.array([CONSTANTS.loss_exponent, 0.0])})
    assert found / training_case.slower(CASE) == pytest.approx([expected, seconds / 86_400])


def test_more_chips_take_fewer_days():
    few, many = (
        training_case.days(TrainingCase(chips=chips))({"loss_exponent": np.array([0.04])}).item() for chips in (512, 1024)
    )
    assert 1 < few / many < 2


def test_the_range_of_the_loss_is_that_of_published_runs():
    """Four of five whole runs of a hundred chips and more imply an exponent in the range, to about one run in ten."""
    observed = calibration.observations("whole_run").usable()
    steps, _ = assumptions.decide(observed.questions, CONSTANTS)
    large = (steps.chips >= 100) & metrics.trains(steps, observed.rows["kind"], observed.rows["tokens"])
    error = calibration.residuals(steps, observed.rows, replace(CONSTANTS, loss_exponent=0.0))
    implied = -error[large] / np.log(steps.chips[large])
    factor = {one.name: one for one in training_case.factors()}["loss_exponent"]
    assert np.mean((implied >= factor.low) & (implied <= factor.high)) == pytest.approx(0.8, abs=0.15)


def test_inputs_that_a_dense_16_bit_run_does_not_have_move_nothing():
    table = sensitivity.tornado(training_case.days(CASE), training_case.factors())
    moved = (table["at high"] - table["at low"]).abs()
    assert moved[["kernels_per_expert", "exchange_share", "routing_passes", "conversion"]].max() == 0
    assert moved.index[0] in ("loss_exponent", "matmul_share")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "GPT-3 175B!"}, ["model", "did you mean"]),
        ({"chip": "A100 SXM"}, ["chip", "A100 SXM4"]),
        ({"chips": 4}, ["chips", "8"]),
        ({"chips": 1000}, ["global_batch = 1536"]),
        ({"number_format": "fp9"}, ["fp9", "bf16"]),
        ({"gpus": 8}, ["unknown setting 'gpus'"]),
    ],
)
def test_a_bad_setting_says_what_is_allowed(values, words):
    with pytest.raises(settings.SettingError) as caught:
        settings.read(TrainingCase, values)
    assert all(word in str(caught.value) for word in words), caught.value
