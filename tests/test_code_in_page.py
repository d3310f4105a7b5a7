"""The code that chapters show: short, of the installed package alone, and folded below a figure of its page.

That it runs where only the package is installed is tested in test_installed.py.
"""

import re
from collections.abc import Iterator

from analysis import paths
from lint.reading import REFERENCE
from tests.opened import soup

CODE = paths.ROOT / "book" / "code"
SNIPPETS = sorted(CODE.glob("*.py"))
LONGEST = 12  # lines
#: Chapters that have a guide and no figure of their own to compute, or one that is a panel.
WITHOUT = {"assumptions", "model-lists", "plan", "python", "what-if"}


def chapters() -> Iterator[str]:
    """Yield the names of the pages that show charts and are read as chapters."""
    for path in (paths.ROOT / "book").glob("*.md"):
        if path.stem not in REFERENCE | WITHOUT and "{result-chart}" in path.read_text(encoding="utf-8"):
            yield path.stem


def test_each_chapter_shows_the_code_of_a_figure():
    assert {path.stem for path in SNIPPETS} == set(chapters())
    for path in SNIPPETS:
        page = (paths.ROOT / "book" / f"{path.stem}.md").read_text(encoding="utf-8")
        assert page.count(f"{{literalinclude}} code/{path.name}") == 1
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= LONGEST
        assert lines[-1] == "chart"
        for line in lines:
            if found := re.match(r"(?:from|import) (\w+)", line):
                assert found[1] in ("analysis", "numpy", "pandas")


def test_the_code_stands_folded_on_its_page_beside_its_figure(html):
    for path in SNIPPETS:
        page = soup(html / "book" / f"{path.stem}.html")
        folded = [fold for fold in page.select("details") if fold.summary.get_text(strip=True) == "The code of this figure"]
        assert len(folded) == 1
        assert "open" not in folded[0].attrs
        shown = folded[0].select_one("pre").get_text()
        assert shown.strip() == path.read_text(encoding="utf-8").strip()
        assert folded[0].find_previous(class_="vega-figure")
