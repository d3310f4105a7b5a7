"""Every chart on a phone, in a real browser: no two labels of its axes touch."""

import pytest
import vl_convert

from analysis.figures import render, theme
from analysis.figures.diagram import PHONE_WIDTH
from tests.figures.charts import CHARTS, drawn

APART = 4  # px, side by side
WITHIN = 3  # px of the space above and below letters that two boxes may share

#: Pairs of labels of axes that are closer than they may be; those at a slant run beside each other. A box of text has
#: some px of space above and below its letters.
CROWDED = """([apart, within]) => [...document.querySelectorAll('svg')].flatMap(svg => {
  const labels = [...svg.querySelectorAll('.role-axis-label text')].filter(text => text.textContent.trim()
    && getComputedStyle(text).opacity !== '0' && !/rotate\\((?!0\\b)/.test(text.getAttribute('transform')));
  const boxes = labels.map(text => text.getBoundingClientRect());
  return boxes.flatMap((one, i) => boxes.slice(i + 1).flatMap((other, k) => {
    const across = Math.max(one.left, other.left) - Math.min(one.right, other.right);
    const down = Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom);
    return across < apart && down < -within ? [labels[i].textContent + ' | ' + labels[i + 1 + k].textContent] : [];
  }));
})"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    yield page
    page.close()


def _drawn(chart) -> str:
    spec = {key: value for key, value in chart.to_dict().items() if key not in ("config", "title", "usermeta")}
    return vl_convert.vegalite_to_svg(
        {**spec, "width": PHONE_WIDTH, "config": theme.config(dark=False)}, vl_version=render.VEGALITE
    )


def test_the_check_finds_labels_that_touch(page):
    labels = '<text x="10" y="20">1,000</text><text x="{}" y="20">2,000</text>'
    for second, found in ((30, ["1,000 | 2,000"]), (90, [])):
        page.set_content(f'<svg><g class="role-axis-label">{labels.format(second)}</g></svg>')
        assert page.evaluate(CROWDED, [APART, WITHIN]) == found


@pytest.mark.parametrize("name", CHARTS)
def test_labels_of_axes_are_apart_on_a_phone(page, name):
    page.set_content(_drawn(drawn(name)))
    assert page.evaluate(CROWDED, [APART, WITHIN]) == []
