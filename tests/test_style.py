"""The code's style is what ruff makes of it; the settings are in pyproject.toml."""

import pytest

from analysis import paths
from tests.conftest import run


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff_has_nothing_to_say(words):
    run(paths.ROOT, "-m", "ruff", *words, "--no-cache", "--quiet", ".")
