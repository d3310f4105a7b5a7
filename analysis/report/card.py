"""The picture that stands for the book where its link is shared: the title, and the chart of the opening page."""

import html
import re
import textwrap
from pathlib import Path

import pylopdf_fonts_zh_cn
import vl_convert
from bs4 import BeautifulSoup

WIDTH, HEIGHT = 1200, 630
_FONT = "Noto Sans SC"
_MARGIN, _CHART_TOP = 60, 240
_INK, _MUTED, _PAPER, _RULE = "#1b1f24", "#57606a", "#ffffff", "#0b6e99"


def png(title: str, page: Path) -> bytes:
    """Return the card as a PNG of 1200 x 630 pixels.

    `page` is the built opening page, of which the first chart is shown, under its own title; a page without a chart gives
    a card of the title alone. The letters are those of a package: no font of the machine is used.
    """
    vl_convert.register_font_directory(str(pylopdf_fonts_zh_cn.sans_path().parent))
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/><rect width="{WIDTH}" height="14" fill="{_RULE}"/>',
        _text(title, _MARGIN, 105, 52, _INK, "bold"),
    ]
    figure = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(".vega-figure")
    if figure is not None:
        lines = textwrap.wrap(figure.select_one(".vega-title").get_text(), 72)
        parts += [_text(line, _MARGIN, 165 + 36 * at, 28, _MUTED) for at, line in enumerate(lines[:2])]
        picture = page.parent / figure.select_one(".vega-host img")["src"]
        parts.append(_placed(picture.read_text(encoding="utf-8")))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'
    return vl_convert.svg_to_png(svg)


def _placed(chart: str) -> str:
    """Return the chart's SVG below the title, as large as the card allows, in the card's letters."""
    opening = re.match(r"<svg[^>]*>", chart)[0]
    width, height = (float(re.search(rf'\b{name}="([\d.]+)"', opening)[1]) for name in ("width", "height"))
    scale = min((WIDTH - 2 * _MARGIN) / width, (HEIGHT - _CHART_TOP - _MARGIN / 2) / height)
    place = f'x="{_MARGIN}" y="{_CHART_TOP}" width="{scale * width:.1f}" height="{scale * height:.1f}"'
    inner = re.sub(r'font-family="[^"]*"', f'font-family="{_FONT}"', chart.removeprefix(opening))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {place} viewBox="0 0 {width} {height}">{inner}'


def _text(text: str, x: int, y: int, size: int, colour: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="{_FONT}" font-size="{size}" font-weight="{weight}" fill="{colour}">'
        f"{html.escape(text)}</text>"
    )
