"""The chapters of the built book as one PDF, printed by Chromium: `make pdf`, or `python -m publishing.pdf`.

Figures and equations are vectors, fonts are those of packages, links between chapters are links, and headings are
bookmarks. The document is printed twice, as the contents need the page numbers that the first print gives. Notebooks and
research notes are left out: the one are code, the others have PDFs of their own.
"""

import base64
import hashlib
import html
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import matplotlib
import pylopdf_fonts_zh_cn
import pypdfium2
import pypdfium2.raw as raw
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser

from analysis import paths
from analysis.report import downloads
from tests.browser import launched

_STYLE = Path(__file__).with_name("print.css")
#: What a page has for the screen alone.
_SCREEN_ONLY = "script, style, button, nav, aside.receipt, .headerlink, .toctree-wrapper, .downloads, .what-if, .d-print-none, .cell"
_MANY_COLUMNS = 7
_DEEPEST = 6
_NO_PAGE = "000"
_MATHJAX = "_static/vendor/mathjax/tex-svg.js"


class NoBookError(LookupError):
    """No built book is there."""


@dataclass(frozen=True)
class Chapter:
    """A page of the contents: its path below the built pages without a suffix, and how deep it lies, from 1."""

    name: str
    level: int

    @property
    def key(self) -> str:
        """The start of the identifiers of this page's elements within the document."""
        return PurePosixPath(self.name).name


def chapters() -> list[Chapter]:
    """Return the chapters in the order of the contents, the opening page first."""
    found = []
    for line in (paths.ROOT / "_toc.yml").read_text(encoding="utf-8").splitlines():
        entry = re.match(r"(root|( *)- file): (book/(?!notes/)\S+)$", line)
        if entry:
            found.append(Chapter(entry[3], 1 if len(entry[2] or "") <= len("      ") else 2))
    return found


def document(root: Path, pages: dict[str, int] | None = None) -> str:
    """Return the chapters below `root` as one HTML document; `pages` has the page number of each of its headings.

    Raises NoBookError if a chapter is not there.
    """
    known = {chapter.name: chapter for chapter in chapters()}
    articles = [_article(root, chapter, known) for chapter in known.values()]
    title = articles[0].h1.get_text(strip=True)
    subtitle = articles[0].select_one("h1 + p, h1 + * p")
    scenario = articles[0].select_one("article > section").get("data-scenario", "")
    contents = "".join(_entry(heading, pages or {}) for article in articles for heading in article.select("[data-listed]"))
    running = "".join(
        f'@page {chapter.key} {{ @top-right {{ content: {_css_text(article.find(re.compile("^h[1-6]$")).get_text(strip=True))};'
        f' font: 8.5pt "Report Sans"; color: #57606a; }} }} #{chapter.key} {{ page: {chapter.key}; }}'
        for chapter, article in zip(known.values(), articles, strict=True)
    )
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{path.as_uri()}"); font-weight: {weight}; font-style: {style}; }}'
        for family, path, weight, style in (
            ("Report Serif", fonts / "STIXGeneral.ttf", 400, "normal"),
            ("Report Serif", fonts / "STIXGeneralItalic.ttf", 400, "italic"),
            ("Report Serif", fonts / "STIXGeneralBol.ttf", 700, "normal"),
            ("Report Serif", fonts / "STIXGeneralBolIta.ttf", 700, "italic"),
            ("Report Serif SC", pylopdf_fonts_zh_cn.serif_path(), 400, "normal"),
            ("Report Sans", pylopdf_fonts_zh_cn.sans_path(), 400, "normal"),
            ("Report Mono", fonts / "DejaVuSansMono.ttf", 400, "normal"),
        )
    )
    body = "".join(str(article) for article in articles)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{faces}{_STYLE.read_text(encoding='utf-8')}{running}</style>"
        '<script>window.MathJax = {svg: {fontCache: "none"}, options: {processHtmlClass: "math", ignoreHtmlClass: "no-math"}};'
        f'</script><script defer src="{(root / _MATHJAX).as_uri()}"></script></head><body class="no-math">'
        f'<div class="title-page"><p class="book-title">{html.escape(title)}</p>'
        f'<p class="subtitle">{html.escape(subtitle.get_text(strip=True)) if subtitle else ""}</p>'
        f'<p class="imprint">{scenario}This PDF holds the chapters. The notebooks that computed them, the charts that '
        "move, and the research notes are in the book's HTML edition.</p></div>"
        f'<div class="contents"><p class="contents-title">Contents</p>{contents}</div>{body}</body></html>'
    )


def _article(root: Path, chapter: Chapter, known: dict[str, Chapter]) -> Tag:
    path = root / f"{chapter.name}.html"
    if not path.is_file():
        raise NoBookError(f"{paths.shown(path)} is not there; run make book first")
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article")
    receipt = article.select_one("aside.receipt em")
    for element in article.select(_SCREEN_ONLY):
        element.decompose()
    for figure in article.select(".vega-host"):
        figure.replace_with(_drawing(figure))
    for details in article.select("details"):
        details["open"] = ""
    for table in article.select("table"):
        if len(table.select_one("tr").find_all(["td", "th"])) >= _MANY_COLUMNS:
            table["class"] = [*table.get("class", []), "wide"]
    _join(article, chapter, known)
    _shift(article, chapter)
    if receipt:
        article.section["data-scenario"] = f"Computed under the scenario {receipt.get_text()}. "
    article.name, article.attrs = "article", {"id": chapter.key, "class": "chapter" if chapter.level == 1 else "section"}
    return article


def _drawing(figure: Tag) -> Tag:
    """Return a chart's static picture as SVG within the document, in the document's letters."""
    image = figure.select_one("img")
    svg = base64.b64decode(image["src"].partition("base64,")[2]).decode()
    key = f"drawing-{hashlib.sha256(svg.encode()).hexdigest()[:12]}-"
    svg = re.sub(r'\bid="', f'id="{key}', svg)
    svg = re.sub(r"url\(#", f"url(#{key}", svg).replace('xlink:href="#', f'xlink:href="#{key}')
    svg = re.sub(r'font-family="[^"]*"', 'font-family="Report Sans"', svg)
    drawing = BeautifulSoup(f'<div class="vega-host" role="img" aria-label="{html.escape(image["alt"])}">{svg}</div>', "html.parser")
    return drawing.div


def _join(article: Tag, chapter: Chapter, known: dict[str, Chapter]) -> None:
    """Make the identifiers of a page its own within the document, and have links lead to where they lead there."""
    for element in article.find_all(id=True):
        if not element["id"].startswith("drawing-"):
            element["id"] = f"{chapter.key}--{element['id']}"
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        for element in article.find_all(attrs={attribute: True}):
            element[attribute] = " ".join(f"{chapter.key}--{name}" for name in str(element[attribute]).split())
    for link in article.find_all("a", href=True):
        path, _, fragment = link["href"].partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = _beside(chapter.name, path)
        if target in known:
            key = known[target].key
            link["href"] = f"#{key}--{fragment}" if fragment else f"#{key}"
        else:  # a page that is not in the document
            link.unwrap()


def _beside(name: str, path: str) -> str:
    """Return the page that `path` names in the page `name`, without a suffix."""
    if not path:
        return name
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts).removesuffix(".html")


def _shift(article: Tag, chapter: Chapter) -> None:
    """Move the headings of a section one level down; list its title, and a chapter's, in the contents."""
    headings = article.find_all(re.compile("^h[1-6]$"))
    headings[0]["data-listed"] = str(chapter.level)
    headings[0]["data-target"] = chapter.key
    for heading in headings:
        heading.name = f"h{min(int(heading.name[1]) + chapter.level - 1, _DEEPEST)}"
    if chapter.level > 1:
        headings[0]["class"] = "page-title"


def _entry(heading: Tag, pages: dict[str, int]) -> str:
    key = heading["data-target"]
    number = pages.get(key, _NO_PAGE)
    title = html.escape(heading.get_text(strip=True))
    return f'<a class="level-{heading["data-listed"]}" href="#{key}"><span>{title}</span><span>{number}</span></a>'


def _css_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def printed(browser: Browser, text: str) -> bytes:
    """Return an HTML document as the bytes of a PDF with bookmarks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.html"
        path.write_text(text, encoding="utf-8")
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_function("window.MathJax?.startup?.promise", timeout=60_000)
        page.evaluate("async () => { await MathJax.startup.promise; await document.fonts.ready; }")
        result = page.pdf(prefer_css_page_size=True, outline=True, tagged=True, print_background=True)
        page.close()
    return result


def page_numbers(content: bytes) -> dict[str, int]:
    """Return the page on which each chapter of the PDF begins, by its key: where the links of the contents lead."""
    opened = pypdfium2.PdfDocument(content)
    found = {}
    for chapter in chapters():
        goal = raw.FPDF_GetNamedDestByName(opened.raw, chapter.key.encode())
        if not goal:
            raise ValueError(f"the PDF has no place named {chapter.key!r}")
        found[chapter.key] = raw.FPDFDest_GetDestPageIndex(opened.raw, goal) + 1
    return found


def pdf(browser: Browser, root: Path) -> bytes:
    """Return the PDF of the book below `root`. Raises NoBookError."""
    first = printed(browser, document(root))
    return printed(browser, document(root, page_numbers(first)))


def main() -> None:
    """Write the PDF beside the pages of the built book."""
    root = paths.BUILD / "html"
    try:
        with launched() as browser:
            content = pdf(browser, root)
    except LookupError as exc:
        sys.exit(f"no PDF: {exc}")
    target = downloads.put(root, f"{downloads.NAME}.pdf", content)
    pages = len(pypdfium2.PdfDocument(content))
    print(f"{paths.shown(target)}: {pages} pages, {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
