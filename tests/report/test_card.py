import io
from pathlib import Path

import pytest
from PIL import Image

from analysis.report import card

TITLE = "AI大语言模型的原理、演进及算力测算"
CHART = '<svg class="marks" width="680" height="300" viewBox="0 0 680 300"><rect width="680" height="300" fill="#00ff00"/></svg>'


def _drawn(folder: Path, chart: str) -> Image.Image:
    """Return the card of a page that holds `chart`, if any."""
    figure = (
        '<div class="vega-figure"><p class="vega-title">What the chart shows</p>'
        '<div class="vega-host"><img src="../charts/a.svg"></div></div>'
    )
    for name, text in {"charts/a.svg": chart, "book/index.html": figure if chart else "<h1>Title</h1>"}.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    return Image.open(io.BytesIO(card.png(TITLE, folder / "book" / "index.html"))).convert("RGB")


def test_the_card_holds_the_chart_as_large_as_it_may_be(tmp_path):
    image = _drawn(tmp_path, CHART)
    assert image.size == (card.WIDTH, card.HEIGHT)
    green = [(x, y) for x in range(0, card.WIDTH, 5) for y in range(0, card.HEIGHT, 5) if image.getpixel((x, y)) == (0, 255, 0)]
    width, height = (max(p[axis] for p in green) - min(p[axis] for p in green) for axis in (0, 1))
    assert width / height == pytest.approx(680 / 300, rel=0.05)
    assert min(p[1] for p in green) > card.HEIGHT / 3, "below the title"


def test_a_page_without_a_chart_gives_a_card_of_the_title(tmp_path):
    image = _drawn(tmp_path, "")
    dark = [x for x in range(0, card.WIDTH, 2) if image.getpixel((x, 85)) < (128, 128, 128)]
    assert max(dark) - min(dark) > card.WIDTH / 2, "the title's letters, Chinese included, are drawn"
