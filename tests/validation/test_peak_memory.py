"""Memory of one accelerator against peaks that were measured."""

import numpy as np
import pytest

from analysis.training.fitted import HALF_WIDTHS
from analysis.validation import peak_memory


@pytest.fixture(scope="module")
def rows():
    return peak_memory.against_measured()


def test_peaks_are_read_from_the_notes(rows):
    by_run = rows.set_index("run_id")["measured"]
    assert by_run["h100-train-gpt2-124m-b32-s1024"] == pytest.approx(16.26e9)
    assert by_run["simumax-b200-llama3-70b-l12-tp1-pp2-dp4-mbc4-cef"] == pytest.approx(66.55 * 2**30)


def test_memory_of_megatron_runs_is_close_and_that_of_one_chip_too_high(rows):
    """Own steps ran in automatic mixed precision, which keeps one 32-bit copy of the weights and no 16-bit gradients."""
    error = rows.set_index("source")["log_error"]
    assert np.median(np.abs(error["SimuMax B200 real runs"])) < 0.06
    assert (error["H100 SXM measured"] > 0).all()


def test_the_interval_is_what_the_peaks_give_and_holds_them(rows):
    assert HALF_WIDTHS["memory"] == pytest.approx(peak_memory.half_width(rows), rel=0.01)
    held = (rows["log_error"].abs() <= HALF_WIDTHS["memory"]).groupby(rows["source"]).mean()
    assert held.mean() >= 0.75
