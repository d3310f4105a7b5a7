"""A page of the built book in a real browser, opened from disk with the network cut off."""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Route

#: Every chart is drawn, and every equation set.
_DRAWN = """() => [...document.querySelectorAll('.vega-figure')].every(figure => window.chartView?.(figure))
  && [...document.querySelectorAll('.math')].every(math => math.querySelector('mjx-container'))"""

#: Nothing moves: no element was changed for a tenth of a second, and no colour is on its way to another.
_STILL = """() => new Promise((resolve) => {
  let timer;
  const watch = new MutationObserver(() => wait());
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => document.getAnimations().some((one) => one.playState === "running") ? wait() : end(), 100);
  };
  const end = () => { watch.disconnect(); resolve(); };
  watch.observe(document.documentElement, {subtree: true, childList: true, attributes: true});
  requestAnimationFrame(() => requestAnimationFrame(wait));
})"""

#: The theme makes focusable what scrolls, some time after a change of size.
_REACHABLE = """() => [...document.querySelectorAll(
  'pre, .cell_output > .output, .jp-RenderedHTMLCommon, .pst-scrollable-table-container'
)].every((box) => (box.tabIndex === 0) === (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight))"""

_REMEMBER = "() => { window.chartsBefore = [...document.querySelectorAll('.vega-figure')].map((one) => window.chartView(one)); }"
_DRAWN_ANEW = """(scheme) => document.documentElement.dataset.theme === scheme
  && [...document.querySelectorAll('.vega-figure')].every((figure, i) => window.chartView(figure) !== window.chartsBefore[i])"""


class Opened:
    """A page of the book, with everything that it asked of the network or said on the console."""

    def __init__(self, browser: Browser, path: Path, **options) -> None:
        self.outside: list[str] = []
        self.said: list[str] = []
        self.context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        self.context.route("**/*", self._gate)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))
        self.page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            self.page.wait_for_function(_DRAWN, timeout=20_000)

    def resize(self, width: int) -> None:
        """Give the page another width, and wait until it stands in it."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.settle()

    def settle(self) -> None:
        """Wait until nothing moves any more."""
        self.page.evaluate(_STILL)
        self.page.wait_for_function(_REACHABLE, timeout=20_000)

    def switch(self, scheme: str) -> None:
        """Change to the light or the dark theme, and wait until every chart is drawn in it."""
        self.page.evaluate(_REMEMBER)
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_function(_DRAWN_ANEW, arg=scheme, timeout=20_000)
        self.settle()

    def _gate(self, route: Route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.said.append(f"{kind}: {text}")

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_error) -> None:
        self.context.close()


@cache
def soup(path: Path) -> BeautifulSoup:
    """Return the page as it was built, read once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def text(path: Path) -> str:
    """Return the words of a page's article, one space between them."""
    return " ".join(soup(path).select_one("article").get_text().split())
