"""The built pages as a site: links, search, weight, and what they say of themselves."""

import gzip
import re
import sysconfig
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from analysis import paths
from analysis.notes import published
from tests.opened import soup

FIRST_VIEW, NEXT_CHAPTER = 1_500_000, 300_000
_LINKS = re.compile(r"""url\(\s*['"]?(?!data:|#)([^'")]+)|@import\s+['"]([^'"]+)""")


@cache
def _targets(page: Path) -> list[str]:
    """Return everything that a page leads to or loads."""
    found = []
    for element in soup(page).find_all(True):
        if element.name not in ("svg", "use"):
            named = ("href", "src", "action", "poster", "data")
            found += [str(element[attribute]) for attribute in named if attribute in element.attrs]
        sets = str(element.get("srcset", ""))
        found += [] if sets.startswith("data:") else [part.split()[0] for part in sets.split(",") if part.strip()]
    return found


@cache
def _ids(page: Path) -> set[str]:
    return {str(element["id"]) for element in soup(page).find_all(id=True)}


def _local(page: Path, target: str) -> tuple[Path, str] | None:
    """Return the file and the fragment that `target` names in `page`; None if it is elsewhere."""
    parts = urlsplit(urljoin(page.as_uri(), target))
    return (Path(unquote(parts.path)), unquote(parts.fragment)) if parts.scheme == "file" else None


def test_every_link_of_every_page_resolves(html):
    dead = []
    for page in html.rglob("*.html"):
        for target in _targets(page):
            if (found := _local(page, target)) is None:
                continue
            file, fragment = found
            inside = file.is_file() and file.is_relative_to(html)
            if not inside or (fragment and file.suffix == ".html" and fragment not in _ids(file)):
                dead.append((page.relative_to(html).as_posix(), target))
    assert dead == []


def test_every_link_of_styles_and_of_the_feed_resolves(html):
    for style in html.rglob("*.css"):
        for groups in _LINKS.findall(style.read_text(encoding="utf-8")):
            target = next(filter(None, groups))
            assert _local(style, target)[0].is_file(), (style.name, target)
    feed = html / "book" / "notes" / published.FEED
    for link in ElementTree.parse(feed).iterfind(".//{http://www.w3.org/2005/Atom}link"):
        found = _local(feed, link.attrib["href"])
        assert found is None or found[0].is_file(), link.attrib


def test_nothing_ships_that_no_page_loads(html):
    static = html / "_static"
    assert [path for path in static.rglob("*") if path.suffix in (".map", ".po", ".mo", ".ttf", ".woff2")] == []
    loaded = {found[0] for page in html.rglob("*.html") for target in _targets(page) if (found := _local(page, target))}
    scripts = "".join(path.read_text(encoding="utf-8") for path in html.rglob("*.html"))
    styles = [path for path in loaded if path.suffix == ".css"]
    for style in styles:
        text = style.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text
        named = {_local(style, next(filter(None, groups)))[0].resolve() for groups in _LINKS.findall(text)}
        styles += [path for path in named - loaded if path.suffix == ".css"]
        loaded |= named
    # Two scripts put a picture in by name.
    pictures = ("copy-button.svg", "check-solid.svg", "copybutton_funcs.js")
    unused = [
        path.relative_to(static).as_posix()
        for path in static.rglob("*")
        if path.is_file()
        and path not in loaded
        and path.name not in pictures
        and path.parent.name != "numbers"  # one for each notebook, which a number on a page asks for
        and f"_static/{path.relative_to(static)}" not in scripts
    ]
    assert unused == []


def _weight(html: Path, name: str) -> dict[str, int]:
    """Return the compressed bytes of a page and of each file that it loads, or fetches for the next page."""
    page = html / f"{name}.html"
    files = {page}
    for element in soup(page).select("script[src], link[rel~=stylesheet], link[rel~=prefetch], link[rel~=icon], img[src]"):
        found = _local(page, str(element.get("src") or element.get("href")))
        files |= {found[0]} if found else set()
    later = re.findall(
        r'"([^"]*/vendor/[^"?]+)', " ".join(script.get_text() for script in soup(page).select("script:not([src])"))
    )
    files |= {(page.parent / path).resolve() for path in later}
    for style in [path for path in files if path.suffix == ".css"]:
        files |= {_local(style, next(filter(None, groups)))[0] for groups in _LINKS.findall(style.read_text(encoding="utf-8"))}
    return {path.relative_to(html).as_posix(): len(gzip.compress(path.read_bytes(), 6)) for path in files}


def test_no_chapter_is_heavier_than_its_budget(html):
    toc = (paths.ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"^ *(?:root|- file): (book/\S+)$", toc, re.MULTILINE)
    before: dict[str, int] = {}
    for name in names:
        weight = _weight(html, name)
        assert {"_static/vendor/vega.js", "_static/vendor/mathjax/tex-svg.js"} <= weight.keys(), "loaded, or fetched ahead"
        assert sum(weight.values()) <= FIRST_VIEW, name
        if before:
            assert sum(size for file, size in weight.items() if file not in before) <= NEXT_CHAPTER, name
        before = weight


def test_the_search_index_stays_small(html):
    assert len(gzip.compress((html / "searchindex.js").read_bytes(), 6)) < NEXT_CHAPTER


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("attention", "book/attention.html"),
        ("utilizations", "book/utilization.html"),  # by its stem
        ("算力", "book/compute-sizing.html"),
        ("算力测算", "book/compute-sizing.html"),
        ("产业链 companies", "book/industry-chain.html"),
    ],
)
def test_the_search_finds_english_and_chinese_from_disk(browser, html, query, page):
    found, said, errors = _search(browser, html, query)
    assert page in found, said
    assert errors == []


@pytest.mark.parametrize("query", ["attention", "utilization", "算力"])
def test_chapters_are_found_before_the_glossary_and_notebooks_last(browser, html, query):
    found, _said, _errors = _search(browser, html, query)
    kinds = [
        "notebook" if page.startswith("notebooks/") else "glossary" if page == "book/glossary.html" else "page" for page in found
    ]
    assert kinds == sorted(kinds, key=["page", "glossary", "notebook"].index)
    assert {"page", "glossary"} <= set(kinds)


@pytest.mark.parametrize("query", ["xylophone", "葡萄"])
def test_a_search_without_a_hit_says_so(browser, html, query):
    found, said, errors = _search(browser, html, query)
    assert found == []
    assert "did not match any documents" in said
    assert errors == []


def _search(browser, html: Path, query: str) -> tuple[list[str], str, list[str]]:
    """Search in the page from disk; return the pages found, what the page says, and what it complains of."""
    errors: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{(html / 'search.html').as_uri()}?q={quote(query)}")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText", timeout=20_000)
    links = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    said = page.locator(".search-summary").inner_text()
    page.close()
    return [link.partition("#")[0] for link in links], said, errors


def test_icons_are_letters_of_the_font_that_ships(browser, html):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((html / "book" / "attention.html").as_uri())
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].filter(face => face.family.includes('Awesome')).map(face => face.status)") == [
        "loaded"
    ]
    for name in ("fa-magnifying-glass", "fa-list", "fa-bars"):
        icon = page.locator(f".{name}:visible").first
        assert icon.bounding_box()["width"] > 8, name
        content = icon.evaluate("icon => getComputedStyle(icon, '::before').content")
        assert 0xE000 <= ord(content.strip('"')) <= 0xF8FF, name
    page.close()


_STYLED = [
    "font", "color", "background", "border", "padding", "margin", "display", "position", "opacity", "visibility", "float",
    "text-decoration", "text-align", "white-space", "overflow", "box-shadow", "cursor", "list-style", "z-index", "transform",
]  # fmt: skip
_LOOK = """(names) => {
  const still = "*, ::before, ::after { transition: none !important }";
  document.head.append(Object.assign(document.createElement("style"), {textContent: still}));
  return ["light", "dark"].map((theme) => {
    document.documentElement.dataset.theme = theme;
    return [...document.querySelectorAll("body *")].map((element) => {
      const {x, y, width, height} = element.getBoundingClientRect(), style = getComputedStyle(element);
      const around = ["::before", "::after"].map((part) => getComputedStyle(element, part).content);
      return [element.tagName, element.className, x, y, width, height, ...names.map((name) => style[name]), ...around].join("|");
    });
  });
}"""
_THEMES = ("pydata_sphinx_theme", "sphinx_book_theme", "sphinx_design", "myst_nb", "sphinx_togglebutton")
_ICON_FONT = re.compile(r"@font-face\s*\{[^}]*Awesome[^}]*\}")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["book/index", "book/what-if", "book/facts", "notebooks/executed/attention_steps", "search"])
def test_pages_look_as_they_do_with_the_whole_style_sheets(browser, html, name, width):
    packages = [Path(sysconfig.get_path("purelib"), theme) for theme in _THEMES]
    installed = {path.name: path.read_text(encoding="utf-8") for package in packages for path in package.rglob("*.css")}
    shipped = {path.name: path.read_text(encoding="utf-8") for path in (html / "_static").rglob("*.css")}
    whole = {file: text for file, text in installed.items() if file in shipped}
    assert sum(len(shipped[file]) for file in whole) < 0.6 * sum(map(len, whole.values()))
    icons = "".join(_ICON_FONT.findall("".join(shipped.values())))  # of the icons in use alone, with the font inside
    whole = {file: _ICON_FONT.sub("", text) + icons for file, text in whole.items()}
    looks, sent = [], []

    def send(route):
        file = Path(urlsplit(route.request.url).path).name
        sent.append(file)
        if file in whole:
            route.fulfill(body=whole[file], content_type="text/css")
        else:
            route.continue_()

    for is_whole in (False, True):
        page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=False)
        if is_whole:
            page.route(re.compile(r"\.css"), send)
        page.goto((html / f"{name}.html").as_uri())
        page.evaluate("document.fonts.ready")
        looks.append(page.evaluate(_LOOK, _STYLED))
        page.close()
    assert whole.keys() <= set(sent)
    for shown, wanted in zip(*looks, strict=True):
        assert len(shown) == len(wanted) > 100
        assert [pair for pair in zip(shown, wanted, strict=True) if pair[0] != pair[1]] == []


def test_scripts_wait_for_the_first_picture(html):
    for page in (html / "book").glob("*.html"):
        scripts = soup(page).find_all("script", src=True)
        assert all(script.has_attr("defer") for script in scripts[1:]), page.name
        assert sum((page.parent / unquote(script["src"].partition("?")[0])).stat().st_size for script in scripts) < 60_000, (
            page.name
        )


def test_every_page_says_what_it_is(html):
    said = {}
    for page in [*(html / "book").glob("*.html"), *(html / "notebooks" / "executed").glob("*.html")]:
        described = soup(page).select("meta[name=description]")
        assert len(described) <= 1
        if page.parent.name == "book":
            said[page.stem] = described[0]["content"]
            assert 20 <= len(said[page.stem]) <= 200
        shared = "meta[property^='og:'], meta[name^='twitter:'], link[rel=canonical]"
        assert soup(page).select(shared) == [], "no address is known"
        assert soup(page).select_one("link[rel~=icon]")
    assert len(set(said.values())) == len(said), "no two chapters say the same"
