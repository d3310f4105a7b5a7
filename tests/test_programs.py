"""What programs read of the built book: its results, its index, and a Markdown twin of every page."""

import importlib.util
import json
import re

import pytest

from analysis import paths
from tests.opened import soup

BOOK = sorted(re.findall(r"^ *(?:root|- file): (book/\S+)$", (paths.ROOT / "_toc.yml").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def programs():
    """The extension, as Sphinx loads it."""
    import sys

    sys.path.insert(0, str(paths.ROOT / "book" / "_ext"))
    found = importlib.import_module("programs")
    sys.path.pop(0)
    return found


@pytest.mark.parametrize(("text", "value", "unit"), [
    ("$60", 60, "dollar"), ("20 billion", 2e10, ""), ("1.75 × 10¹¹", 1.75e11, ""), ("53%", 53, "%"), ("12.4 ms", 12.4, "ms"),
    ("−3%", -3, "%"), ("1,120", 1120, ""), ("43.2 million hours", 43.2e6, "hours"),
    ("2.1\xa0×\xa010¹³", 2.1e13, ""),
])  # fmt: skip
def test_a_result_that_is_a_number_is_told_as_one(programs, text, value, unit):
    assert programs.number(text) == {"value": pytest.approx(value), "unit": unit}


def test_an_interval_behind_a_number_is_told(programs):
    assert programs.number("15% (10% to 19%)") == {"value": 15, "unit": "%", "low": 10, "high": 19}
    assert programs.number("1.31 million (737,000 to 3.64 million)")["high"] == 3.64e6


@pytest.mark.parametrize("text", ["", "11 of them only partly verified", "data 8", "65% ± 4.2%", "H100 SXM5", "5 to 7"])
def test_other_texts_are_no_number(programs, text):
    assert "value" not in programs.number(text)


def test_a_twin_keeps_headings_links_tables_lists_and_mathematics(programs):
    html = (
        "<body><article><h1>A page<a class='headerlink' href='#a'>#</a></h1><p>It costs $60. See "
        "<a href='other.html#x'><b>this</b></a> and <span class='math notranslate'>\\(n^2\\)</span>.</p>"
        "<ul><li>one<ul><li>two</li></ul></li></ul><table><caption>Told."
        "</caption><tr><th>a|b</th><th>c</th></tr><tr><td><p>1</p></td><td>2</td></tr></table><pre>x = 1\n</pre></article></body>"
    )
    assert programs.twin(html, "book/page") == (
        "# A page\n\nIt costs \\$60. See [**this**](other.md#x) and $n^2$.\n\n- one\n  - two\n\nTold.\n\n"
        "| a\\|b | c |\n| --- | --- |\n| 1 | 2 |\n\n```\nx = 1\n```\n"
    )


def test_every_page_has_a_twin_with_its_numbers_and_links_that_lead_somewhere(html):
    for page in BOOK:
        twin = (html / f"{page}.md").read_text(encoding="utf-8")
        built = soup(html / f"{page}.html")
        assert built.find("link", type="text/markdown")["href"] == f"{page.rpartition('/')[2]}.md"
        for number in built.select("article .result")[:40]:
            text = " ".join(number.get_text().split())
            assert text in " ".join(re.sub(r"\\([<$])", r"\1", twin).split()), (page, text)
        for target in re.findall(r"\]\(([\w./-]+\.(?:md|html|csv))(?:#[^)]*)?\)", twin):
            assert ((html / page).parent / target).exists(), (page, target)
        prose = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|(?<!\\)\$[^$]*\$", "", twin, flags=re.DOTALL)
        assert not re.search(r"(?<!\\)<", prose), page


def test_the_index_names_every_page_and_the_results(html):
    index = (html / "llms.txt").read_text(encoding="utf-8")
    assert index.startswith("# ") and "\n> " in index
    linked = re.findall(r"\]\((\S+?)\)", index)
    assert sorted(name.removesuffix(".md") for name in linked if name.endswith(".md")) == BOOK
    assert all((html / name).is_file() for name in linked)


def test_results_have_their_number_interval_and_pages(html):
    results = json.loads((html / "results.json").read_text(encoding="utf-8"))
    days = results["duration_sensitivity:days"]
    assert days["low"] < days["value"] < days["high"] and days["notebook"] == "duration_sensitivity"
    assert days["pages"] == ["book/sensitivity.html"]
    quoted = set(re.findall(r"\{result\}`([\w-]+:\w+)`", (paths.ROOT / "book" / "serving.md").read_text(encoding="utf-8")))
    assert quoted and quoted <= results.keys()
    assert all("book/serving.html" in results[name]["pages"] for name in quoted)
    assert {result["kind"] for result in results.values()} == {"text", "chart", "table", "equation"}
