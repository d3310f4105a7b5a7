"""Results in the language in which the book is built: their texts by the catalogues of `book/locale`, charts drawn anew.

A text that its catalogue does not have stays as it is; `python -m publishing.catalogues` lists these.
"""

import html
import json
import re
from collections import ChainMap
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from analysis import paths
from analysis.figures import render, words_in
from analysis.languages import pages, templates

_FOLDER = paths.ROOT / "book" / "locale"
_LINE = re.compile(r'<p class="vega-(title|subtitle|source)">(.*?)</p>', re.DOTALL)
_ALTERNATIVE = re.compile(r'<div class="vega-host"><img alt="([^"]*)"')
_SPECIFICATION = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def is_source(config) -> bool:
    """Say whether the book is built in the language in which it is written."""
    return config.language == "en"


@cache
def _catalogue(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id and message.string}


def _of(config, notebook: str) -> Mapping[str, str]:
    folder = _FOLDER / config.language / "LC_MESSAGES" / "results"
    return ChainMap(_catalogue(folder / f"{notebook}.po"), _catalogue(folder / "shared.po"))


def text(config, notebook: str, value: str) -> str:
    """Return a text that `notebook` publishes in the language of the book, line by line."""
    if is_source(config):
        return value
    catalogue = _of(config, notebook)
    lines = (templates.translated(line, catalogue) for line in value.split("\n"))
    return "\n".join(line if new is None else new for line, new in zip(value.split("\n"), lines, strict=True))


def chart(config, notebook: str, drawn: str) -> str:
    """Return a chart, given as the notebook's HTML, in the language of the book: the same data and marks in other words.

    One that has a text without a translation stays as it is, as a whole: its controls and its data have to say the same.
    """
    if is_source(config):
        return drawn
    spec, about = parts(drawn)
    catalogue = _of(config, notebook)
    texts = {value: templates.translated(value, catalogue) for value in (*words_in.words(spec), *about.values())}
    if None in texts.values():
        return drawn

    def say(value: str) -> str:
        return texts.get(value) or value

    said = {name: say(value) for name, value in about.items()}
    source = pages.of_locale(config.language)("source of a chart", source=said["source"])
    return render.html_of(words_in.other(spec, say), said | {"source": source})


def parts(drawn: str) -> tuple[dict, dict[str, str]]:
    """Return the specification of a chart, given as a notebook's HTML, and its title, subtitle, description and source."""
    about = {name: html.unescape(value) for name, value in _LINE.findall(drawn)}
    about["source"] = about["source"].removeprefix(render.SOURCE)
    about["description"] = html.unescape(_ALTERNATIVE.search(drawn)[1])
    return json.loads(_SPECIFICATION.search(drawn)[1]), about
