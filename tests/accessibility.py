"""axe-core, asked for what it finds wrong on a page, and for nothing else."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

#: WCAG 2.1 at level AA.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
#: The rules of these on colour: all that can differ between the light and the dark theme of a page.
COLOUR = ("color-contrast", "link-in-text-block")

_RUN = """async (runOnly) => {
  // Axe would fetch the style sheets itself, which a page from disk may not.
  const found = await axe.run(document, {runOnly, resultTypes: ["violations"], preload: false});
  return found.violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map(({target}) => target.join(" "))]);
}"""


@cache
def _script() -> str:
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def load(page: Page) -> None:
    """Put axe-core into `page`, if it is not there yet."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script())


def violations(page: Page, *, colour_only: bool = False) -> list[tuple[str, list[str]]]:
    """Return the rules that `page` breaks as it stands, each with some of the elements that break it."""
    load(page)
    only = {"type": "rule", "values": COLOUR} if colour_only else {"type": "tag", "values": TAGS}
    return [(rule, where) for rule, where in page.evaluate(_RUN, only)]
