import io
import zipfile

import pytest

from analysis.report import downloads
from publishing.archive import archive


@pytest.fixture
def site(tmp_path):
    files = {"index.html": "entrance", downloads.OPENING: downloads.line({}), "_static/a.css": "a{}"}
    for name, text in {**files, ".buildinfo": "x", "book/图.svg": "<svg/>"}.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "site"


def _names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_the_same_pages_give_the_same_bytes(site):
    first = archive(site)
    (site / "index.html").touch()
    assert archive(site) == first
    (site / "index.html").write_text("another")
    assert archive(site) != first


def test_every_file_is_there_in_one_folder_as_it_was(site, tmp_path):
    zipfile.ZipFile(io.BytesIO(archive(site))).extractall(tmp_path / "out")
    for path in site.rglob("*.*"):
        if path.name != ".buildinfo":
            assert (tmp_path / "out" / downloads.NAME / path.relative_to(site)).read_bytes() == path.read_bytes()


def test_it_holds_the_pdf_but_not_itself(site):
    downloads.put(site, f"{downloads.NAME}.pdf", b"%PDF")
    first = archive(site)
    downloads.put(site, f"{downloads.NAME}.zip", first)
    assert archive(site) == first
    assert f"{downloads.NAME}/downloads/{downloads.NAME}.pdf" in _names(first)
    assert not [name for name in _names(first) if name.endswith(".zip")]
    opening = zipfile.ZipFile(io.BytesIO(first)).read(f"{downloads.NAME}/{downloads.OPENING}").decode()
    assert ".pdf" in opening
    assert ".zip" not in opening


def test_the_whole_book_opens_from_the_zip(built, browser, tmp_path):
    zipfile.ZipFile(io.BytesIO(archive(built / "_build" / "html"))).extractall(tmp_path)
    page, failed = browser.new_page(), []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto((tmp_path / downloads.NAME / "index.html").as_uri())
    page.wait_for_url("**/book/index.html")
    page.wait_for_function(
        "[...document.querySelectorAll('.vega-figure')].every(figure => window.chartView?.(figure))", timeout=20_000
    )
    page.close()
    assert failed == []
