"""That axe-core finds what is wrong, asked as the tests of the pages ask it."""

import pytest

from tests.accessibility import COLOUR, TAGS, load, violations

SOUND = (
    "<!DOCTYPE html><html lang=en><head><title>Sound</title><style>html { background: #fff; color: #111 }"
    "[data-theme=dark] { background: #111; color: #eee }</style></head><body><main><h1>Sound</h1>%s</main></body></html>"
)


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


FAULTS = {
    "<p>Nothing</p>": None,
    "<img src='data:,'>": "image-alt",
    "<button></button>": "button-name",
    "<button aria-label=Search>Find</button>": "label-content-name-mismatch",
    "<p style='color: #ccc'>Pale</p>": "color-contrast",
    "<p>Before <a href='#' style='color: #222; text-decoration: none'>a link</a> and after.</p>": "link-in-text-block",
}


@pytest.mark.parametrize(("fault", "rule"), FAULTS.items())
def test_a_seeded_fault_is_found(page, fault, rule):
    page.set_content(SOUND % fault)
    assert [found for found, _ in violations(page)] == ([rule] if rule else [])
    assert [found for found, _ in violations(page, colour_only=True)] == ([rule] if rule in COLOUR else [])


def test_a_fault_of_the_dark_theme_alone_is_found_there(page):
    page.set_content(SOUND % "<p style='color: #333'>Dark on light</p>")
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert [found for found, _ in violations(page, colour_only=True)] == ["color-contrast"]


def test_the_rules_on_colour_are_all_that_axe_has_on_it(page):
    load(page)
    rules = page.evaluate("axe.getRules(['cat.color']).map(({ruleId, tags}) => [ruleId, tags])")
    assert {rule for rule, tags in rules if set(tags) & set(TAGS)} == set(COLOUR)
