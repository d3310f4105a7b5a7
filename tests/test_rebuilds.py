"""A book that is built again: what has not changed keeps its bytes, and what has is what a full build elsewhere gives."""

import os
import shutil

from benchmarks.reruns import ELSEWHERE, LEFT_OUT
from tests.built import build, run


def pages(project):
    html = project / "_build" / "html"
    return {path.relative_to(html).as_posix(): path.read_bytes() for path in html.rglob("*") if path.is_file()}


def make(project):
    run(project, "-m", "analysis", "run", "data/scenarios/deck.yml")
    build(project)
    return pages(project)


def differing(one, other):
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_a_book_keeps_its_bytes_and_grows_into_what_a_full_build_elsewhere_gives(small_book, tmp_path, monkeypatch):
    first = make(small_book)
    assert differing(first, make(small_book)) == [], "nothing has changed"

    page = small_book / "book" / "compute-sizing.md"
    page.write_text(
        page.read_text(encoding="utf-8").replace("It has", "推理 has a cache, and here is") + "\n## More\n\nThe end.\n"
    )
    grown = make(small_book)
    assert "book/compute-sizing.html" in differing(first, grown)

    elsewhere, home = tmp_path / "another folder 另一个", tmp_path / ELSEWHERE["HOME"]
    shutil.copytree(small_book, elsewhere, ignore=LEFT_OUT)
    home.mkdir()
    for name, value in (ELSEWHERE | {"HOME": str(home)}).items():
        monkeypatch.setenv(name, value)
    before = os.umask(0o077)
    try:
        assert differing(grown, make(elsewhere)) == []
    finally:
        os.umask(before)

    # A change of a module that the book's extensions alone use is seen.
    with (elsewhere / "analysis" / "report" / "glossary.py").open("a") as file:
        file.write("\n")
    (elsewhere / "_build" / "html" / "book" / "index.html").write_text("")
    build(elsewhere)
    marked = ["_static/numbers/training_estimate.js"]  # its first line is a digest of the code that made it
    assert differing(grown, pages(elsewhere)) == marked
