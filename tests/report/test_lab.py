"""The notebooks as a person runs them: JupyterLab, in a real browser, without a network."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError

from analysis import paths

NOTEBOOK = "training_estimate.ipynb"
_DRAWN = ".vega-figure .vega-view svg"


@pytest.fixture
def server(tmp_path) -> Iterator[str]:
    """Yield the address of a JupyterLab over a folder with one notebook."""
    shutil.copy(paths.NOTEBOOKS / NOTEBOOK, tmp_path / NOTEBOOK)
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "RUNTIME")}
    environment = os.environ | folders | {"PYTHONPATH": str(paths.ROOT), "IPYTHONDIR": str(tmp_path / "ipython")}
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token="]
    options.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={tmp_path}"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield _address(tmp_path / "runtime", process, tmp_path / "log")
        finally:
            process.terminate()
            process.wait(30)


def _address(runtime: Path, process: subprocess.Popen, log: Path) -> str:
    for _ in range(600):
        for path in runtime.glob("jpserver-*.json"):
            return json.loads(path.read_text())["url"]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def test_in_lab_charts_live_and_a_cell_that_is_run_again_says_what_it_computed(server, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 600})
    page.set_default_timeout(120_000)  # on a busy machine; each wait ends as soon as it can
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)
    page.goto(f"{server}lab/tree/{NOTEBOOK}?reset")
    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    said = page.locator(".jp-OutputArea-output pre", has_text=re.compile("^accelerators = ", re.M))

    editor.click()
    _run_all(page)
    said.filter(has_text="accelerators = 1,559").wait_for()
    _see_chart(page)
    before = page.locator(_DRAWN).inner_html()
    page.locator(".vega-view input[type=range]").first.fill("0.25")
    page.wait_for_function("([drawn, before]) => document.querySelector(drawn).innerHTML !== before", arg=[_DRAWN, before])

    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type('\nutilization = "25%"')
    _run_all(page)
    said.filter(has_text="accelerators = 3,117").wait_for()
    _see_chart(page)
    assert not foreign
    page.close()


def _run_all(page: Page) -> None:
    """Run all cells, and again if nothing runs: while its kernel still connects, Lab drops what is asked without a word."""
    asked = page.locator(".jp-CodeCell.jp-mod-active .jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(20):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            return asked.wait_for(timeout=6_000)
        except TimeoutError:
            continue
    raise AssertionError("JupyterLab runs no cell")


def _see_chart(page: Page) -> None:
    """Scroll to the chart, which is drawn when it is seen: Lab has gone on to the last cell."""
    page.locator(".vega-figure").scroll_into_view_if_needed()
    page.locator(_DRAWN).wait_for()
