"""A note's page in a real browser."""

import re

import pytest
from bs4 import BeautifulSoup

from analysis.notes.content import make
from analysis.notes.page import page
from analysis.notes.request import Request
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from tests.accessibility import violations
from tests.notes.cases import HOSTILE
from tests.opened import Opened


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_the_page_stands_alone_and_is_accessible(browser, request, tmp_path, language):
    note = request.getfixturevalue(language)
    target = tmp_path / "note.html"
    target.write_text(page(note), encoding="utf-8")
    with Opened(browser, target, color_scheme="light") as opened:
        for width in (1280, 390):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
            assert violations(opened.page) == []
        opened.page.emulate_media(color_scheme="dark")
        for width in (390, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert violations(opened.page, colour_only=True) == []
        assert opened.page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth)")
        assert opened.outside == []
        assert opened.said == []
    soup = BeautifulSoup(page(note), "html.parser")
    assert soup.html["lang"] == {"english": "en", "chinese": "zh-CN"}[language]
    assert not soup.find_all(["script", "link", "iframe"])
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:)", page(note))


def test_what_a_person_wrote_stays_text():
    own = build({"title": HOSTILE, "description": HOSTILE, "utilization": "40%", "sources": {"utilization": HOSTILE}}, "test")
    note = make(Request(own, DECK, HOSTILE, author=HOSTILE))
    soup = BeautifulSoup(page(note), "html.parser")
    assert soup.h1.get_text() == soup.title.get_text() == HOSTILE
    assert not soup.find_all("script")
    assert [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
