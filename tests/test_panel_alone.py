"""The what-if panel in a real browser, on a page of its own: what it reads, refuses and keeps, without the book around it."""

import pytest

from analysis import paths, units
from analysis.figures.panel import markup
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

_ASSETS = paths.ROOT / "book" / "assets"


_KEPT = """Number(new URLSearchParams(new URL(location.href).searchParams.get('what-if')).get('characters_per_question'))"""


@pytest.fixture
def page(browser, tmp_path):
    style = (_ASSETS / "report.css").read_text(encoding="utf-8")
    script = (_ASSETS / "panel.js").read_text(encoding="utf-8")
    (tmp_path / "panel.html").write_text(
        f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style><h2 id=below>Below</h2><a href='#below'>below</a>"
        f"{markup(DECK)}<script>{script}</script>",
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto((tmp_path / "panel.html").as_uri())
    yield page
    page.close()


NUMBERS = ["425", "1,234", "1_000", "4/3", ".5", "1e3", "12,345.5", "0,125", "1,5", "1.234,5", "1234,567", "0x10", "0b1", "٣",
           "Infinity", "", "1e999", "--1", "1 2", "१", "1,2345", "4/0"]  # fmt: skip


def test_the_page_reads_numbers_as_python_does(page):
    for text in NUMBERS:
        page.fill("#what-if-characters-per-question", text)
        wrong = page.locator("#what-if-characters-per-question-wrong").inner_text()
        try:
            value = units.read(text, "character/question")
        except units.QuantityError as exc:
            assert wrong, text
            for reading in ("decimal comma, or", "if it is a decimal comma, write"):
                assert (reading in wrong) == (reading in str(exc)), text
        else:
            assert not wrong, (text, wrong)
            assert value == DECK.characters_per_question or page.evaluate(_KEPT) == pytest.approx(value, rel=1e-12), text
    assert build({"characters_per_question": "1,234"}, "test").characters_per_question == 1234


def test_a_megabyte_is_refused_in_a_line(page):
    page.evaluate(
        """() => { const field = document.querySelector('#what-if-utilization'); field.value = '1'.repeat(1e6);
        field.dispatchEvent(new Event('input', {bubbles: true})); }"""
    )
    wrong = page.locator("#what-if-utilization-wrong").inner_text()
    assert "is too long for a number" in wrong and len(wrong) < 250


def test_settings_in_the_address_outlive_a_link_in_the_page_and_a_reload(page):
    page.fill("#what-if-utilization", "25")
    page.click("a[href='#below']")
    assert page.url.endswith("#below")
    page.reload()
    assert page.input_value("#what-if-utilization") == "25"
    page.click("button[type=reset]")
    assert "what-if" not in page.url.split("panel.html")[1]


def test_links_of_before_are_read_and_become_todays(page):
    page.evaluate("location.hash = '#what-if?utilization=30&days=3'")
    page.wait_for_function("document.querySelector('#what-if-utilization').value === '30'")
    assert "“days” is no field" in page.locator(".what-if-said").inner_text()
    assert "#what-if?" not in page.url
    page.reload()
    assert page.input_value("#what-if-utilization") == "30"


def test_a_printed_panel_shows_its_inputs(page):
    page.fill("#what-if-utilization", "25")
    page.emulate_media(media="print")
    assert page.locator("#what-if-utilization").is_visible() and page.locator(".what-if-results").is_visible()
    assert not page.locator(".what-if-actions").is_visible()
    assert not page.locator("input[type=range]").first.is_visible()
