"""The guide at the top of a page: four parts in a line, the minutes counted from the words of the page."""

import pytest
from bs4 import BeautifulSoup
from sphinx.cmd.build import build_main

from analysis import paths

GUIDE = ".. guide::\n   :for: all\n   :needs: nothing\n   :then: read\n"


def build(tmp_path, monkeypatch, text):
    monkeypatch.syspath_prepend(paths.ROOT / "book" / "_ext")
    (tmp_path / "conf.py").write_text('extensions = ["page_guide"]\nhtml_theme = "basic"\n')
    (tmp_path / "index.rst").write_text(text)
    return build_main(["-q", "-W", str(tmp_path), str(tmp_path / "out")])


@pytest.mark.parametrize(("words", "said"), [(10, "1 minute"), (1000, "5 minutes")])
def test_the_minutes_are_those_of_the_words(tmp_path, monkeypatch, words, said):
    table = "\n\n===== =====\n" + "cell  cell\n" * 900 + "===== =====\n"  # is looked at, not read
    assert build(tmp_path, monkeypatch, f"Page\n====\n\n{GUIDE}\n{'word ' * words}{table}") == 0
    page = (tmp_path / "out" / "index.html").read_text()
    guide = BeautifulSoup(page, "html.parser").select_one(".page-guide")
    assert guide.get_text().split() == f"For all. You need nothing. Takes {said}. Then you can read.".split()
    assert [part.get_text().strip() for part in guide.select("strong")] == ["For", "You need", "Takes", "Then you can"]


def test_a_guide_that_leaves_a_part_out_is_refused(tmp_path, monkeypatch):
    assert build(tmp_path, monkeypatch, "Page\n====\n\n" + GUIDE.replace("   :needs: nothing\n", "")) != 0
