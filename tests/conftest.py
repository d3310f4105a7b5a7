"""What several tests share: a copy of the project to work in, the built book, a browser."""

import os
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
from tests.built import book, copy

# How long one example takes says nothing of the code on a busy machine.
settings.register_profile("report", deadline=None)
settings.load_profile("report")

#: Fixtures that wait for the book.
_BOOK = {"built", "html"}
#: Fixtures that take more than a moment; `--unit` leaves out the tests that use them.
_LONG = {*_BOOK, "browser", "small_project", "small_book"}

SMALL_BOOK = {
    "_toc.yml": "format: jb-book\nroot: book/index\nchapters:\n- file: book/compute-sizing\n"
    "- file: notebooks/executed/training_estimate\n",
    "book/index.md": "# A small book\n\n{result}`training_estimate:accelerator`: {result}`training_estimate:accelerators` "
    "accelerators, where the deck printed {result}`training_estimate:printed_accelerators`.\n",
    "book/compute-sizing.md": "# A chapter\n\nIt has a chart.\n\n```{result-chart} training_estimate:training_chart\n"
    ":name: fig-training\nWhat the chart shows.\n```\n",
}


def pytest_addoption(parser):
    parser.addoption("--unit", action="store_true", help="leave out tests of the built book, of a browser and of whole commands")


def pytest_collection_modifyitems(config, items):
    if config.getoption("unit"):
        long = [item for item in items if _LONG & set(item.fixturenames) or item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    items[:] = book_last(items)


def book_last(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with those of the book at the end of each half: two processes begin with the others, while it is built."""
    waiting = [item for item in items if _BOOK & set(item.fixturenames)]
    others = [item for item in items if not _BOOK & set(item.fixturenames)]
    first, second = (-(-len(some) // 2) for some in (others, waiting))
    return [*others[:first], *waiting[: len(waiting) - second], *others[first:], *waiting[len(waiting) - second :]]


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
def built() -> Path:
    """Return a copy of the project whose book was built with the deck's scenario, without a warning. To be read alone."""
    return book()


@pytest.fixture(scope="session")
def html(built) -> Path:
    """Return the folder of the built book's pages."""
    return built / "_build" / "html"


@pytest.fixture
def small_project(tmp_path) -> Path:
    """Return a copy of the project with a single, quick notebook."""
    project = tmp_path / "project"
    copy(project)
    for notebook in (project / "notebooks").glob("*.ipynb"):
        if notebook.stem != "training_estimate":
            notebook.unlink()
    return project


@pytest.fixture
def small_book(small_project) -> Path:
    """Return a copy of the project whose book has two pages, and that single notebook; neither is run or built yet."""
    for path in (small_project / "book").glob("*.md"):
        path.unlink()
    for name, text in SMALL_BOOK.items():
        (small_project / name).write_text(text, encoding="utf-8")
    return small_project


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
