"""The what-if panel in a real browser, from disk: it computes what Python computes, and its state can be taken away."""

import random

import pytest

from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import load
from analysis.scenarios.scenario import DECK
from tests.opened import Opened

PAGE = "book/what-if.html"
_READY = "document.querySelector('.what-if').results?.result_inference_servers !== undefined"
_SETTLED = "document.querySelectorAll('.what-if-equations mjx-container').length === 2"


@pytest.fixture
def opened(browser, html):
    with Opened(browser, html / PAGE) as one:
        one.page.wait_for_function(_READY)
        yield one
        assert one.outside == []
        assert one.said == []


def _results(page):
    return page.evaluate("document.querySelector('.what-if').results")


def _same(results, scenario):
    for name, value in estimate(scenario).flat().items():
        shown = results.get("result_" + name.replace(".", "_"))
        if shown is not None:
            assert shown == pytest.approx(value, rel=1e-12), name
    assert results["result_training_servers"] == estimate(scenario).training.servers
    assert results["result_inference_accelerators"] == estimate(scenario).inference.accelerators


def _downloaded(page, folder):
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download as scenario").click()
    path = folder / taken.value.suggested_filename
    taken.value.save_as(path)
    return load(path)


def test_it_opens_with_the_books_scenario(opened, tmp_path):
    _same(_results(opened.page), DECK)
    opened.page.wait_for_function(_SETTLED)
    assert "1,559" in opened.page.locator(".what-if-summary").inner_text()
    taken = _downloaded(opened.page, tmp_path)
    _same(_results(opened.page), taken)


def test_random_settings_give_pythons_numbers_and_come_back_from_file_and_link(opened, browser, html, tmp_path):
    draw, page = random.Random(0), opened.page
    with Opened(browser, html / PAGE) as other:
        for turn in range(6):
            if turn % 2:
                chips = page.locator("#what-if-accelerator option").all_inner_texts()
                page.select_option("#what-if-accelerator", draw.choice(chips))
                page.select_option("#what-if-precision", draw.choice(page.locator("#what-if-precision option").all_inner_texts()))
            for slider in page.locator(".what-if input[type=range]").all():
                if draw.random() < 0.6:
                    slider.evaluate(
                        "(slider, step) => { slider.value = step; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
                        draw.randrange(401),
                    )
            page.fill("#what-if-training-time", f"{draw.uniform(1, 400):.3f}")
            opened.settle()
            taken = _downloaded(page, tmp_path)
            assert taken != DECK
            _same(_results(page), taken)
            other.page.goto(page.url)
            other.page.wait_for_function(_READY)
            assert _results(other.page) == _results(page)
            assert other.page.locator(".what-if-said").inner_text() == ""


def test_keyboard_moves_a_slider_and_reset_takes_it_back(opened):
    page = opened.page
    slider = page.locator("input[type=range][data-field=utilization]")
    slider.focus()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('.what-if').results.result_training_accelerators > 1559")
    assert slider.get_attribute("aria-valuetext") == f"{page.input_value('#what-if-utilization')} %"
    assert "utilization%3D" in page.url
    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.what-if').results.result_training_accelerators === 1559")
    assert "utilization" not in page.url


WRONG = [
    ("utilization", "140", "out of range; allowed: 0.1 % to 100 %"),
    ("training-time", "soon", "is not a number; allowed: "),
    ("accelerators-per-server", "2.5", "is not a whole number"),
    ("visits-per-day", "", "is not a number"),
]


def test_what_is_refused_is_said_with_the_range_and_changes_nothing(opened):
    page = opened.page
    for field, given, says in WRONG:
        page.fill(f"#what-if-{field}", given)
        assert says in page.locator(f"#what-if-{field}-wrong").inner_text()
        assert page.get_attribute(f"#what-if-{field}", "aria-invalid") == "true"
        _same(_results(page), DECK)
        page.keyboard.press("Tab")
        assert page.get_attribute(f"#what-if-{field}", "aria-invalid") is None
        assert says in page.locator(".what-if-said").inner_text()


def test_a_link_with_wrong_values_says_so_and_keeps_the_rest(browser, html):
    with Opened(browser, html / PAGE) as opened:
        opened.page.goto("about:blank")
        opened.page.goto(f"{(html / PAGE).as_uri()}?what-if=utilization%3D400%26days%3D3%26training_time%3D60")
        opened.page.wait_for_function(_READY)
        said = opened.page.locator(".what-if-said").inner_text()
        assert "“400” is out of range" in said
        assert "“days” is no field of this panel" in said
        assert _results(opened.page)["result_training_accelerators"] == 780


def test_a_chip_that_lacks_the_format_says_which_is_taken(opened):
    page = opened.page
    page.select_option("#what-if-accelerator", "Ascend 910B2")
    opened.settle()
    assert "has no published peak in TF32" in page.locator(".what-if-said").inner_text()
    assert page.input_value("#what-if-precision") != "TF32"


def test_the_readers_settings_outlive_a_change_of_theme(opened):
    page = opened.page
    page.fill("#what-if-utilization", "25")
    opened.switch("dark")
    assert _results(page)["result_training_accelerators"] == 3117
    assert page.locator(".what-if-equations mjx-container").count() == 2


def test_without_javascript_the_books_results_stand_there(browser, html):
    with Opened(browser, html / PAGE, java_script_enabled=False) as opened:
        assert "412,018" in opened.page.locator(".what-if-results").inner_text()
        assert not opened.page.locator(".what-if-controls").is_visible()
        assert "need JavaScript" in opened.page.locator(".what-if").inner_text()
