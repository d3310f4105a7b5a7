"""The texts of results that pages quote, as templates: what a catalogue of `book/locale/…/results` translates."""

import ast
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import nbformat
from bs4 import BeautifulSoup

from analysis import paths
from analysis.figures import render, words_in
from analysis.languages import templates
from analysis.languages.names import names

SHARED = "shared"
_QUOTED = re.compile(r"\{result(?:-\w+)?\}\s*`?([a-z_0-9]+):(\w+)")
_HEADING = re.compile(r'<p class="vega-(?:title|subtitle|source)">(.*?)</p>|<div class="vega-host"><img alt="([^"]*)"', re.DOTALL)
_SPECIFICATION = re.compile(r'<script type="application/json">(.*?)</script>', re.DOTALL)


def quoted() -> dict[str, set[str]]:
    """Return the names of the results that pages quote, by notebook."""
    found: dict[str, set[str]] = {}
    for path in sorted((paths.ROOT / "book").rglob("*.md")):
        for notebook, name in _QUOTED.findall(path.read_text(encoding="utf-8")):
            found.setdefault(notebook, set()).add(name)
    return found


@cache
def messages() -> dict[str, dict[str, str]]:
    """Return by notebook each template with words that its quoted results have, and a text in which it stands.

    What several notebooks have is under SHARED alone. Names are left out.
    """
    found = {notebook: _messages(notebook, names) for notebook, names in quoted().items()}
    count = Counter(key for those in found.values() for key in those)
    shared = {key: text for those in found.values() for key, text in those.items() if count[key] > 1}
    own = {notebook: {key: text for key, text in those.items() if count[key] == 1} for notebook, those in found.items()}
    return {SHARED: shared} | {notebook: those for notebook, those in own.items() if those}


def _messages(notebook: str, quoted_names: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in _texts(notebook, quoted_names):
        for line in text.split("\n"):
            for part, _ in templates.parts(line):
                key, _ = templates.template(part)
                if templates.needs_words(key) and part not in names():
                    found.setdefault(key, part)
    return found


def _texts(notebook: str, names: set[str]) -> Iterator[str]:
    for cell in nbformat.read(paths.EXECUTED / f"{notebook}.ipynb", as_version=4).cells:
        for output in cell.get("outputs", ()):
            scrapbook = output.get("metadata", {}).get("scrapbook", {})
            if scrapbook.get("name") in names:
                prefix = scrapbook["mime_prefix"]
                yield from _of_bundle({kind.removeprefix(prefix): value for kind, value in output.data.items()})


def _of_bundle(bundle: dict[str, str]) -> Iterator[str]:
    shown = bundle.get("text/html", "")
    if "vega-figure" in shown:
        for heading, description in _HEADING.findall(shown):
            yield html.unescape(heading or description).removeprefix(render.SOURCE)
        for specification in _SPECIFICATION.findall(shown):
            yield from words_in.words(json.loads(specification))
    elif "<table" in shown:
        for cell in BeautifulSoup(shown, "html.parser").find_all(["th", "td"]):
            yield cell.get_text("\n")
    elif not shown and "text/latex" not in bundle and "text/plain" in bundle:
        plain = bundle["text/plain"]
        yield ast.literal_eval(plain) if plain[:1] in "'\"" else plain
