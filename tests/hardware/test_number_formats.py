"""Number formats against NumPy's types, and against the rule that their bits follow."""

import numpy as np
import pytest

from analysis.hardware import number_formats
from analysis.hardware.accelerators import PEAK_COLUMNS


@pytest.mark.parametrize(("name", "dtype"), [("FP64", np.float64), ("FP32", np.float32), ("FP16", np.float16)])
def test_formats_are_numpys(name, dtype):
    row, info = number_formats.table().loc[name], np.finfo(dtype)
    assert (row["exponent_bits"], row["fraction_bits"]) == (info.nexp, info.nmant)
    assert row["largest"] == float(info.max)
    assert row["step"] == float(info.eps)


@pytest.mark.parametrize("name", number_formats.table().index)
def test_the_largest_number_follows_from_the_bits(name):
    row = number_formats.table().loc[name]
    bias = 2.0 ** (row["exponent_bits"] - 1) - 1
    if name == "FP8 E4M3":  # all ones is not a number; every other pattern of the last exponent is
        expected = (2 - 2 * row["step"]) * 2 ** (bias + 1)
    elif name == "FP4 E2M1":  # every pattern of the last exponent is a number
        expected = (2 - row["step"]) * 2 ** (bias + 1)
    else:
        expected = (2 - row["step"]) * 2**bias
    assert row["largest"] == pytest.approx(expected, rel=1e-15)


def test_every_floating_point_precision_has_its_formats():
    assert number_formats.precisions() == [name for name in PEAK_COLUMNS if name != "INT8"]
    assert number_formats.floating_formats("FP8") == ("FP8 E4M3", "FP8 E5M2")
    for precision in number_formats.precisions():
        for name in number_formats.floating_formats(precision):
            row = number_formats.table().loc[name]
            assert row["sign_bits"] + row["exponent_bits"] + row["fraction_bits"] <= row["stored_bits"]
