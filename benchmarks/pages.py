"""What each chapter costs a reader: bytes on the first view, bytes on the next chapter, and the time to the first chart.

    python -m benchmarks.pages [--stock] [PAGE ...]

The book has to be built (`make book`). A local server sends every file compressed by gzip. A first view has an empty
cache; a next chapter follows its predecessor in the contents. The chart is timed with the CPU slowed down four times, from
the start of the navigation to the first frame that shows it, the median of three views with an empty cache. `--stock`
builds the same content as the stock theme ships it and prints it beside. Ends with 1 if a budget is missed.
"""

import argparse
import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from analysis import paths
from publishing.browser import launched

FIRST_VIEW, NEXT_CHAPTER, FIRST_CHART = 1_500_000, 300_000, 1.0
_REPEATS, _SLOWER = 3, 4
_TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
    ".png": "image/png", ".woff2": "font/woff2", ".ttf": "font/ttf",
}  # fmt: skip
_OURS = ("lean: book/_ext", "late_scripts: book/_ext", "bilingual_search: book/_ext", "templates_path: [book/_templates]")
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "__pycache__", ".pytest_cache")
# A picture counts when it is there, decoded, and a frame has been drawn since.
_WATCH = """(() => {
  const look = () => {
    const shown = [...document.querySelectorAll(".vega-host img, .vega-host svg")].some((one) =>
      (one.complete ?? true) && one.getBoundingClientRect().height > 20);
    if (!shown) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => (window.firstChart = performance.now())));
  };
  requestAnimationFrame(look);
})()"""


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


@contextmanager
def served(root: Path):
    """Serve the folder `root`, compressed and to be kept by the browser; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # as web servers do: each file's body would wait 40 ms behind its head

        def do_GET(self):
            path = root / unquote(urlsplit(self.path).path).lstrip("/")
            body = _compressed(path) if path.is_file() else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", _TYPES.get(path.suffix, "application/octet-stream"))
            self.send_header("Content-Length", str(len(body)))
            if body:
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Cache-Control", "max-age=3600")
            self.end_headers()
            with suppress(ConnectionError):  # the browser was closed before it had all
                self.wfile.write(body)

        def log_message(self, *_words):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class View:
    """A browser with an empty cache that counts the bytes it is sent."""

    def __init__(self, browser) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.session = self.context.new_cdp_session(self.page)
        self.received = 0
        self.session.send("Network.enable")
        self.session.on("Network.loadingFinished", self._count)

    def _count(self, event: dict) -> None:
        self.received += event["encodedDataLength"]

    def bytes_of(self, address: str) -> int:
        """Open a page, and return the bytes that came until the network was idle."""
        self.received = 0
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        return self.received

    def seconds_to_chart(self, address: str) -> float | None:
        """Open a page with a slowed CPU, and return the seconds to its first chart; None if it has none."""
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        self.page.add_init_script(_WATCH)
        self.page.goto(address)
        if not self.page.locator(".vega-figure").count():
            return None
        self.page.wait_for_function("window.firstChart", timeout=60_000)
        return self.page.evaluate("window.firstChart") / 1000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error) -> None:
        self.context.close()


def chapters() -> list[str]:
    """Return the chapters in the order of the contents, the opening page first."""
    contents = (paths.ROOT / "_toc.yml").read_text(encoding="utf-8")
    return re.findall(r"^ *(?:root|- file): (book/\S+)$", contents, re.MULTILINE)


def measured(browser, address: str, name: str) -> tuple[int, int | None, float | None]:
    """Return the bytes of a first view of a chapter, those behind its predecessor, and the seconds to the first chart."""
    order = chapters()
    with View(browser) as view:
        first = view.bytes_of(f"{address}/{name}.html")
    following = None
    if name != order[0]:
        with View(browser) as view:
            view.bytes_of(f"{address}/{order[order.index(name) - 1]}.html")
            following = view.bytes_of(f"{address}/{name}.html")
    times = []
    for _ in range(_REPEATS):
        with View(browser) as view:
            times.append(view.seconds_to_chart(f"{address}/{name}.html"))
    return first, following, None if None in times else statistics.median(times)


@contextmanager
def stock():
    """Build the same content as the stock theme ships it, and yield where it is."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "stock"
        shutil.copytree(paths.ROOT, project, ignore=_LEFT_OUT)
        config = project / "_config.yml"
        lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
        config.write_text("".join(line for line in lines if line.strip() not in _OURS), encoding="utf-8")
        start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", start, "build", ".", "--quiet"]
        subprocess.run(command, cwd=project, env=os.environ | {"PYTHONPATH": str(project)}, check=True, capture_output=True)
        yield project / "_build" / "html"


def _cells(row: tuple[int, int | None, float | None]) -> str:
    first, following, seconds = row
    return (
        f"{first / 1000:>14,.0f}{'–' if following is None else f'{following / 1000:,.0f}':>12}"
        f"{'–' if seconds is None else f'{seconds:.2f}':>10}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What each chapter costs a reader.")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="chapters, as the contents name them (default: all)")
    parser.add_argument("--stock", action="store_true", help="build and measure the stock theme too")
    given = parser.parse_args()
    root = paths.BUILD / "html"
    if unknown := set(given.pages) - set(chapters()):
        parser.error(f"no such chapter: {', '.join(sorted(unknown))}; the contents have {', '.join(chapters())}")
    if not (root / "index.html").is_file():
        sys.exit(f"{paths.shown(root)} is not there; run make book first")
    wanted = given.pages or chapters()
    head = f"{'first view kB':>14}{'next kB':>12}{'chart s':>10}"
    ours: dict[str, tuple[int, int | None, float | None]] = {}
    with launched() as browser, ExitStack() as open_until_the_end:
        addresses = [open_until_the_end.enter_context(served(root))]
        if given.stock:
            print("The same content is built as the stock theme ships it; some minutes …", file=sys.stderr)
            addresses.append(open_until_the_end.enter_context(served(open_until_the_end.enter_context(stock()))))
        print(f"{'':34}{head}{f'  | stock:{head}' if given.stock else ''}", flush=True)
        for name in wanted:
            ours[name], *theirs = (measured(browser, address, name) for address in addresses)
            print(f"{name:34}{_cells(ours[name])}{''.join(f'           {_cells(row)}' for row in theirs)}", flush=True)
    missed = []
    for place, what, budget in (
        (0, "first view, bytes", FIRST_VIEW),
        (1, "next chapter, bytes", NEXT_CHAPTER),
        (2, "chart, s", FIRST_CHART),
    ):
        worst = max(wanted, key=lambda name: ours[name][place] or 0)
        value = ours[worst][place] or 0
        print(f"heaviest, {what}: {value:,.2f} of {budget:,} ({worst})")
        missed += [what] * (value > budget)
    sys.exit(f"missed: {'; '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
