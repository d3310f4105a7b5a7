"""A note as one HTML file: no script, nothing beside it, nothing from outside."""

import html

from analysis.figures import render
from analysis.languages.words import Words
from analysis.notes.blocks import Block, Chart, Note, Table, Text
from analysis.report import page as pages


def page(note: Note) -> str:
    """Return the note as HTML. Whatever a person wrote into the scenario or the title stays text."""
    words = Words(note.request.language)
    head = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in note.facts)
    body = [f'<dl class="facts">{head}</dl>']
    for section in note.sections:
        body.append(f"<h2>{html.escape(section.title)}</h2>")
        body += [_block(block, words) for block in section.blocks]
    return pages.page(note.request.title, "\n".join(body), language=_LANGUAGES[note.request.language])


_LANGUAGES = {"en": "en", "zh": "zh-CN"}


def _block(block: Block, words: Words) -> str:
    if isinstance(block, Text):
        return f"<p>{html.escape(block.text)}</p>"
    if isinstance(block, Table):
        caption = f'<p class="soft">{html.escape(block.caption)}</p>'
        return caption + pages.scrolling(render.table(block.frame), block.caption)
    assert isinstance(block, Chart)
    return render.picture(block.chart, source=words("source", text="{text}"))
