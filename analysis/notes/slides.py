"""A note as slides: what it says first, a chart a slide that can be edited, and what has to stand at its end."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from math import ceil

from lxml import etree
from pptx import Presentation
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
from analysis.notes import native
from analysis.notes.blocks import Chart, Note, Table
from analysis.notes.house import Imprint
from analysis.notes.native import Plot

_WIDTH, _HEIGHT, _MARGIN = Inches(13.333), Inches(7.5), Inches(0.6)
_WITHIN = Emu(_WIDTH - 2 * _MARGIN)
_TITLE_ONLY = 5  # of the library's own template
#: What a file without a date is dated: the first day that a zip can name.
_UNDATED = datetime(1980, 1, 1)
_MOST_ROWS, _MOST_COLUMNS = 9, 3
#: Letters of a paragraph up to which it is set in so many points; longer ones are set smaller.
_SIZES = ((420, 18), (800, 15), (1500, 12), (3200, 10))
_SMALLEST = 8


def slides(note: Note) -> bytes:
    """Return the note as the bytes of a presentation. The same note gives the same bytes."""
    words, house = Words(note.request.language), note.request.house
    made = Presentation()
    made.slide_width, made.slide_height = _WIDTH, _HEIGHT
    charts = [block for section in note.sections for block in section.blocks if isinstance(block, Chart)]
    _first(_slide(made, note.request.title, house), note, words)
    for number, block in enumerate(charts, 1):
        _finding(made, block, number, house, words)
    _last(_slide(made, words("disclosures"), house), note, words)
    for number, slide in enumerate(made.slides, 1):
        line = " · ".join(filter(None, (house.footer, note.request.title)))
        _text(slide, [line], house, Emu(_HEIGHT - Inches(0.45)), Inches(0.3), 9, house.colours.soft, Emu(_WITHIN - Inches(1.2)))
        count = [words("slide_number", number=number, count=len(made.slides))]
        _text(
            slide,
            count,
            house,
            Emu(_HEIGHT - Inches(0.45)),
            Inches(0.3),
            9,
            house.colours.soft,
            Inches(1.1),
            left=_WIDTH - Inches(1.5),
        )
    about = made.core_properties
    about.title, about.author, about.language = note.request.title, note.request.author, note.request.language
    about.last_modified_by, about.revision = note.request.author, 1
    about.created = about.modified = _day(note)
    written = io.BytesIO()
    made.save(written)
    return _repeatable(written.getvalue(), _day(note))


def _day(note: Note) -> datetime:
    return datetime.fromisoformat(note.request.date) if note.request.date else _UNDATED


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


def _first(slide: Slide, note: Note, words: Words) -> None:
    house = note.request.house
    _text(slide, list(_named(note, words)), house, Inches(1.3), Inches(0.4), 13, house.colours.soft)
    half = Emu(int(_WITHIN * 0.46))
    _text(slide, list(note.summary), house, Inches(1.85), Inches(5.0), _size(note.summary), house.colours.text, half)
    table = next((block for section in note.sections for block in section.blocks if isinstance(block, Table)), None)
    if table is None:
        return
    columns = list(table.frame.columns)[:_MOST_COLUMNS]
    rows = table.frame[columns].astype(str).head(_MOST_ROWS).to_numpy().tolist()
    left = Emu(_MARGIN + half + Inches(0.4))
    _text(
        slide,
        [words("key_data")],
        house,
        Inches(1.85),
        Inches(0.4),
        14,
        house.colours.accent,
        Emu(_WIDTH - _MARGIN - left),
        left=left,
    )
    drawn = slide.shapes.add_table(
        len(rows) + 1, len(columns), left, Inches(2.3), Emu(_WIDTH - _MARGIN - left), Inches(0.36 * (len(rows) + 1))
    ).table
    for y, cells in enumerate([columns, *rows]):
        for x, cell in enumerate(cells):
            at = drawn.cell(y, x)
            at.fill.solid()
            at.fill.fore_color.rgb = _rgb(house.colours.accent if y == 0 else house.colours.ground)
            colour = house.colours.ground if y == 0 else house.colours.text
            _fill(at.text_frame, [cell], house, 12, colour, bold=y == 0)


def _named(note: Note, words: Words) -> Iterator[str]:
    house, asked = note.request.house, note.request
    signed = [
        ", ".join(filter(None, (by.name, by.title, by.certificate and words("certificate", number=by.certificate), by.contact)))
        for by in house.signatures
    ]
    yield " · ".join(filter(None, (house.name, house.running_head, *(signed or [asked.author]), asked.date)))


def _finding(made: Presentation, block: Chart, number: int, house: Imprint, words: Words) -> None:
    spec = block.chart.to_dict()
    meta = spec["usermeta"]
    slide = _slide(made, spec["title"], house)
    if meta.get("subtitle"):
        _text(slide, [meta["subtitle"]], house, Inches(1.3), Inches(0.6), 15, house.colours.text)
    plot = native.plot(block.chart, words)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED if plot.is_bars else XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
        _MARGIN, Inches(2.0), _WITHIN, Inches(4.45), _data(plot),
    )  # fmt: skip
    frame._element.nvGraphicFramePr.cNvPr.set("descr", meta["description"])
    _look(frame.chart, plot, house)
    source = f"{words('figure_number', number=number)}  {words('source', text=meta['source'])}"
    _text(slide, [source], house, Inches(6.5), Inches(0.5), 10, house.colours.soft)


def _data(plot: Plot) -> CategoryChartData | XyChartData:
    if plot.is_bars:
        data = CategoryChartData(number_format="#,##0.##")
        data.categories = list(plot.at)
        for series in plot.series:
            data.add_series(series.name, series.values)
        return data
    points = XyChartData(number_format="#,##0.##")
    for series in plot.series:
        added = points.add_series(series.name)
        for x, y in zip(plot.at, series.values, strict=True):
            if y is not None:
                added.add_data_point(x, y)
    return points


def _look(chart: Drawn, plot: Plot, house: Imprint) -> None:
    """Give a chart the house's colours and letters, its axes their titles and scales."""
    chart.font.size, chart.font.name = Pt(12), house.fonts.text
    chart.font.color.rgb = _rgb(house.colours.text)
    _name_fonts(chart.font._rPr, house)
    chart.has_title = False
    chart.has_legend = len(plot.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    for place, series in enumerate(chart.plots[0].series):
        colour = _rgb(house.colours.series[place % len(house.colours.series)])
        if plot.is_bars:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = colour
        else:
            series.smooth = False
            series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
    if plot.is_bars:
        chart.plots[0].gap_width = 60
        chart.category_axis.reverse_order = True  # the first row stands above
        chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        if not plot.is_log:  # of a logarithm there is no zero to begin at, so that PowerPoint draws labels badly
            chart.plots[0].has_data_labels = len(plot.series) == 1
    for axis, title, is_log in ((chart.value_axis, plot.axis, plot.is_log), (chart.category_axis, plot.along, plot.is_along_log)):
        if title:
            axis.has_title = True
            axis.axis_title.text_frame.text = title
        if is_log:
            scaling = axis._element.find(qn("c:scaling"))
            base = etree.SubElement(scaling, qn("c:logBase"))
            base.set("val", "10")
            scaling.insert(0, base)
    chart.value_axis.has_major_gridlines = True
    chart.value_axis.major_gridlines.format.line.color.rgb = RGBColor(0xD9, 0xDD, 0xE3)
    if plot.is_bars:
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH  # below, as the rows are turned round


def _last(slide: Slide, note: Note, words: Words) -> None:
    house = note.request.house
    closing = [f"{words(name)}{words('colon')}{text}" for name, text in house.closing] or [words("disclaimer_text")]
    closing += [line for line in (house.address,) if line]
    _text(slide, closing, house, Inches(1.4), Inches(5.4), _size(closing), house.colours.text)


def _size(paragraphs: tuple[str, ...] | list[str]) -> int:
    length = sum(map(letters, paragraphs))
    return next((points for most, points in _SIZES if length <= most), _SMALLEST)


def _text(
    slide: Slide, paragraphs: list[str], house: Imprint, top: int, height: int, points: int, colour: str,
    width: int = _WITHIN, left: int = _MARGIN,
) -> None:  # fmt: skip
    box = slide.shapes.add_textbox(left, top, width, height)
    _fill(box.text_frame, paragraphs, house, points, colour)


def _fill(frame: TextFrame, paragraphs: list[str], house: Imprint, points: int, colour: str, *, bold: bool = False) -> None:
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
