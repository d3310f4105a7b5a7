"""The built book in a real browser, opened from disk with the network cut off."""

import inspect
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urldefrag

import altair as alt
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup

from analysis import facts, numerals, paths
from analysis.figures.render import vega
from analysis.networks import decoding, translator
from analysis.report import shipped
from analysis.scenarios import sizing
from analysis.scenarios.estimate import estimate, whole
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from tests.accessibility import violations
from tests.built import build as build_book
from tests.built import run
from tests.figures.test_crowding import APART, CROWDED, WITHIN
from tests.looks import pages
from tests.opened import Opened, soup, text

#: Every page that the table of contents names, and the two that Sphinx adds.
NAMES = [*re.findall(r"^ *(?:root|- file): (\S+)$", (paths.ROOT / "_toc.yml").read_text(), re.MULTILINE), "genindex", "search"]


#: The texts of charts that leave their picture by more than 2 px.
CUT_OFF = """() => [...document.querySelectorAll('.vega-figure .vega-view svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return text.textContent.trim() && (box.left < frame.left - 2 || box.right > frame.right + 2
      || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
  }).map(text => text.textContent);
})"""


#: Display equations that are wider than the place they stand in.
WIDE_EQUATIONS = """() => [...document.querySelectorAll('mjx-container[display="true"]')].filter(math => {
  const drawn = math.querySelector('svg').getBoundingClientRect().width;
  return math.parentElement.clientWidth && drawn > math.parentElement.clientWidth + 1;
}).map(math => math.parentElement.textContent.trim().slice(0, 80))"""


def test_every_page_is_tested(html):
    found = {page.relative_to(html).with_suffix("").as_posix() for page in pages(html)}
    assert found | {"genindex", "search"} == set(NAMES)
    entrance = soup(html / "index.html")
    assert entrance.html["lang"] == "en"
    assert entrance.title.get_text()
    assert entrance.a["href"] == "book/index.html"


#: How each kind of page is looked at, in one visit: theme, width, and which rules of axe-core are asked for: all, or those
#: on colour where nothing else is new since a view before. A notebook's page is a column of cells, so that each theme is
#: looked at in one of the widths. On a phone in the dark a chapter shows no colour that it has not on a desk, but for the
#: frame's, which a notebook's page has, too.
VIEWS = {
    "chapter": (("light", 1280, "all"), ("light", 390, "all"), ("dark", 390, "none"), ("dark", 1280, "colour")),
    "notebook": (("light", 1280, "all"), ("dark", 390, "all")),
}


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_whole_quiet_and_accessible(browser, html, name):
    with Opened(browser, html / f"{name}.html", color_scheme="light") as opened:
        for scheme, width, rules in VIEWS["chapter" if name.startswith("book/") else "notebook"]:
            if opened.page.evaluate("document.documentElement.dataset.theme") != scheme:
                opened.switch(scheme)
            opened.resize(width)
            _look(opened.page, width)
            if rules != "none":
                assert violations(opened.page, colour_only=rules == "colour") == [], f"{scheme}, {width} px"
        assert opened.outside == []
        assert opened.said == []


def _look(page, width: int) -> None:
    """Assert that every chart is drawn, and that nothing is cut off or crowded."""
    assert page.locator(".vega-figure").count() == page.locator(".vega-figure .vega-view svg").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page does not scroll sideways"
    assert page.evaluate(CUT_OFF) == [], "no text of a chart is cut off"
    assert page.evaluate(CROWDED, [APART, WITHIN]) == [], "labels of axes are apart"
    assert page.evaluate(WIDE_EQUATIONS) == [], "equations fit"


def test_every_chart_has_a_picture_for_readers_without_javascript(html):
    for name in NAMES:
        for figure in soup(html / f"{name}.html").select(".vega-figure"):
            (image,) = figure.select(".vega-host > img")
            assert image["alt"]
            assert int(image["height"]) > 100 < int(image["width"])
            assert image.find_parent("details", open=None) is None, "it would have to be opened first"


@pytest.mark.parametrize("name", ["book/compute-sizing", "book/attention", "book/what-if", "notebooks/executed/attention_steps"])
def test_without_javascript_charts_are_pictures(browser, html, name):
    expected = len(soup(html / f"{name}.html").select(".vega-figure"))
    with Opened(browser, html / f"{name}.html", java_script_enabled=False) as opened:
        images = opened.page.locator(".vega-figure img")
        assert images.count() == expected
        for image in images.all():
            image.scroll_into_view_if_needed()
            assert image.is_visible()
            assert image.get_attribute("alt")
            assert image.bounding_box()["height"] > 100
        assert opened.outside == []


def test_a_slider_computes_what_python_computes(browser, html):
    """Every published chart with a slider, by keyboard, against the functions of the package."""
    with Opened(browser, html / "book/compute-sizing.html") as opened:
        figure = opened.page.locator(".vega-figure", has=opened.page.locator("input[name=utilization]"))
        slider = figure.locator("input[name=utilization]")
        slider.focus()
        for _ in range(10):
            opened.page.keyboard.press("ArrowLeft")
        assert slider.input_value() == "0.4"
        expected = whole(estimate(build({"utilization": 0.4}, "test")).training.accelerators_exact)
        figure.get_by_text(f"{expected:,} accelerators").wait_for(timeout=5_000)

        # The reader's setting outlives a change of theme.
        opened.switch("dark")
        figure.get_by_text(f"{expected:,} accelerators").wait_for(timeout=5_000)
        assert figure.locator("svg").count() == 1


def test_the_temperature_changes_probabilities_as_the_softmax_does(browser, html):
    steps = translator.translate("three hundred and twenty-one").steps
    with Opened(browser, html / "book/decoding.html") as opened:
        figure = opened.page.locator(".vega-figure", has=opened.page.locator("input[name=decoding_temperature]"))
        for name, key, times in (("decoding_temperature", "ArrowRight", 40), ("decoding_step", "ArrowRight", 2)):
            figure.locator(f"input[name={name}]").focus()
            for _ in range(times):
                opened.page.keyboard.press(key)
        probabilities = decoding.at_temperature(steps[2].logits.astype(float), 5)
        figure.get_by_text(f"Fed: {translator.fed(steps[2])}").wait_for(timeout=5_000)
        for token in np.argsort(-probabilities)[:3]:
            figure.get_by_text(translator.VOCABULARY.tokens[token], exact=True).wait_for(timeout=5_000)
            figure.get_by_text(numerals.probability(probabilities[token]), exact=True).first.wait_for(timeout=5_000)
        # The title is of the temperature that the page came with, and says so as long as another is chosen.
        told = figure.get_by_text("The title is for Step: 1; Temperature: 1.")
        assert told.is_visible()
        for name, times in (("decoding_temperature", 40), ("decoding_step", 2)):
            figure.locator(f"input[name={name}]").focus()
            for _ in range(times):
                opened.page.keyboard.press("ArrowLeft")
        told.wait_for(state="hidden", timeout=5_000)


def test_a_table_is_searched_and_sorted_by_keyboard(browser, html):
    companies = facts.read("industry_chain")
    with Opened(browser, html / "book/industry-chain.html") as opened:
        table = opened.page.locator("table.searchable")
        opened.page.locator("details", has=table).locator("summary").focus()
        opened.page.keyboard.press("Enter")
        search = opened.page.get_by_role("searchbox", name="Search the table")
        shown, count = table.locator("tbody tr:visible"), opened.page.locator(".table-search output")
        assert shown.count() == len(companies)
        search.focus()
        opened.page.keyboard.type("OPTICAL  chinext")
        expected = companies[companies["segment"].str.contains("Optical") & (companies["market"] == "Shenzhen ChiNext")]
        assert shown.count() == len(expected)
        assert count.text_content() == f"{len(expected)} of {len(companies)} rows"

        while opened.page.evaluate("document.activeElement.textContent") != "Ticker":
            opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Enter")
        tickers = [text.strip() for text in shown.locator("td:nth-child(2)").all_inner_texts()]
        assert tickers == sorted(expected["ticker"])
        opened.page.keyboard.press("Enter")
        assert [text.strip() for text in shown.locator("td:nth-child(2)").all_inner_texts()] == tickers[::-1]
        assert table.locator("th[aria-sort=descending]").inner_text().startswith("Ticker")

        search.fill("no such company")
        assert shown.count() == 0
        search.fill("")
        assert shown.count() == len(companies)
    with Opened(browser, html / "book/industry-chain.html", java_script_enabled=False) as opened:
        assert opened.page.locator("table.searchable tbody tr").count() == len(companies)
        assert opened.page.locator(".table-search").count() == 0


def test_vega_evaluates_the_formulas_as_python_does(browser, html):
    """The slider's life of every formula, evaluated by the page's own Vega."""
    functions = [f for _, f in inspect.getmembers(sizing, inspect.isfunction) if f.__module__ == sizing.__name__]
    values = [1.7, 3e11, 4.25, 0.37, 86_400.0, 1.56e14, 2.5, 9.1]
    cases = []
    for function in functions:
        named = dict(zip(inspect.signature(function).parameters, values, strict=False))
        text = vega(function(**{name: alt.param(name=name, value=value) for name, value in named.items()}))
        signals = [{"name": name, "value": value} for name, value in named.items()]
        cases.append(({"width": 1, "height": 1, "signals": [*signals, {"name": "result", "update": text}]}, function(**named)))
    with Opened(browser, html / "book/compute-sizing.html") as opened:
        for spec, expected in cases:
            got = opened.page.evaluate(
                "async spec => (await vegaEmbed(document.createElement('div'), spec, {mode: 'vega', ast: true}))"
                ".view.signal('result')",
                spec,
            )
            assert got == pytest.approx(expected, rel=1e-12)


def test_the_prose_says_what_the_estimate_says(html):
    opening, chapter = (text(html / f"book/{name}.html") for name in ("index", "compute-sizing"))
    result = estimate(DECK)
    for part in (result.training, result.inference):
        assert f"{part.accelerators:,}" in opening
        assert f"{part.accelerators:,}" in chapter
        assert f"{part.servers:,}" in chapter
    for printed in ("706,315", "1.71"):
        assert printed in opening
        assert printed in chapter
    assert "1,558" in chapter


def test_every_page_has_its_receipt_and_links_lead_both_ways(html):
    for page in pages(html):
        made = soup(page)
        if (
            page.stem in ("references", "deck-map", "glossary", "how-made", "licences", "notebooks", "python")
            or page.parent.name == "notes"
        ):  # each note has a receipt of its own
            continue
        receipt = made.select_one("aside.receipt")
        assert receipt, page
        assert "data/scenarios/deck.yml" in receipt.get_text()
        links = {Path(link["href"]).stem for link in receipt.select("a")}
        if page.parent.name == "executed":
            assert f"papermill notebooks/{page.stem}.ipynb out.ipynb" in receipt.get_text()
            chapters = {path.stem for path in (html / "book").glob("*.html")}
            assert links & chapters, "a notebook leads to the chapter that quotes it"
        else:
            assert links & {path.stem for path in (html / "notebooks/executed").glob("*.html")}


def test_every_published_result_is_quoted(built):
    """What no chapter quotes is not published; that every quoted one is published, the build itself checks."""
    chapters = "".join(path.read_text(encoding="utf-8") for path in (built / "book").glob("*.md"))
    quoted = set(re.findall(r"\b(\w+:\w+)", chapters))
    for path in (built / "notebooks" / "executed").glob("*.ipynb"):
        outputs = [out for cell in nbformat.read(path, as_version=4).cells for out in cell.get("outputs", ())]
        names = {out.get("metadata", {}).get("scrapbook", {}).get("name") for out in outputs} - {None}
        published = {f"{path.stem}:{name}" for name in names}
        assert published
        assert published <= quoted, published - quoted


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("book/")])
def test_first_uses_of_terms_lead_to_the_glossary(html, name):
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    entries = BeautifulSoup((html / "book/glossary.html").read_text(encoding="utf-8"), "html.parser")
    links = page.select("article a.term-link")
    targets = [urldefrag(link["href"]).fragment for link in links]
    assert len(set(targets)) == len(targets), "nothing is linked twice"
    for link, target in zip(links, targets, strict=True):
        assert entries.select_one(f"dl.glossary dt#{target}"), link
        assert link["title"]
        assert not link.find_parents(["h1", "h2", "h3", "code", "figcaption", "table"])
        assert not [parent for parent in link.find_parents("span") if "result" in parent.get("class", ())]
    assert links or name not in ("book/compute-sizing", "book/attention", "book/risks")


_FOUND = """(anchor) => [...document.querySelectorAll("#search-results a")].some(
  ({href}) => href.split("?")[0].endsWith("glossary.html") || href.includes(anchor))"""


def test_the_search_finds_terms_in_both_languages(browser, html):
    for words, anchor in (("roofline", "term-roofline"), ("流水线并行", "term-pipeline-parallelism-zh")):
        with Opened(browser, html / "search.html") as opened:
            opened.page.goto(f"{(html / 'search.html').as_uri()}?q={words}")
            opened.page.wait_for_function(_FOUND, arg=anchor)  # results come one by one


def test_what_the_book_ships_of_others_is_listed(html):
    """The page on licences names the maker of every script, style, font and picture."""
    static = html / "_static"
    files = [path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()]
    assert shipped.unaccounted(files) == []


def test_captions_and_ids_are_unique(html):
    for page in pages(html):
        ids = Counter(element["id"] for element in soup(page).find_all(id=True))
        assert [name for name, count in ids.items() if count > 1] == []


def test_the_sentences_follow_the_runs_and_runs_are_never_mixed(small_book):
    """A chapter is built again because its notebook changed; a stale notebook fails the build."""
    opening = small_book / "_build" / "html" / "book" / "index.html"
    run(small_book, "-m", "analysis", "run", "data/scenarios/deck.yml")
    build_book(small_book)

    folder = opening.parents[1] / "_images" / "charts"
    shown = {path.name for path in folder.iterdir()}
    old, other = folder / "chart-0123456789ab.svg", folder / "chart-of-another-hand.svg"
    old.write_text("<svg/>")
    other.write_text("<svg/>")
    run(small_book, "-m", "analysis", "run", "data/scenarios/h100-sxm-bf16.yml")
    build_book(small_book)
    sentence = "H100 SXM5: 246 accelerators, where the deck printed 1,558."
    assert sentence in " ".join(BeautifulSoup(opening.read_text(encoding="utf-8"), "html.parser").article.get_text().split())
    assert not old.exists(), "files of charts that no page shows are removed"
    assert other.exists(), "and no others"
    assert {path.name for path in folder.iterdir()} - {other.name} != shown

    path = small_book / "data" / "deck_claims.csv"
    path.write_bytes(path.read_bytes().replace(b"1558", b"1557", 1))
    with pytest.raises(AssertionError, match="is stale"):
        build_book(small_book)
