"""The chapters of the built book as one PDF, printed by Chromium: `make pdf`, or `python -m publishing.pdf`.

Figures and equations are vectors, fonts are those of packages, links between chapters are links, and headings are
bookmarks. The document is printed twice, as the contents need the page numbers that the first print gives. Notebooks and
research notes are left out: the one are code, the others have PDFs of their own.
"""

import hashlib
import html
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import matplotlib
import pylopdf_fonts_zh_cn
import pypdfium2
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Destination, NameObject, TextStringObject
from pypdfium2 import raw

from analysis import paths
from analysis.report import downloads
from publishing.browser import launched

_STYLE = Path(__file__).with_name("print.css")
#: What a page has for the screen alone.
_SCREEN_ONLY = (
    "script, style, button, nav, aside.receipt, .headerlink, .figure-tools, .table-search, "
    ".sd-summary-icon, .sd-summary-state-marker, .toctree-wrapper, .downloads, .what-if, .d-print-none, .cell"
)
#: A table with so many columns is set smaller; a cell with a longer word than so many letters may break it.
_MANY_COLUMNS, _LONG_WORD = 7, 16
_DEEPEST = 6
_NO_PAGE = "000"
#: Quotation marks and dashes of the Chinese font are as wide as a character; between Latin letters that is a gap.
_QUOTES = " unicode-range: U+2018-201D, U+2013-2014, U+2026;"
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


def _words(tag: Tag) -> str:
    """Return the text of an element, with single spaces."""
    return " ".join(tag.get_text().split())


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
    title = _words(articles[0].h1)
    subtitle = articles[0].select_one("h1 + p, h1 + * p")
    scenario = articles[0].select_one("article > section").get("data-scenario", "")
    contents = "".join(_entry(heading, pages or {}) for article in articles for heading in article.select("[data-listed]"))
    running = "".join(
        f"@page {chapter.key} {{ @top-right {{ content: {_css_text(_words(article.find(re.compile('^h[1-6]$'))))};"
        f' font: 8.5pt "Report Quotes", "Report Sans"; color: #57606a; }} }} #{chapter.key} {{ page: {chapter.key}; }}'
        for chapter, article in zip(known.values(), articles, strict=True)
    )
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{path.as_uri()}"); font-weight: {weight}; font-style: {style};'
        f"{_QUOTES if family == 'Report Quotes' else ''} }}"
        for family, path, weight, style in (
            ("Report Serif", fonts / "STIXGeneral.ttf", 400, "normal"),
            ("Report Serif", fonts / "STIXGeneralItalic.ttf", 400, "italic"),
            ("Report Serif", fonts / "STIXGeneralBol.ttf", 700, "normal"),
            ("Report Serif", fonts / "STIXGeneralBolIta.ttf", 700, "italic"),
            ("Report Serif SC", pylopdf_fonts_zh_cn.serif_path(), 400, "normal"),
            ("Report Sans", pylopdf_fonts_zh_cn.sans_path(), 400, "normal"),
            ("Report Quotes", fonts / "DejaVuSans.ttf", 400, "normal"),
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
        f'<p class="subtitle">{html.escape(_words(subtitle)) if subtitle else ""}</p>'
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
    scenario = receipt.get_text() if receipt else ""
    for element in article.select(_SCREEN_ONLY):
        element.decompose()
    for figure in article.select(".vega-host"):
        figure.replace_with(_drawing(figure, path.parent))
    for details in article.select("details"):
        details["open"] = ""
    for table in article.select("table"):
        if len(table.select_one("tr").find_all(["td", "th"])) >= _MANY_COLUMNS:
            table["class"] = [*table.get("class", []), "wide"]
        for cell in table.select("td, th"):
            if max(map(len, cell.get_text().split()), default=0) > _LONG_WORD:
                cell["class"] = [*cell.get("class", []), "long-word"]
    _join(article, chapter, known)
    _shift(article, chapter)
    if scenario:
        article.section["data-scenario"] = f"Computed under the scenario: {scenario}. "
    article.name, article.attrs = "article", {"id": chapter.key, "class": "chapter" if chapter.level == 1 else "section"}
    return article


def _drawing(figure: Tag, folder: Path) -> Tag:
    """Return a chart's static picture as SVG within the document, in the document's letters."""
    image = figure.select_one("img")
    svg = (folder / image["src"]).read_text(encoding="utf-8")
    key = f"drawing-{hashlib.sha256(svg.encode()).hexdigest()[:12]}-"
    svg = re.sub(r'\bid="', f'id="{key}', svg)
    svg = re.sub(r"url\(#", f"url(#{key}", svg).replace('xlink:href="#', f'xlink:href="#{key}')
    svg = re.sub(r'font-family="[^"]*"', 'font-family="Report Quotes, Report Sans"', svg)
    drawing = BeautifulSoup(
        f'<div class="vega-host" role="img" aria-label="{html.escape(image["alt"])}">{svg}</div>', "html.parser"
    )
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
    title = html.escape(_words(heading))
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


def mended(content: bytes, titles: set[str]) -> bytes:
    """Return the PDF with the bookmarks' titles as they are in `titles`.

    Chromium says the first line of a heading twice where it begins a page.
    """
    opened = PdfReader(io.BytesIO(content))
    doubled = {}
    for mark in _marks(opened.outline):
        text = str(mark.title)
        right = [
            title for title in titles - {text} if text.endswith(title) and title.startswith(text.removesuffix(title).strip())
        ]
        if text not in titles and right:
            doubled[mark.node.indirect_reference.idnum] = max(right, key=len)
    if not doubled:
        return content
    writer = PdfWriter(io.BytesIO(content), incremental=True)
    for number, title in doubled.items():
        writer.get_object(number)[NameObject("/Title")] = TextStringObject(title)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _marks(outline: list) -> Iterator[Destination]:
    """Yield the bookmarks of an outline, whose lists are those below the one before."""
    for entry in outline:
        if isinstance(entry, list):
            yield from _marks(entry)
        else:
            yield entry


def pdf(browser: Browser, root: Path) -> bytes:
    """Return the PDF of the book below `root`. Raises NoBookError."""
    first = printed(browser, document(root))
    text = document(root, page_numbers(first))
    headings = BeautifulSoup(text, "html.parser").select("article :is(h1, h2, h3, h4, h5, h6)")
    return mended(printed(browser, text), {_words(heading) for heading in headings})


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
