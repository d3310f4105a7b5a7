"""Tables of the built book on a phone: those of words are cards, those of numbers scroll; records are folded."""

import pytest

from tests.looks import pages
from tests.opened import Opened, soup

PHONE = {"viewport": {"width": 390, "height": 900}}


def test_a_card_says_the_head_before_each_value_and_stays_a_table(html):
    found = 0
    for page in pages(html):
        for table in soup(page).select("table.stacked"):
            found += 1
            heads = [" ".join(head.get_text(" ").split()) for head in table.select("thead th")]
            assert {head["role"] for head in table.select("th")} == {"columnheader"}
            for row in table.select("tbody tr"):
                assert row["role"] == "row"
                assert [cell["data-label"] for cell in row.select("td")] == heads
                assert {cell["role"] for cell in row.select("td")} == {"cell"}
    assert found > 20


def test_tables_of_words_are_cards_on_a_phone_alone(browser, html):
    with Opened(browser, html / "book/errata.html", **PHONE) as opened:
        page = opened.page
        table = page.locator("#tab-errata")
        cells = table.locator("tbody tr").first.locator("td")
        tops = [cell.bounding_box()["y"] for cell in cells.all()]
        assert tops == sorted(set(tops)), "the values stand below one another"
        assert cells.nth(1).evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"The deck says"')
        assert table.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
        assert page.get_by_role("columnheader", name="The deck says").count()
        assert table.get_by_role("cell").count() == table.locator("td").count()
        for change in (lambda: page.set_viewport_size({"width": 1280, "height": 900}), lambda: page.emulate_media(media="print")):
            change()
            assert len({cell.bounding_box()["y"] for cell in cells.all()}) == 1, "the values stand side by side"


def test_a_table_of_numbers_scrolls_behind_its_first_column(browser, html):
    with Opened(browser, html / "book/training-run.html", **PHONE) as opened:
        place = opened.page.locator(".pst-scrollable-table-container", has=opened.page.locator("#tab-run-machines"))
        first = place.locator("tbody td").first
        before = first.bounding_box()["x"]
        place.evaluate("place => place.scrollLeft = 200")
        assert place.evaluate("place => place.scrollLeft") == 200
        assert first.bounding_box()["x"] == pytest.approx(before, abs=1)


@pytest.mark.parametrize("script", [True, False])
def test_a_link_opens_the_record_that_it_leads_to(browser, html, script):
    with Opened(browser, html / "book/facts.html", java_script_enabled=script) as opened:
        page = opened.page
        record = page.locator("#data-accelerators")
        assert not record.is_visible()
        page.locator("a[href='#data-accelerators']").first.click()
        record.locator("td").first.wait_for(state="visible", timeout=5_000)
        assert 0 <= record.bounding_box()["y"] < 900
        assert page.locator("details[open] > .folded").count() == 1


def test_records_are_open_on_paper(browser, html):
    with Opened(browser, html / "book/facts.html") as opened:
        opened.page.emulate_media(media="print")
        record = opened.page.locator("#data-accelerators")
        assert record.bounding_box()["height"] > 100
