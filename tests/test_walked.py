"""Figures that one walks through, in a real browser: by keyboard alone, on a phone, in the dark, and without scripts."""

import pytest

from tests.opened import Opened, soup

#: By page and figure: the control that is moved, the key that moves it, and what is seen or said only where it then stands.
WALKS = [
    ("machine-learning", "fig-learning-seen", "range", "End", "After 800 updates"),
    ("in-context", "fig-one-by-one", "range", "ArrowLeft", "After 3 examples"),
    ("in-context", "fig-one-by-one", "radio", "ArrowLeft", "the medium model"),
    ("attention", "fig-explored", "range", "ArrowRight", "“二” in decoder 3"),
    ("attention", "fig-explored", "select", "ArrowUp", "“千” in decoder 2"),
    ("decoding", "fig-next-token", "range", "ArrowLeft", None),
    ("pretraining", "fig-looks-of-masks", "range", "ArrowRight", "5 of 8"),
    ("pretraining", "fig-looks-of-masks", "radio", "ArrowRight", "BERT: the state"),
    ("serving", "fig-serving-waterfall", "range", "Home", "The deck prints"),
    ("embeddings", "fig-clocks", "range", "ArrowLeft", "Positions 11 and 9 are 2 apart"),
    ("inference-speed", "fig-speed-roofline", "range", "Home", "1 together"),
    ("transformer", "fig-way", "range", "ArrowLeft", "Layer 3: feed-forward adds to “百”"),
    ("memory", "fig-memory-freed", "range", "Home", "Data 64"),
    ("model-flop", "fig-context-shares", "range", "End", "968 billion FLOP at 131,072 tokens"),
    ("model-flop", "fig-context-shares", "radio", "ArrowRight", "DeepSeek-V3.2"),
    ("feedback", "fig-feedback-turn", "range", "End", "Iteration 60, penalty none: score +1.70"),
    ("feedback", "fig-feedback-turn", "radio", "ArrowRight", "penalty 0.1: score"),
    ("embeddings", "fig-zoom", "range", "Home", "All 6,072 words"),
    ("scaling-laws", "fig-models-advice", "range", "Home", "GPT-3 175B, with most FLOP"),
    ("gpt-in-numbers", "fig-typed", "text", "x", "the sentence takes 55 tokens by bytes alone"),
    ("gpt-in-numbers", "fig-typed", "range", "Home", "With 0 joins"),
    ("validation", "fig-trust-scatter", "select", "ArrowDown", "half are predicted within"),
    ("validation", "fig-trust-scatter", "radio", "ArrowRight", "from earlier runs alone"),
    ("validation", "fig-trust-scatter", "text", "7", None),
]
FIGURES = sorted({(page, figure) for page, figure, *_ in WALKS})
_INPUT = {"range": "input[type=range]", "radio": "input[type=radio]:checked", "select": "select", "text": "input[type=text]"}


@pytest.mark.parametrize(("page", "name", "control", "key", "then"), WALKS)
def test_a_walk_goes_on_by_keyboard(browser, html, page, name, control, key, then):
    with Opened(browser, html / f"book/{page}.html", color_scheme="dark") as opened:
        figure = opened.page.locator(f"#{name} .vega-figure")
        drawing = figure.locator(".vega-view:not(.vega-unseen) svg")
        before, said = drawing.inner_html(), figure.locator(".vega-said")
        told = said.inner_text() if then else ""
        figure.locator(_INPUT[control]).first.focus()
        opened.page.keyboard.press(key)
        opened.settle()
        assert drawing.inner_html() != before, "the drawing moves"
        if then:
            assert said.get_attribute("role") == "status"
            assert said.inner_text() != told
            assert then in said.inner_text()
        assert (opened.outside, opened.said) == ([], [])


@pytest.mark.parametrize(("page", "name"), FIGURES)
def test_a_walk_fits_on_a_phone_and_keeps_its_place_in_another_theme(browser, html, page, name):
    with Opened(browser, html / f"book/{page}.html", viewport={"width": 390, "height": 844}, color_scheme="light") as opened:
        figure = opened.page.locator(f"#{name} .vega-figure")
        for part in (figure, figure.locator(".vega-view svg").first, figure.locator(".vega-bindings").first):
            box = part.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        slider = figure.locator("input[type=range], select").first
        slider.focus()
        opened.page.keyboard.press("ArrowUp" if name == "fig-explored" else "ArrowDown")
        opened.settle()
        value = slider.input_value()
        opened.switch("dark")
        assert figure.locator("input[type=range], select").first.input_value() == value


@pytest.mark.parametrize(("page", "name"), FIGURES)
def test_a_walk_begins_as_a_picture_that_says_what_it_shows(html, page, name):
    figure = soup(html / f"book/{page}.html").select_one(f"#{name} .vega-figure")
    assert len(figure.img["alt"]) > 100
    assert figure.img["src"].endswith(".svg")
    assert figure.select_one(".vega-subtitle")
