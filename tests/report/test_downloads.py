import pytest

from analysis.report import downloads


@pytest.fixture
def site(tmp_path):
    opening = tmp_path / downloads.OPENING
    opening.parent.mkdir(parents=True)
    opening.write_text(f"<h1>Title</h1>{downloads.line({})}<p>Text</p>", encoding="utf-8")
    return tmp_path


def test_without_files_nothing_is_linked(site):
    assert downloads.present(site) == {}
    assert "href" not in downloads.line({})


def test_each_file_put_there_is_linked_once_and_is_there(site):
    for suffix in ("pdf", "zip", "pdf"):
        downloads.put(site, f"{downloads.NAME}.{suffix}", b"content")
    text = (site / downloads.OPENING).read_text(encoding="utf-8")
    assert text.count("href") == 2
    for name in downloads.present(site):
        assert f"../{downloads.FOLDER}/{name}" in text
        assert (site / "book" / ".." / downloads.FOLDER / name).read_bytes() == b"content"


def test_a_page_without_a_place_is_refused():
    with pytest.raises(ValueError, match="no place for downloads"):
        downloads.with_line("<h1>Title</h1>", {})
