"""Slides, read back with the library that others open them with."""

import io
import re
import zipfile
from math import inf

import altair as alt
import pandas as pd
import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from analysis.notes import house
from analysis.notes.slides import slides
from analysis.notes.thesis import Figure, Finding, Number, Thesis
from analysis.plan.interval import Interval
from tests.notes.cases import HOSTILE

NAMES = {"en": ("Expected", "Low", "High"), "zh": ("预计", "低", "高")}


def figure(shape: str, language: str = "en") -> Figure:
    names = dict(zip(("expected", "low", "high"), NAMES[language], strict=True))
    ends = () if shape == "bars" else ("low", "high")
    rows = {
        "bars": {"at": ["Matrix products", "Links"], "expected": [0.75, 0.25]},
        "intervals": {"at": ["H100 SXM5", "H20"], "expected": [1100.0, 4000.0], "low": [900.0, 3000.0], "high": [1500.0, inf]},
        "line": {"at": [256, 512], "expected": [60.0, 31.0], "low": [50.0, 25.0], "high": [80.0, 42.0]},
    }[shape]
    labels = {"at": "Accelerators" if shape == "line" else "Part", **names}
    chart = alt.Chart(pd.DataFrame(rows)).mark_bar()
    return Figure(f"Title of {shape}", chart, pd.DataFrame(rows), shape, "at", "expected", ends, labels, "a plan & <b>others</b>")


def thesis(language: str = "en", title: str = "What a run costs", **changed) -> Thesis:
    sentence = {"en": "A run takes 1,100 chips.", "zh": "训练需要1,100颗芯片。"}[language]
    findings = tuple(
        Finding("training", f"{sentence} ({shape})", Number(Interval(1.0, 2.0, 3.0), "2"), figure(shape, language))
        for shape in ("intervals", "bars", "line")
    )
    values = {"kind": "run", "language": language, "title": title, "author": "A. Nalyst", "date": "2026-11-24",
              "message": ("It costs $3 million.", "It takes 30 days."), "key_data": (("Chips", "1,100 (900 – 1,500)"),),
              "findings": findings, "rests_on": (), "risks": ()}  # fmt: skip
    return Thesis(**values | changed)


def texts(slide) -> str:
    cells = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join([shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] + cells)


def opened(content: bytes):
    return Presentation(io.BytesIO(content))


def test_each_finding_is_a_slide_with_its_sentence_its_native_chart_and_its_source():
    asked = thesis()
    made = opened(slides(asked, house.imprint("sell-side", "en")))
    first, *findings, last = made.slides
    assert len(findings) == len(asked.findings)
    assert first.shapes.title.text_frame.text == asked.title
    for text in (
        *asked.message,
        "Chips",
        "1,100 (900 – 1,500)",
        "Key data",
        "Example Securities",
        "S0000000000000",
        "2026-11-24",
    ):
        assert text in texts(first)
    for number, (slide, finding) in enumerate(zip(findings, asked.findings, strict=True), 1):
        assert slide.shapes.title.text_frame.text == finding.sentence
        assert f"Figure {number}  Source: a plan & <b>others</b>" in texts(slide)
        (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
        drawn = finding.figure
        for series, column in zip(chart.plots[0].series, [*drawn.ends[:1], drawn.value, *drawn.ends[1:]], strict=True):
            expected = [value for value in drawn.data[column] if value != inf]
            assert [value for value in series.values if value is not None] == expected
            assert series.name == drawn.labels[column]
        sheet = pd.read_excel(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob), header=None)
        assert {drawn.labels[column] for column in drawn.columns[1:]} <= set(sheet.astype(str).to_numpy().flatten())
    for heading in ("Analyst certification", "Conflicts of interest", "Disclosures", "Disclaimer"):
        assert heading in texts(last)


def test_every_slide_has_the_houses_logo_colour_and_footer_and_its_number():
    made = opened(slides(thesis(), house.imprint("sell-side", "en")))
    count = len(made.slides)
    for number, slide in enumerate(made.slides, 1):
        assert [shape.shape_type for shape in slide.shapes].count(MSO_SHAPE_TYPE.PICTURE) == 1
        bar = next(shape for shape in slide.shapes if shape.name == "Bar")
        assert str(bar.fill.fore_color.rgb) == "0B3A75"
        assert "Please read the disclosures" in texts(slide) and f"{number} of {count}" in texts(slide)
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= made.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= made.slide_height


def test_without_a_house_slides_are_plain_and_end_with_the_reports_disclaimer():
    made = opened(slides(thesis(), house.imprint(None, "en")))
    assert not [shape for slide in made.slides for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE]
    assert "no investment advice" in texts(made.slides[len(made.slides) - 1])


@pytest.mark.parametrize(("language", "name"), [("en", "sell-side"), ("zh", "laboratory")])
def test_the_same_note_gives_the_same_bytes_and_no_part_is_dated_by_the_clock(language, name, monkeypatch):
    asked, by = thesis(language), house.imprint(name, language, "Example Analyst")
    made = slides(asked, by)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 0, 0, 0, 0, 0, 0))
    assert slides(asked, by) == made
    with zipfile.ZipFile(io.BytesIO(made)) as outer:
        assert {entry.date_time for entry in outer.infolist()} == {(2026, 11, 24, 0, 0, 0)}
        for name in outer.namelist():
            if name.endswith(".xlsx"):
                with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                    core = inner.read("docProps/core.xml").decode()
                    assert set(re.findall(r"W3CDTF\">([^<]*)", core)) == {"2026-11-24T00:00:00Z"}
    assert opened(made).core_properties.title == asked.title


def test_chinese_slides_name_a_chinese_font_wherever_there_is_text():
    made = slides(thesis("zh", "训练成本"), house.imprint("laboratory", "zh", "某人"))
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        for name in parts.namelist():
            if re.fullmatch(r"ppt/(slides/slide|charts/chart)\d+\.xml", name):
                text = parts.read(name).decode()
                assert '<a:ea typeface="Noto Sans SC"/>' in text
                for run in re.findall(r"<a:r>.*?</a:r>", text, re.S):
                    assert "slides" not in name or "<a:ea typeface" in run, run
    assert "图1  资料来源" in texts(opened(made).slides[1])


def test_markup_stays_text():
    asked = thesis(title=HOSTILE, message=(HOSTILE,), key_data=((HOSTILE, HOSTILE),), author=HOSTILE)
    made = opened(slides(asked, house.imprint(None, "en")))
    assert made.slides[0].shapes.title.text_frame.text == HOSTILE
    assert texts(made.slides[0]).count(HOSTILE) >= 4
    assert made.core_properties.title == HOSTILE
