import io
import re

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfWriter
from pypdfium2 import raw

from analysis import paths
from publishing import pdf
from publishing.pdf import Chapter, NoBookError

FEW = [Chapter("book/index", 1), Chapter("book/compute-sizing", 1), Chapter("book/what-if", 2), Chapter("book/references", 1)]


@pytest.fixture(scope="module")
def printed(html, browser):
    """A PDF of some of the chapters, and the HTML that it was printed from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "chapters", lambda: FEW)
        content = pdf.pdf(browser, html)
        return pypdfium2.PdfDocument(content), BeautifulSoup(pdf.document(html), "html.parser")


def test_the_chapters_are_those_of_the_contents_in_order():
    names = re.findall(r"file: (book/\S+)", (paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert [chapter.name for chapter in pdf.chapters()] == ["book/index", *(n for n in names if not n.startswith("book/notes/"))]
    levels = {chapter.key: chapter.level for chapter in pdf.chapters()}
    assert (levels["index"], levels["compute-sizing"], levels["what-if"]) == (1, 1, 2)


def test_every_link_within_the_document_leads_somewhere(html):
    soup = BeautifulSoup(pdf.document(html), "html.parser")
    places = {element["id"] for element in soup.find_all(id=True)}
    links = [link["href"] for link in soup.find_all("a", href=True)]
    assert [link for link in links if link.startswith("#") and link[1:] not in places] == []
    assert [link for link in links if not re.match(r"#|https?:|mailto:", link)] == [], "no link into a folder of this machine"
    assert len(links) > 500


def test_the_bookmarks_are_the_headings(printed):
    document, soup = printed
    headings = soup.select("article :is(h1, h2, h3, h4, h5, h6)")
    marks = list(document.get_toc())
    assert [mark.get_title() for mark in marks] == [" ".join(heading.get_text().split()) for heading in headings]
    assert [mark.level for mark in marks] == [int(heading.name[1]) - 1 for heading in headings]


def test_the_contents_have_the_pages_on_which_chapters_begin(printed):
    document, soup = printed
    contents = _text(document, 1)
    for chapter in FEW:
        title = soup.find(id=chapter.key).find(re.compile("^h[1-6]$")).get_text()
        goal = raw.FPDF_GetNamedDestByName(document.raw, chapter.key.encode())
        number = raw.FPDFDest_GetDestPageIndex(document.raw, goal) + 1
        assert _bare(title) in _bare(_text(document, number - 1))
        assert re.search(rf"{re.escape(_bare(title))}{number}(?!\d)", _bare(contents))
        assert _text(document, number - 1).split()[-1] == str(number) or str(number) in _text(document, number - 1).split()


def test_figures_and_equations_are_vectors_and_chinese_is_text(printed):
    document, _ = printed
    texts = "".join(_text(document, number) for number in range(len(document)))
    assert "算力测算" in texts
    assert not re.search(r"\\\(|\\frac|\\begin", texts), "mathematics is set"
    images = [page for page in document if list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=5))]
    assert images == []


def test_what_is_for_the_screen_stays_there(printed):
    _, soup = printed
    article = soup.select_one("article")
    assert soup.select("article :is(button, nav, script, .headerlink, .receipt)") == []
    assert "Computed under the scenario" in soup.select_one(".imprint").get_text()
    assert article.select("svg"), "the opening figure is drawn within the document"


def test_titles_said_twice_are_mended_and_nothing_else():
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    said = ["FineFine", "A (b)A (b)", "As it is", "长的 标题长的 标题 (x)", "Fine"]
    above = writer.add_outline_item(title="Above", page_number=page)
    for title in said:
        writer.add_outline_item(title=title, page_number=page, parent=above)
    content = io.BytesIO()
    writer.write(content)
    mended = pdf.mended(content.getvalue(), {"Fine", "A (b)", "As it is", "长的 标题 (x)"})
    titles = [mark.get_title() for mark in pypdfium2.PdfDocument(mended).get_toc()]
    assert titles == ["Above", "Fine", "A (b)", "As it is", "长的 标题 (x)", "Fine"]
    assert pdf.mended(content.getvalue(), set(said)) == content.getvalue(), "nothing to mend"


def test_without_a_book_it_is_said_what_to_do(tmp_path):
    with pytest.raises(NoBookError, match="run make book first"):
        pdf.document(tmp_path)


def _text(document, index: int) -> str:
    return document[index].get_textpage().get_text_range()


def _bare(text: str) -> str:
    return re.sub(r"[\s.]", "", text)
