"""Each quoted number explains itself in the built book: by pointer, keyboard and touch, from disk, and truly."""

import re
from pathlib import Path

import pytest

from tests.accessibility import violations
from tests.looks import pages
from tests.opened import Opened, soup

CARD = ".number-card"
SLOW = 3_000


@pytest.fixture
def chapter(browser, html):
    with Opened(browser, html / "book/compute-sizing.html") as opened:
        yield opened
        assert (opened.outside, opened.said) == ([], [])


def _number(page, name):
    return page.locator(f"article .result[data-result='{name}']").first


def test_every_quoted_number_is_explained(html):
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in (html / "_static/numbers").glob("*.js")}
    quoted = 0
    for page in pages(html):
        for number in soup(page).select("article .result[data-result]"):
            notebook, name = number["data-result"].split(":")
            quoted += 1
            assert f'"{name}":{{' in scripts[notebook], f"{page.name} quotes {notebook}:{name}"
    assert quoted


def test_a_card_names_the_facts_behind_and_links_to_their_record(chapter):
    _number(chapter.page, "inference_estimate:coincidence").hover()
    card = chapter.page.locator(CARD)
    card.wait_for(timeout=SLOW)
    link = card.get_by_role("link", name="The numeric claims of the deck").get_attribute("href")
    path, _, record = link.partition("#")
    assert soup((Path(chapter.page.url.removeprefix("file://")).parent / path).resolve()).find(id=record)


def test_pointing_at_a_number_shows_formula_inputs_and_scenario(chapter):
    number = _number(chapter.page, "training_estimate:accelerators")
    number.hover()
    card = chapter.page.locator(CARD)
    card.wait_for(timeout=SLOW)
    text = " ".join(card.inner_text().split())
    assert "6 × parameters × training tokens ÷ (training time × peak × utilization)" in text
    assert "rounded up to 1,559" in text
    assert "Utilization: 50% the deck, after an NVIDIA talk" in text
    assert "Computed as accelerators in the notebook" in text
    assert "Scenario: The deck’s assumptions" in text.replace("'", "’")
    link = card.get_by_role("link").get_attribute("href")
    path, _, cell = link.partition("#")
    target = soup((Path(chapter.page.url.removeprefix("file://")).parent / path).resolve()).find(id=cell)
    assert "accelerators=numerals.whole(result.accelerators)" in target.get_text()

    card.hover()  # it can be pointed at itself
    chapter.page.wait_for_timeout(800)
    assert card.is_visible()
    chapter.page.mouse.move(5, 5)
    card.wait_for(state="hidden", timeout=SLOW)


def test_the_keyboard_reaches_every_number_and_comes_back(chapter):
    page = chapter.page
    numbers = page.locator("article .result[role=button]:visible")
    homes = "numbers => new Set(numbers.map(number => number.closest('details, section'))).size"
    stops = page.locator("article .result[role=button][tabindex='0']:visible").count()
    assert stops == numbers.evaluate_all(homes), "Tab stops once a section"
    assert stops < numbers.count() / 2
    numbers.first.focus()
    for place in range(1, numbers.count()):
        page.keyboard.press("ArrowRight")
        assert numbers.nth(place).evaluate("number => number === document.activeElement")
    number = _number(page, "training_estimate:servers")
    number.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name="How 195 was made")
    card.wait_for(timeout=SLOW)
    assert card.evaluate("card => card.contains(document.activeElement)")
    assert number.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert card.evaluate("card => card.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert number.evaluate("number => number === document.activeElement")
    assert number.get_attribute("aria-expanded") == "false"


def test_a_tap_opens_a_card_that_fits_a_phone(browser, html):
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": "light"}
    with Opened(browser, html / "book/attention.html", **phone) as opened:
        number = _number(opened.page, "attention_steps:pairs")
        number.tap()
        card = opened.page.locator(CARD)
        card.wait_for(timeout=SLOW)
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert "Computed as pairs in the notebook" in card.inner_text(), "the short card"
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert violations(opened.page) == []
        opened.switch("dark")
        assert card.is_visible()
        assert violations(opened.page, colour_only=True) == []
        number.tap()
        card.wait_for(state="hidden", timeout=SLOW)
        assert (opened.outside, opened.said) == ([], [])


def test_without_javascript_a_number_is_a_number(browser, html):
    with Opened(browser, html / "book/compute-sizing.html", java_script_enabled=False) as opened:
        number = _number(opened.page, "training_estimate:accelerators")
        assert re.fullmatch(r"[\d,]+", number.inner_text())
        assert number.get_attribute("role") is None
