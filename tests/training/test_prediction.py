from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.training import assumptions, prediction, step_time
from analysis.training.fitted import CONSTANTS
from analysis.validation.predict import predict
from tests.cases import row

STEP = row(model="Llama-3.1-8B", engine="Megatron-Core", date="2025-06")
WHOLE = STEP | {"kind": "whole_run", "metric": "chip_hours", "tokens": "15e12", "value": "1"}


def asked(*cells):
    given = [runs.parsed(one) for one in cells]
    return given, assumptions.decide([assumptions.question(run) for run in given], CONSTANTS)[0]


def test_tables_of_runs_say_the_same():
    given, steps = asked(STEP, WHOLE)
    found = prediction.predicted(given, steps)
    table = predict(pd.DataFrame([STEP | {"metric": "step_seconds"}, WHOLE]))
    hours = 15e12 / steps.tokens[1] * found.seconds[1] * steps.chips[1] / 3600
    assert table["predicted"].tolist() == pytest.approx([found.seconds[0], hours])
    low, high = found.interval
    assert (table["high"] / table["predicted"]).tolist() == pytest.approx(list(high / found.seconds))
    assert (table["low"] / table["predicted"]).tolist() == pytest.approx(list(low / found.seconds))


def test_whole_runs_lose_time_unless_they_are_benchmarks():
    (step, whole), steps = asked(STEP, WHOLE)
    benchmark = replace(whole, tokens=1e9)
    alone, trained, tried = prediction.predicted([step, whole, benchmark], steps.take(np.array([0, 1, 1]))).seconds
    assert trained > alone and tried == pytest.approx(alone)


def test_an_offset_that_was_measured_is_taken_out():
    given, steps = asked(*[STEP | {"metric": "step_seconds", "global_batch": str(size)} for size in (256, 512, 1024)])
    constants_alone = step_time.step_seconds(steps)
    own = prediction.evidence(given, steps, 1.3 * constants_alone)
    before, after = prediction.predicted(given, steps), prediction.predicted(given, steps, own)
    assert (
        np.abs(np.log(after.seconds / (1.3 * constants_alone))) < np.abs(np.log(before.seconds / (1.3 * constants_alone)))
    ).all()
    assert (after.half_width < before.half_width).all()
