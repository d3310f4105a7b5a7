"""A note as one HTML file: no script, nothing beside it, nothing from outside."""

import base64
import html
from collections.abc import Iterator
from itertools import count

from analysis.figures import render, theme
from analysis.languages.words import Words
from analysis.notes import colours
from analysis.notes.blocks import Block, Chart, Note, Table, Text
from analysis.notes.house import Imprint
from analysis.report import page as pages


def page(note: Note) -> str:
    """Return the note as HTML. Whatever a person wrote into the scenario, the title or the house stays text."""
    words, house = Words(note.request.language), note.request.house
    head = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in note.facts)
    body, number = [f'<dl class="facts">{head}</dl>'], count(1)
    for place, section in enumerate(note.sections):
        body.append(f"<h2>{html.escape(section.title)}</h2>")
        told = "".join(_block(block, words, house, number) for block in section.blocks)
        body.append(f'<div class="opening"><div>{told}</div>{_box(note, words)}</div>' if place == 0 else told)
    foot = " · ".join(map(html.escape, filter(None, (house.address, house.footer))))
    body += [f'<p class="soft foot">{foot}</p>'] if foot else []
    language = _LANGUAGES[note.request.language]
    return pages.page(note.request.title, "\n".join(body), language, _style(house), _head(house))


_LANGUAGES = {"en": "en", "zh": "zh-CN"}


def _head(house: Imprint) -> str:
    """Return the band above a note: the house's logo, name and running head; nothing of a house without any."""
    logo = ""
    if house.logo is not None:
        content = base64.b64encode(house.logo.content).decode()
        logo = f'<img src="data:{house.logo.media};base64,{content}" alt="" width="{house.logo.aspect * 40:.0f}" height="40">'
    named = "".join(f"<span>{html.escape(text)}</span>" for text in (house.name, house.running_head) if text)
    return f'<header class="house">{logo}{named}</header>' if logo or named else ""


def _box(note: Note, words: Words) -> str:
    """Return the box of key data, beside the summary where the page is wide enough."""
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in note.thesis.key_data)
    label = html.escape(words("key_data"))
    return f'<aside class="key-data" aria-label="{label}"><p>{label}</p><dl>{rows}</dl></aside>'


def _style(house: Imprint) -> str:
    """Return the house's colours and fonts as CSS; on a dark ground its accent is mixed with white until it can be read."""
    look, family = house.colours, f'"{house.fonts.text}", "{house.fonts.chinese}"'
    accent = colours.readable(look.accent, theme.DARK_GROUND, colours.TEXT)
    return f"""
:root {{ --ink: {look.text}; --soft: {look.soft}; --ground: {look.ground}; --accent: {look.accent}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e6e8ec; --soft: #a9b2c0; --ground: {theme.DARK_GROUND}; --accent: {accent}; }}
}}
h1, h2 {{ color: var(--accent); }}
body {{ font-family: {family}, system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", serif; }}
header.house {{ border-top: 6px solid var(--accent); max-width: 46rem; margin: 0 auto; padding: 1rem 1rem 0;
  display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; align-items: center; color: var(--soft); }}
header.house img {{ background: {look.ground}; padding: 4px; }}
header.house span:first-of-type {{ font-weight: 600; color: var(--ink); }}
.key-data {{ border: 1px solid var(--line); border-top: 3px solid var(--accent); padding: 0.6rem 0.9rem; font-size: 0.85rem; }}
.key-data p {{ margin: 0 0 0.4rem; font-weight: 600; color: var(--accent); }}
.key-data dl {{ margin: 0; }} .key-data dt {{ color: var(--soft); }} .key-data dd {{ margin: 0 0 0.4rem; }}
.opening > div > :first-child {{ margin-top: 0; }}
@media (min-width: 44rem) {{ .opening {{ display: grid; grid-template-columns: 1fr 15rem; gap: 1.6rem; align-items: start; }} }}
.foot {{ border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 0.6rem; }}
"""


def _block(block: Block, words: Words, house: Imprint, number: Iterator[int]) -> str:
    if isinstance(block, Text):
        return f"<p>{html.escape(block.text)}</p>"
    if isinstance(block, Table):
        caption = f'<p class="soft">{html.escape(block.caption)}</p>'
        return caption + pages.scrolling(render.table(block.frame), block.caption)
    assert isinstance(block, Chart)
    label = words("figure_label", number=next(number))
    return render.picture(block.chart, words("source", text="{text}"), label, house.colours.palette())
