"""What a reader does with a figure in the built book: enlarge it, take its picture and data, go to its code."""

import csv
import io
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

from tests.accessibility import violations
from tests.figures.drawn import is_short
from tests.looks import pages
from tests.opened import Opened, soup

_WIDER = """(width) => document.querySelector("dialog .vega-view:not(.vega-unseen) svg")?.getBoundingClientRect().width > width"""


def test_every_chart_has_its_picture_its_data_and_its_code(html):
    charts = 0
    for page in pages(html):
        for figure in soup(page).select(".vega-figure"):
            charts += 1
            links = {link.get_text().partition(":")[0]: unquote(link["href"]) for link in figure.select(".figure-tools a")}
            picture = (page.parent / links["SVG"]).read_text(encoding="utf-8")
            drawing = ElementTree.fromstring(picture)
            assert drawing[0].text == figure.select_one(".vega-title").get_text(), "a picture alone says what it shows"
            assert is_short(drawing[0].text), drawing[0].text
            assert figure.img["src"] == links["SVG"]
            if "CSV" in links:
                rows = list(csv.reader(io.StringIO((page.parent / links["CSV"]).read_text(encoding="utf-8-sig"))))
                assert len(rows) > 1
                assert len(set(rows[0])) == len(rows[0])
            else:
                assert "diagram-" in str(figure.script), "only a diagram, and one without numbers, has no data"
            if page.parent.name == "book" and page.stem not in ("facts", "how-made"):  # whose charts no notebook draws
                path, cell = urldefrag(links["Code"])
                source = soup((page.parent / path).resolve()).find(id=cell)
                function = figure.select_one(".figure-tools code").get_text().rsplit(".", 1)[-1]
                assert function in source.find_parent("section").find_parent().get_text()
    assert charts


def test_no_page_carries_a_picture_twice(html):
    for page in pages(html):
        assert "data:image/svg+xml;base64" not in "".join(str(figure) for figure in soup(page).select(".vega-figure"))


def test_the_folder_of_charts_holds_those_that_pages_show(html):
    links = [link["href"] for page in pages(html) for link in soup(page).select(".figure-tools a[download]")]
    shown = {unquote(link).rsplit("/", 1)[-1] for link in links}
    assert {path.name for path in (html / "_images" / "charts").iterdir()} == shown


def test_a_figure_is_enlarged_by_keyboard_and_put_back(browser, html):
    with Opened(browser, html / "book/compute-sizing.html", color_scheme="light") as opened:
        page = opened.page
        figure = page.locator(".vega-figure", has=page.locator("input[name=utilization]"))
        slider = figure.locator("input[name=utilization]")
        slider.fill("0.4")
        width = figure.bounding_box()["width"]
        figure.get_by_role("button", name="Enlarge").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        enlarged = dialog.locator(".vega-figure")
        page.wait_for_function(_WIDER, arg=1.3 * width)
        opened.settle()
        assert enlarged.bounding_box()["width"] > 1.3 * width
        assert enlarged.locator("input[name=utilization]").input_value() == "0.4"
        assert page.locator(".vega-figure input[name=utilization]").count() == 1
        assert violations(page) == []
        opened.switch("dark")
        assert violations(page, colour_only=True) == []
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        opened.settle()
        assert figure.bounding_box()["width"] == width
        assert slider.input_value() == "0.4"
        assert page.evaluate("document.activeElement.textContent") == "Enlarge"
        assert (opened.outside, opened.said) == ([], [])


def test_an_enlarged_figure_scrolls_on_a_phone_and_not_its_page(browser, html):
    with Opened(browser, html / "book/compute-sizing.html", viewport={"width": 390, "height": 800}) as opened:
        opened.page.get_by_role("button", name="Enlarge").first.click()
        opened.page.get_by_role("dialog").wait_for()
        opened.settle()
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
        ground = opened.page.get_by_role("region", name="Enlarged figure")
        assert ground.evaluate("element => element.scrollWidth > element.clientWidth")
        assert ground.bounding_box()["width"] <= 390


def test_links_of_a_figure_are_folded_away_until_asked_for(browser, html):
    with Opened(browser, html / "book/compute-sizing.html") as opened:
        menu = opened.page.locator(".figure-tools details").first
        assert menu.locator("a").first.is_hidden()
        menu.locator("summary").press("Enter")
        assert [link.is_visible() for link in menu.locator("a").all()] == [True] * 3
        assert violations(opened.page) == []


def test_tools_are_not_printed(browser, html):
    with Opened(browser, html / "book/compute-sizing.html") as opened:
        opened.page.emulate_media(media="print")
        assert opened.page.locator(".figure-tools").first.is_hidden()
        assert opened.page.locator(".bd-sidebar-primary").is_hidden()
        assert opened.page.locator(".vega-figure svg").first.is_visible()
