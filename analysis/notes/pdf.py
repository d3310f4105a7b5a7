"""A note as a PDF, set by Typst with fonts that packages carry: no LaTeX, no browser, no font of the machine."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import count
from typing import Any

import pylopdf_fonts_zh_cn
import typst
import vl_convert

from analysis import paths
from analysis.figures import render
from analysis.languages.words import Words, letters
from analysis.notes.blocks import Block, Note, Table, Text
from analysis.notes.house import Imprint

#: Letters of charts. Those of the text are Typst's own and, for Chinese, the package's.
CHART_FONT = "Noto Sans SC"
_TEMPLATE = paths.ANALYSIS / "notes" / "note.typ"
_LANGUAGES = {"en": ("en", "US"), "zh": ("zh", "CN")}
#: A column of a table is at least and at most so many letters wide when the page is shared out.
_NARROWEST, _WIDEST = 8, 40


def pdf(note: Note) -> bytes:
    """Return the note as the bytes of a PDF with tagged content and vector graphics."""
    _register()
    words, house, number = Words(note.request.language), note.request.house, count(1)
    language, region = _LANGUAGES[note.request.language]
    day = date.fromisoformat(note.request.date) if note.request.date else None
    data = {
        "title": note.request.title,
        "author": note.request.author or [],
        "date": [day.year, day.month, day.day] if day else None,
        "lang": language,
        "region": region,
        "fonts": _families(house, note.request.language),
        "house": {
            "name": house.name,
            "address": house.address,
            "head": house.running_head,
            "footer": house.footer,
            "logo": None if house.logo is None else {"bytes": list(house.logo.content), "format": house.logo.kind},
            "text": house.colours.text,
            "soft": house.colours.soft,
            "accent": house.colours.accent,
            "ground": house.colours.ground,
        },
        "facts": note.facts,
        "box": {"title": words("key_data"), "rows": note.thesis.key_data},
        "sections": [
            {"title": section.title, "blocks": [_block(block, words, house, number) for block in section.blocks]}
            for section in note.sections
        ],
    }
    return typst.compile(
        _TEMPLATE,
        format="pdf",
        font_paths=[_fonts()],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"note": json.dumps(data, ensure_ascii=False)},
    )


def _families(house: Imprint, language: str) -> list[str | dict[str, str]]:
    """Return the fonts of the text, the first that has a letter; in Chinese, Latin letters alone come from the first."""
    latin: str | dict[str, str] = {"name": house.fonts.text, "covers": "latin-in-cjk"} if language == "zh" else house.fonts.text
    return [latin, house.fonts.chinese]


def _fonts() -> str:
    return str(pylopdf_fonts_zh_cn.sans_path().parent)


@cache
def _register() -> None:
    """Have charts measured with the letters that they are set in."""
    vl_convert.register_font_directory(_fonts())


def _block(block: Block, words: Words, house: Imprint, number: Iterator[int]) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": "text", "text": block.text}
    if isinstance(block, Table):
        frame = block.frame.astype(str)
        longest = [max(map(letters, [column, *frame[column]])) for column in frame]
        return {
            "kind": "table",
            "caption": block.caption,
            "head": list(frame.columns),
            "rows": frame.to_numpy().tolist(),
            "numeric": [render.is_numeric(frame[column]) for column in frame],
            "widths": [min(max(width, _NARROWEST), _WIDEST) for width in longest],
        }
    title, subtitle, svg, description, source = render.drawn(block.chart, CHART_FONT, house.colours.palette())
    label = words("figure_label", number=next(number))
    return {
        "kind": "chart", "title": f"{label} {title}", "subtitle": subtitle, "svg": svg, "description": description,
        "source": words("source", text=source),
    }  # fmt: skip
