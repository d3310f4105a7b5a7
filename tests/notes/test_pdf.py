"""A note's PDF, drawn and read."""

import re

import pypdfium2

from analysis.notes.content import make
from analysis.notes.pdf import pdf
from analysis.notes.request import Request
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from tests.notes.cases import HOSTILE


def test_the_pdf_is_drawn_tagged_and_says_what_the_note_says(english, chinese):
    for note in (english, chinese):
        made = pdf(note)
        assert made == pdf(note), "the same bytes each time"
        document = pypdfium2.PdfDocument(made)
        pages = [one.get_textpage().get_text_range() for one in document]
        text = re.sub(r"\s", "", "".join(pages)).replace("\u200b", "")
        for paragraph in note.summary:
            assert re.sub(r"\s", "", paragraph) in text, "every letter of it has a glyph that can be read back"
        assert document.get_metadata_dict()["Title"] == note.request.title
        assert document.is_tagged()
        fonts = set(re.findall(rb"/(?:FontName|BaseFont) ?/[A-Z]{6}\+([\w-]+)", made))
        assert len(fonts) >= 2, "letters come with the file"
        for one in document:
            image = one.render(scale=1).to_pil().convert("L")
            assert image.getextrema() == (0, 255) or image.getextrema()[0] < 80, "something is drawn"
            kinds = {item.type for item in one.get_objects(max_depth=4)}
            assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds, "figures are vectors"


def test_chinese_letters_are_drawn(chinese):
    """A page of empty boxes would have the same text: two different words must differ in their ink."""
    document = pypdfium2.PdfDocument(pdf(chinese))
    text = document[0].get_textpage()
    found = []
    for index in range(text.count_chars()):
        letter = text.get_text_range(index, 1)
        if letter in ("推", "芯", "摘"):
            left, bottom, right, top = text.get_charbox(index)
            height = document[0].get_height()
            image = document[0].render(scale=6).to_pil().convert("L")
            box = left, height - top, right, height - bottom
            found.append((letter, image.crop([int(6 * edge) for edge in box])))
        if len({letter for letter, _ in found}) == 3:
            break
    pictures = {letter: picture.resize((24, 24)).tobytes() for letter, picture in found}
    assert len(pictures) == len(set(pictures.values())) == 3


def test_what_a_person_wrote_stays_text():
    own = build({"title": HOSTILE, "description": HOSTILE, "utilization": "40%", "sources": {"utilization": HOSTILE}}, "test")
    note = make(Request(own, DECK, HOSTILE, author=HOSTILE))
    document = pypdfium2.PdfDocument(pdf(note))
    assert document.get_metadata_dict()["Title"] == HOSTILE
    first = re.sub(r"\s", "", document[0].get_textpage().get_text_range())
    assert re.sub(r"\s", "", HOSTILE) in first
