"""Logos: pictures that are drawn, and files that only look like one."""

import io

import pytest
from PIL import Image

from analysis.notes import NoteError, logo

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 30 10">{}</svg>'
DRAWN = '<rect width="30" height="10" fill="#123456"/>'


def read(tmp_path, content: bytes | str, name: str = "logo.svg") -> logo.Logo:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return logo.read(tmp_path / name, "logo")


def png(width: int = 30, height: int = 10) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "#123456").save(made, "PNG")
    return made.getvalue()


def test_an_svg_and_a_png_are_read_and_drawn(tmp_path):
    for picture in (read(tmp_path, SVG.format(DRAWN)), read(tmp_path, png(), "logo.png")):
        assert picture.aspect == 3
        drawn = Image.open(io.BytesIO(picture.png)).convert("RGB")
        assert drawn.getpixel((drawn.width // 2, drawn.height // 2)) == (0x12, 0x34, 0x56)
        assert abs(drawn.width / drawn.height - 3) < 0.01


def test_what_editors_leave_for_themselves_is_taken_out(tmp_path):
    left = '<metadata><x/></metadata><!-- me --><sodipodi:namedview xmlns:sodipodi="http://sodipodi"/>'
    picture = read(tmp_path, SVG.format(left + DRAWN))
    assert b"metadata" not in picture.content and b"sodipodi" not in picture.content and b"<!--" not in picture.content


def test_a_size_that_would_take_all_memory_is_put_right(tmp_path):
    picture = read(tmp_path, SVG.format(DRAWN).replace("viewBox", 'width="90000000" height="30000000" viewBox'))
    assert Image.open(io.BytesIO(picture.png)).size == (720, 240)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("no picture", "is no picture: write an SVG or a PNG"),
        (b"GIF89a" + bytes(50), "is no picture"),
        (png()[:60], "begins as a PNG, and can't be drawn"),
        (png(5000, 5000), "is 5,000 by 5,000 pixels; a logo has 4,096 a side at the most"),
        ("<html></html>", "is no picture"),
        (SVG.format(DRAWN)[:-3], "is no picture"),
        (SVG.format("<script>alert(1)</script>"), "has a script"),
        (SVG.format('<rect onload="alert(1)"/>'), "has a script, in the attribute onload"),
        (SVG.format('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'), "has a foreignObject"),
        (SVG.format('<image xlink:href="https://example.org/a.png"/>'), "has the element 'image'"),
        (SVG.format('<path xlink:href="https://example.org"/>'), "refers to something else by href"),
        (SVG.format('<rect style="fill: url(https://example.org/a)"/>'), "fetches something, in the attribute style"),
        (SVG.format("<style>@import 'https://example.org/a.css'</style>"), "has the element 'style'"),
        (SVG.format("<text>A</text>"), "turn them into outlines"),
        (f'<!DOCTYPE svg [<!ENTITY a "aaaa">]>{SVG.format("&a;")}', "has a document type"),
        (SVG.format(""), "draws nothing"),
        (SVG.format(DRAWN).replace("0 0 30 10", "0 0 300 1"), "a logo is at most 12 times as wide as high"),
        (SVG.format(DRAWN).replace('viewBox="0 0 30 10"', ""), "says no size"),
        (SVG.format("<g/>" * 6000), "more than 5,000 elements"),
        (SVG.format("<g>" * 3000 + "</g>" * 3000), "groups within groups"),
        (b"\x00" * 50_000_000, "has 50.0 MB; a logo has 1 MB at the most"),
    ],
)  # fmt: skip
def test_what_is_no_logo_is_refused(tmp_path, content, expected):
    with pytest.raises(NoteError, match=expected):
        read(tmp_path, content)
