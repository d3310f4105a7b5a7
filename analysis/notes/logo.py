"""A house's logo: an SVG or a PNG that is really a picture, small, and without anything that runs or is fetched."""

import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

import vl_convert
from PIL import Image

from analysis import paths
from analysis.notes import NoteError
from analysis.quote import quote

MOST_BYTES = 1024 * 1024
_MOST_PIXELS, _MOST_ELEMENTS = 4096, 5000
_WIDEST = 12  # times its height, or the other way round
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
#: What a logo may be drawn with. Letters are none of it: they would look different where their font is missing.
_DRAWN = frozenset({
    "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon",
    "linearGradient", "radialGradient", "stop", "clipPath", "mask",
})  # fmt: skip
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?"
#: Pixels of the height at which an SVG is drawn for slides.
_HEIGHT = 240


@dataclass(frozen=True)
class Logo:
    """A picture that was checked: its kind, "svg" or "png", its bytes, and how many times its height it is wide."""

    kind: str
    content: bytes
    aspect: float

    @property
    def media(self) -> str:
        """The media type of `content`."""
        return "image/svg+xml" if self.kind == "svg" else "image/png"

    @cached_property
    def png(self) -> bytes:
        """The picture as a PNG, for what reads no SVG."""
        return self.content if self.kind == "png" else vl_convert.svg_to_png(self.content.decode())


def read(path: Path, where: str) -> Logo:
    """Return the logo in the file `path`; `where` begins the message. Raises NoteError for whatever is no such picture."""
    try:
        with paths.plain_file(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise NoteError(f"{where}: {quote(str(path.name))} can't be read: {getattr(exc, 'strerror', None) or exc}") from exc
    if len(content) > MOST_BYTES:
        size = path.stat().st_size / 1e6
        raise NoteError(f"{where}: {path.name} has {size:,.1f} MB; a logo has 1 MB at the most")
    try:
        return _png(content) if content.startswith(b"\x89PNG") else _svg(content)
    except _NoPicture as exc:
        raise NoteError(f"{where}: {path.name} {exc}") from exc


class _NoPicture(ValueError):
    """What is wrong with a file, as the end of a sentence that begins with its name."""


def _png(content: bytes) -> Logo:
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            width, height = picture.size
            if max(width, height) > _MOST_PIXELS:
                raise _NoPicture(f"is {width:,} by {height:,} pixels; a logo has {_MOST_PIXELS:,} a side at the most")
            aspect = _aspect(width, height)
            picture.convert("RGBA").load()
    except (OSError, SyntaxError, ValueError) as exc:
        if isinstance(exc, _NoPicture):
            raise
        raise _NoPicture("begins as a PNG, and can't be drawn: the file is damaged") from exc
    return Logo("png", content, aspect)


def _svg(content: bytes) -> Logo:
    try:
        text = content.decode("utf-8-sig")
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            raise _NoPicture("has a document type; write the SVG without one")
        root = ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError) as exc:
        raise _NoPicture("is no picture: write an SVG or a PNG") from exc
    if root.tag != f"{{{_SVG}}}svg":
        raise _NoPicture("is no picture: write an SVG or a PNG")
    try:
        _keep_drawn(root)
    except RecursionError:
        raise _NoPicture("has groups within groups beyond what a logo needs") from None
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise _NoPicture(f"is drawn with more than {_MOST_ELEMENTS:,} elements")
    aspect = _size(root)
    ElementTree.register_namespace("", _SVG)
    made = ElementTree.tostring(root, encoding="unicode")
    _check_ink(made)
    return Logo("svg", made.encode(), aspect)


def _keep_drawn(element: ElementTree.Element) -> None:
    """Take out what editors of pictures leave for themselves; raise _NoPicture for what is more than a drawing."""
    for name, value in list(element.attrib.items()):
        bare = name.rpartition("}")[2]
        if bare.lower().startswith("on"):
            raise _NoPicture(f"has a script, in the attribute {bare}; a logo has none")
        if bare == "href":
            raise _NoPicture("refers to something else by href; a logo stands alone")
        if re.search(r"url\(\s*[\"']?\s*(?!#)", value) or "@import" in value or "\\" in value:
            raise _NoPicture(f"fetches something, in the attribute {bare}; a logo stands alone")
        if name.startswith("{"):
            del element.attrib[name]
    for child in list(element):
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{_SVG}}}"):
            element.remove(child)
            continue
        bare = child.tag.removeprefix(f"{{{_SVG}}}")
        if bare in ("script", "foreignObject"):
            raise _NoPicture(f"has a {bare}; a logo is a drawing alone")
        if bare == "metadata":
            element.remove(child)
            continue
        if bare in ("text", "tspan"):
            raise _NoPicture("has letters as text; turn them into outlines, so that they look the same everywhere")
        if bare not in _DRAWN:
            raise _NoPicture(f"has the element {quote(bare)}; a logo is drawn with {', '.join(sorted(_DRAWN))}")
        _keep_drawn(child)


def _size(root: ElementTree.Element) -> float:
    """Return how many times its height the picture is wide, and have it drawn at one height, whatever it asked for."""
    box = re.fullmatch(rf"\s*{_NUMBER}[\s,]+{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})\s*", root.get("viewBox", ""))
    sides = [re.fullmatch(rf"\s*({_NUMBER})(?:px|pt|mm|cm|in)?\s*", root.get(name, "")) for name in ("width", "height")]
    if box:
        width, height = map(float, box.groups())
    elif all(sides):
        width, height = (float(side[1]) for side in sides if side)
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    else:
        raise _NoPicture("says no size: give the svg a viewBox, such as 0 0 120 40")
    aspect = _aspect(width, height)
    root.set("width", f"{_HEIGHT * aspect:.2f}")
    root.set("height", f"{_HEIGHT}")
    return aspect


def _aspect(width: float, height: float) -> float:
    if not (width > 0 and height > 0 and 1 / _WIDEST <= width / height <= _WIDEST):
        raise _NoPicture(f"is {width:g} by {height:g}; a logo is at most {_WIDEST} times as wide as high, or as high as wide")
    return width / height


def _check_ink(svg: str) -> None:
    """Raise _NoPicture where nothing is drawn."""
    try:
        drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(svg)))
    except ValueError as exc:
        raise _NoPicture("can't be drawn: the SVG is damaged") from exc
    if drawn.convert("RGBA").getchannel("A").getextrema()[1] == 0:
        raise _NoPicture("draws nothing")
