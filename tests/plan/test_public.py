"""The public names: they load lazily, and are what the package says."""

import subprocess
import sys

import pytest

import analysis


def test_every_public_name_is_there():
    for name in analysis.__all__:
        assert getattr(analysis, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'plan_trianing'"):
        _ = analysis.plan_trianing


def test_the_package_alone_loads_nothing():
    code = "import sys, analysis; print([name for name in sys.modules if name.startswith(('analysis.', 'numpy', 'pandas'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
