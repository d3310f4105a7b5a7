"""A real browser, to print and to test with: an installed Chromium or Chrome, or Playwright's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def installed() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or (str(_MAC) if _MAC.exists() else None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a headless browser. Raises LookupError where there is none and none can be had."""
    with sync_playwright() as playwright:
        executable = os.environ.get("BROWSER_PATH") or installed()
        options = {"executable_path": executable} if executable else {}
        try:
            browser = playwright.chromium.launch(**options)
        except Error as first:
            if executable:
                raise LookupError(f"{executable} does not start: {first}") from first
            if subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode:
                raise LookupError("no Chromium or Chrome is installed, and Playwright's own could not be downloaded") from first
            browser = playwright.chromium.launch()
        yield browser
        browser.close()
