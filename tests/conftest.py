"""What several tests share: a copy of the project to work in, the built book, a browser."""

import os
import shutil
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from analysis import cli, paths
from publishing.browser import launched

# How long one example takes says nothing of the code on a busy machine.
settings.register_profile("report", deadline=None)
settings.load_profile("report")

_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "_build", "executed", "__pycache__", ".hypothesis", ".pytest_cache", "*.egg-info", "vendor"
)


def run(project: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Python in `project`, whose own package it imports."""
    environment = os.environ | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run([sys.executable, *words], cwd=project, env=environment, capture_output=True, text=True, check=False)
    if check and result.returncode:
        raise AssertionError(f"{' '.join(words)} ended with {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def command(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, which has imported what it needs and keeps what it computed."""
    said, complained, status = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
        patch.setattr(sys, "argv", ["analysis", *words])
        patch.chdir(paths.ROOT)
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code or 0
    if check and status:
        raise AssertionError(f"{' '.join(words)} ended with {status}\n{said.getvalue()}\n{complained.getvalue()}")
    return subprocess.CompletedProcess(words, status, said.getvalue(), complained.getvalue())


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """Return a copy of the project whose book was built with the deck's scenario, without a warning."""
    project = tmp_path_factory.mktemp("book") / "project"
    shutil.copytree(paths.ROOT, project, ignore=_NOT_COPIED)
    run(project, "-m", "analysis", "run", "data/scenarios/deck.yml")
    build(project)
    return project


@pytest.fixture(scope="session")
def html(built) -> Path:
    """Return the folder of the built book's pages."""
    return built / "_build" / "html"


def build(project: Path) -> None:
    """Build the book of `project` as the Makefile does."""
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    run(project, "-c", start, "build", ".", "-W", "--keep-going", "-n", "--quiet")


@pytest.fixture
def small_project(tmp_path) -> Path:
    """Return a copy of the project with a single, quick notebook."""
    project = tmp_path / "project"
    shutil.copytree(paths.ROOT, project, ignore=_NOT_COPIED)
    for notebook in (project / "notebooks").glob("*.ipynb"):
        if notebook.stem != "training_estimate":
            notebook.unlink()
    return project


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Return a real browser. Where there is none, skip loudly; in CI, fail."""
    context = launched()
    try:
        browser = context.__enter__()
    except LookupError as exc:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs a browser: {exc}")
        warnings.warn(f"BROWSER TESTS ARE SKIPPED: {exc}", stacklevel=1)
        pytest.skip(f"BROWSER TESTS ARE SKIPPED: {exc}")
    yield browser
    context.__exit__(None, None, None)
