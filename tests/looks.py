"""Screenshots of the built book, to be looked at: `python -m tests.looks [PAGE ...]`.

Every page, in light and dark, at 1280 and 390 px, goes to `_build/looks/`; `python -m tests.looks --readme` renews the
picture of the README.
"""

import sys
from pathlib import Path

from analysis import paths
from publishing.browser import launched

WIDTHS = {"desktop": 1280, "phone": 390}


def pages(root: Path) -> list[Path]:
    """Return the pages of the book below `root` that a reader opens."""
    folders = ("book", "book/notes", "notebooks/executed")
    return sorted(page for folder in folders for page in (root / folder).glob("*.html"))


def main(wanted: list[str]) -> None:
    """Write the screenshots of the pages whose names are `wanted`, or of all."""
    root, looks = paths.BUILD / "html", paths.BUILD / "looks"
    looks.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for scheme in ("light", "dark"):
            for device, width in WIDTHS.items():
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page = context.new_page()
                for path in pages(root):
                    if wanted and path.stem not in wanted:
                        continue
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(path.as_uri())
                    page.wait_for_load_state("networkidle")
                    page.wait_for_timeout(600)
                    # A picture of more than is seen makes the browser resize the page, and charts with it.
                    height = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": width, "height": height})
                    page.wait_for_timeout(600)
                    # A chapter and a notebook may have one name.
                    name = path.stem if path.parent.name == "book" else f"notebook-{path.stem}"
                    target = looks / f"{name}-{device}-{scheme}.png"
                    page.screenshot(path=target)
                    print(paths.shown(target))
                context.close()


def readme_picture() -> None:
    """Write the README's picture: the training chart with its sliders, as a reader sees it."""
    target = paths.ROOT / "docs" / "book.png"
    target.parent.mkdir(exist_ok=True)
    with launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        page.goto((paths.BUILD / "html" / "book" / "compute-sizing.html").as_uri() + "#fig-training")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(800)
        page.locator("#fig-training").evaluate("figure => scrollTo(0, figure.getBoundingClientRect().top + scrollY - 120)")
        page.wait_for_timeout(300)
        page.screenshot(path=target)


if __name__ == "__main__":
    readme_picture() if sys.argv[1:] == ["--readme"] else main(sys.argv[1:])
