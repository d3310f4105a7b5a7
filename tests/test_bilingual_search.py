"""The search of a book of three pages, after one of them was edited."""

import json

import pytest
from sphinx.cmd.build import build_main

from analysis import paths

PAGES = {
    "index": "Home\n====\n\nWords: 算力测算.\n\n.. toctree::\n\n   terms\n   other\n",
    "terms": "Terms\n=====\n\n.. index:: see: thought; reasoning\n\n.. glossary::\n\n   reasoning\n      推理 it is.\n",
    "other": "Other\n=====\n\n.. index:: single: cache\n\nA cache of keys, vanishing.\n",
}


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Return a folder with the sources of a small book."""
    monkeypatch.syspath_prepend(paths.ROOT / "book" / "_ext")
    (tmp_path / "conf.py").write_text('extensions = ["bilingual_search"]\nlanguage = "en"\nhtml_theme = "basic"\n')
    for name, text in PAGES.items():
        (tmp_path / f"{name}.rst").write_text(text, encoding="utf-8")
    return tmp_path


def index(book, out):
    assert build_main(["-q", "-W", str(book), str(book / out)]) == 0
    return (book / out / "searchindex.js").read_bytes()


def test_after_an_edit_of_one_page_the_index_is_that_of_a_full_build(book):
    first = index(book, "grown")
    assert "reasoning" in json.loads(first.removeprefix(b"Search.setIndex(")[:-1])["indexentries"]
    page = book / "other.rst"
    page.write_text(page.read_text().replace("vanishing", "appearing").replace("cache", "memory"))
    grown = index(book, "grown")
    assert grown == index(book, "whole") != first
    page.write_text("Nothing\n=======\n")
    assert index(book, "grown") == index(book, "new")


def test_chapters_come_before_reference_before_the_glossary_before_notebooks(book):
    """The scorer that is written for the page, run by the browser's own engine in `tests/test_pages.py`, has each kind."""
    index(book, "ranked")
    written = (book / "ranked" / "_static" / "language_data.js").read_text(encoding="utf-8")
    named = json.loads(written.partition("new Set(")[2].partition(")")[0])
    assert {"book/glossary", "book/facts", "book/how-made", "book/notebooks"} <= set(named)
    assert not {"book/index", "book/attention", "book/compute-sizing"} & set(named)
