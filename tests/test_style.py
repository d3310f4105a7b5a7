"""The code's style is what ruff makes of it, and its imports go one way; the settings are in pyproject.toml."""

import pytest

from analysis import paths
from tests.conftest import run


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff_has_nothing_to_say(words):
    run(paths.ROOT, "-m", "ruff", *words, "--no-cache", "--quiet", ".")


def test_a_folder_imports_from_those_below_it_only():
    run(paths.ROOT, "-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())")
