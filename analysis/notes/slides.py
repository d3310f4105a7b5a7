"""A note as slides: what it says first, a chart a slide that can be edited, and what has to stand at its end."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from math import ceil, floor, isfinite, log10

import numpy as np
from lxml import etree
from pptx import Presentation
from pptx.chart.axis import _BaseAxis as BaseAxis
from pptx.chart.chart import Chart as Drawn
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Emu, Inches, Pt

from analysis.languages.words import Words, letters
from analysis.notes.house import Imprint
from analysis.notes.thesis import Figure, Finding, Thesis

_WIDTH, _HEIGHT, _MARGIN = Inches(13.333), Inches(7.5), Inches(0.6)
_WITHIN = Emu(_WIDTH - 2 * _MARGIN)
_TITLE_ONLY = 5  # of the library's own template
#: What a file without a date is dated: the first day that a zip can name.
_UNDATED = datetime(1980, 1, 1)
_MOST_ROWS = 11
_FORMAT, _GRID = "#,##0", "#d9dde3"
#: Letters of a paragraph up to which it is set in so many points; longer ones are set smaller.
_SIZES = ((420, 18), (800, 15), (1500, 12), (3200, 10))
_SMALLEST = 8


def slides(thesis: Thesis, house: Imprint) -> bytes:
    """Return a note as the bytes of a presentation in a house's look. The same note gives the same bytes."""
    words = Words(thesis.language)
    made = Presentation()
    made.slide_width, made.slide_height = _WIDTH, _HEIGHT
    _first(_slide(made, thesis.title, house), thesis, house, words)
    for number, finding in enumerate(thesis.findings, 1):
        _finding(made, finding, number, house, words)
    _last(_slide(made, words("disclosures"), house), house, words)
    foot = {"top": Emu(_HEIGHT - Inches(0.45)), "height": Inches(0.3), "points": 9, "colour": house.colours.soft}
    line = " · ".join(filter(None, (house.footer, thesis.title)))
    for number, slide in enumerate(made.slides, 1):
        _text(slide, [line], house, width=Emu(_WITHIN - Inches(1.2)), **foot)
        count = words("slide_number", number=number, count=len(made.slides))
        _text(slide, [count], house, width=Inches(1.1), left=Emu(_WIDTH - Inches(1.5)), **foot)
    day = datetime.fromisoformat(thesis.date) if thesis.date else _UNDATED
    about = made.core_properties
    about.title, about.author, about.language = thesis.title, thesis.author, thesis.language
    about.last_modified_by, about.revision = thesis.author, 1
    about.created = about.modified = day
    written = io.BytesIO()
    made.save(written)
    return _repeatable(written.getvalue(), day)


def _slide(made: Presentation, title: str, house: Imprint) -> Slide:
    """Return a new slide with its title, the house's bar above it and its logo."""
    slide = made.slides.add_slide(made.slide_layouts[_TITLE_ONLY])
    bar = slide.shapes.add_shape(1, 0, 0, _WIDTH, Inches(0.12))
    bar.fill.solid()
    bar.fill.fore_color.rgb = _rgb(house.colours.accent)
    bar.line.fill.background()
    bar.name = "Bar"
    high = Inches(0.5)
    wide = Emu(int(high * house.logo.aspect)) if house.logo else Emu(0)
    if house.logo:
        picture = slide.shapes.add_picture(
            io.BytesIO(house.logo.png), Emu(_WIDTH - _MARGIN - wide), Inches(0.35), width=wide, height=high
        )
        picture._element.nvPicPr.cNvPr.set("descr", house.name)
    holder = slide.shapes.title
    holder.left, holder.top, holder.width, holder.height = _MARGIN, Inches(0.3), Emu(_WITHIN - wide - Inches(0.3)), Inches(0.95)
    _fill(holder.text_frame, [title], house, 26 if letters(title) <= 90 else 20, house.colours.accent, bold=True)
    holder.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    return slide


def _first(slide: Slide, thesis: Thesis, house: Imprint, words: Words) -> None:
    _text(slide, [_named(thesis, house, words)], house, Inches(1.3), Inches(0.6), 13, house.colours.soft)
    half = Emu(int(_WITHIN * 0.5))
    _text(slide, thesis.message, house, Inches(2.1), Inches(4.8), _size(thesis.message), house.colours.text, half)
    if not thesis.key_data:
        return
    left = Emu(_MARGIN + half + Inches(0.4))
    width = Emu(_WIDTH - _MARGIN - left)
    _text(slide, [words("key_data")], house, Inches(2.1), Inches(0.4), 14, house.colours.accent, width, left)
    rows = thesis.key_data[:_MOST_ROWS]
    shape = slide.shapes.add_table(len(rows), 2, left, Inches(2.55), width, Inches(0.36 * len(rows)))
    shape.table.first_row = shape.table.horz_banding = False
    for y, cells in enumerate(rows):
        for x, cell in enumerate(cells):
            at = shape.table.cell(y, x)
            at.fill.solid()
            at.fill.fore_color.rgb = _rgb(house.colours.ground)
            _fill(at.text_frame, [cell], house, 12, house.colours.soft if x == 0 else house.colours.text)


def _named(thesis: Thesis, house: Imprint, words: Words) -> str:
    """Return in one line whose note it is, and of which day."""
    signed = [signature.line(words) for signature in house.signatures] or [thesis.author]
    return " · ".join(filter(None, (house.name, house.running_head, *signed, thesis.date)))


def _finding(made: Presentation, finding: Finding, number: int, house: Imprint, words: Words) -> None:
    figure = finding.figure
    slide = _slide(made, finding.sentence, house)
    _text(slide, [figure.title], house, Inches(1.35), Inches(0.4), 14, house.colours.text)
    is_line = figure.shape == "line"
    kind = XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS if is_line else XL_CHART_TYPE.BAR_CLUSTERED
    frame = slide.shapes.add_chart(kind, _MARGIN, Inches(1.8), _WITHIN, Inches(4.65), _data(figure))
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{figure.title}. {finding.sentence}")
    _look(frame.chart, figure, house)
    source = f"{words('figure_number', number=number)}  {words('source', text=figure.source)}"
    _text(slide, [source], house, Inches(6.5), Inches(0.5), 10, house.colours.soft)


def _series(figure: Figure) -> list[str]:
    """Return the columns that are series, the lower end first and the upper last."""
    return [*figure.ends[:1], figure.value, *figure.ends[1:]]


def _data(figure: Figure) -> CategoryChartData | XyChartData:
    """Return the figure's data, which the file keeps in a sheet; an end out of reach is left out."""
    if figure.shape == "line":
        points = XyChartData(number_format=_FORMAT)
        for column in _series(figure):
            added = points.add_series(figure.labels[column])
            for x, y in figure.data[[figure.category, column]].astype(float).itertuples(index=False):
                if isfinite(y):
                    added.add_data_point(x, y)
        return points
    data = CategoryChartData(number_format="0%" if figure.shape == "bars" else _FORMAT)
    data.categories = [str(name) for name in figure.data[figure.category]]
    for column in _series(figure):
        values = figure.data[column].astype(float)
        data.add_series(figure.labels[column], [value if isfinite(value) else None for value in values])
    return data


def _look(chart: Drawn, figure: Figure, house: Imprint) -> None:
    """Give a chart the house's colours and letters, its axes their titles and scales."""
    chart.font.size, chart.font.name = Pt(12), house.fonts.text
    chart.font.color.rgb = _rgb(house.colours.text)
    _name_fonts(chart.font._rPr, house)
    chart.has_title = False
    chart.has_legend = len(_series(figure)) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    value, category = chart.value_axis, chart.category_axis
    for place, series in enumerate(chart.plots[0].series):
        colour = _rgb(house.colours.series[place % len(house.colours.series)])
        if figure.shape == "line":
            series.smooth = False
            series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = colour
    value.major_gridlines.format.line.color.rgb = _rgb(_GRID)
    _title(value, figure.labels[figure.value])
    if figure.shape == "line":
        _title(category, figure.labels[figure.category])
        _logarithmic(category)
    else:
        chart.plots[0].gap_width = 60
        chart.plots[0].has_data_labels = True
        chart.plots[0].data_labels.number_format = "0%" if figure.shape == "bars" else _FORMAT
        chart.plots[0].data_labels.number_format_is_linked = False
        category.reverse_order = True  # the first row stands above
        category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        value.tick_labels.number_format = chart.plots[0].data_labels.number_format
        value.tick_labels.number_format_is_linked = False
        value.tick_label_position = XL_TICK_LABEL_POSITION.HIGH  # below, as the rows are turned round
    if figure.shape != "bars":
        _logarithmic(value)
        drawn = figure.data[[figure.value, *figure.ends]].to_numpy(float)
        value.minimum_scale = 10.0 ** floor(log10(drawn[np.isfinite(drawn) & (drawn > 0)].min()))
    else:
        value.minimum_scale = 0


def _title(axis: BaseAxis, text: str) -> None:
    axis.has_title = True
    axis.axis_title.text_frame.text = text
    axis.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False


def _logarithmic(axis: BaseAxis) -> None:
    scaling = axis._element.find(qn("c:scaling"))
    base = etree.Element(qn("c:logBase"))
    base.set("val", "10")
    scaling.insert(0, base)


def _last(slide: Slide, house: Imprint, words: Words) -> None:
    closing = [f"{words(name)}{words('colon')}{text}" for name, text in house.closing] or [words("disclaimer_text")]
    closing += [line for line in (house.address,) if line]
    _text(slide, closing, house, Inches(1.4), Inches(5.4), _size(closing), house.colours.text)


def _size(paragraphs: Sequence[str]) -> int:
    length = sum(map(letters, paragraphs))
    return next((points for most, points in _SIZES if length <= most), _SMALLEST)


def _text(
    slide: Slide, paragraphs: Sequence[str], house: Imprint, top: int, height: int, points: int, colour: str,
    width: int = _WITHIN, left: int = _MARGIN,
) -> None:  # fmt: skip
    box = slide.shapes.add_textbox(left, top, width, height)
    _fill(box.text_frame, paragraphs, house, points, colour)


def _fill(frame: TextFrame, paragraphs: Sequence[str], house: Imprint, points: int, colour: str, *, bold: bool = False) -> None:
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = Inches(0.05)
    for number, text in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(ceil(points * 0.5))
        paragraph.alignment = 1
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(points), bold, house.fonts.text
        run.font.color.rgb = _rgb(colour)
        _name_fonts(run.font._rPr, house)


def _name_fonts(properties: etree._Element, house: Imprint) -> None:
    """Name the font of Chinese characters beside that of letters."""
    latin = properties.find(qn("a:latin"))
    if properties.find(qn("a:ea")) is None and latin is not None:
        east = etree.Element(qn("a:ea"))
        east.set("typeface", house.fonts.chinese)
        latin.addnext(east)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.removeprefix("#").upper())


def _repeatable(content: bytes, day: datetime) -> bytes:
    """Return an Office file, and the workbooks in it, dated `day`, whenever it was written."""
    made = io.BytesIO()
    stamp = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name.endswith(".xlsx"):
                part = _repeatable(part, day)
            elif name == "docProps/core.xml":
                part = stamp.sub(rb"\g<1>" + day.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), part)
            entry = zipfile.ZipInfo(name, date_time=day.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, part)
    return made.getvalue()
