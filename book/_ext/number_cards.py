"""Every quoted number explains itself: what `numbers.js` shows of it is written here, one script for each notebook.

A script, because a page that is opened from disk may read no other file. It is loaded when a reader first asks for one of
the notebook's numbers, so that a page that is only read costs nothing more.
"""

import json
from pathlib import Path

from results import NOTEBOOK_PAGES

from analysis import facts, paths
from analysis.report import runner
from analysis.report.data_files import anchor
from analysis.report.explanation import Explanation, Input, Story, assumed
from analysis.report.wording import titled
from analysis.scenarios.scenario import ASSUMPTIONS, DECK

_FOLDER = "_static/numbers"
_FACTS_PAGE = "book/facts.html"


def script(notebook: str, title: str) -> str:
    """Return the script with the explanations of what the executed `notebook` publishes."""
    path = paths.EXECUTED / f"{notebook}.ipynb"
    story, receipt = Story(path), runner.read_receipt(path)
    lines: dict[str, int] = {}  # statements are shared by many numbers
    explained = story.explained()
    results = {name: _card(name, one, lines) for name, one in explained.items()}
    content = {
        "page": f"{NOTEBOOK_PAGES}/{notebook}.html",
        "title": title,
        "scenario": receipt["title"] if story.scenario else "",
        "digest": receipt["digest"],
        "inputs": _plain(story.inputs()),
        "results": results,
        "facts": {name: _fact(name) for name in dict.fromkeys(name for one in explained.values() for name in one.facts)},
        "lines": list(lines),
    }
    if any(one.is_decks for one in explained.values()):
        content |= {"deckTitle": DECK.title, "deckInputs": _plain(assumed(DECK, ASSUMPTIONS))}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"(window.reportNumbers ??= {{}})[{json.dumps(notebook)}] = {text};\n"


def _plain(inputs: dict[str, Input]) -> dict[str, list[str]]:
    return {name: [one.title, one.value, one.source] for name, one in inputs.items()}


def _fact(name: str) -> list[str]:
    """Return a file of facts as a card names it: its title, who published it, and the address of its record."""
    record = facts.origin(name)
    return [record.title, record.producer, f"{_FACTS_PAGE}#{anchor(name)}"]


def _card(name: str, one: Explanation, lines: dict[str, int]) -> dict:
    """Return what the card of one number needs; what is empty is left out."""
    found = {
        "title": titled(name),
        "cell": one.cell,
        "code": [lines.setdefault(line, len(lines)) for line in one.code],
        "formula": _formula(one),
        "inputs": list(one.inputs),
        "facts": list(one.facts),
        "deck": one.is_decks,
    }
    return {key: value for key, value in found.items() if value or key == "cell"}


def _formula(one: Explanation) -> list[str]:
    """Return the lines on how the number is computed, its own first."""
    if one.derivation:
        return [one.derivation.words, one.derivation.numbers]
    return list(one.formula.lines) if one.formula else []


def _write(app, error):
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / _FOLDER
    for notebook in sorted(set().union(*app.env.result_sources.values())):
        target = folder / f"{notebook}.js"
        if target.is_file() and target.stat().st_mtime > (paths.EXECUTED / f"{notebook}.ipynb").stat().st_mtime:
            continue  # an executed notebook is written anew when the package or the data change
        page = f"{NOTEBOOK_PAGES}/{notebook}"
        title = app.env.titles[page].astext() if page in app.env.titles else notebook
        paths.write(target, script(notebook, title))


def _page_assets(app, pagename, templatename, context, doctree):
    if "data-result=" in context.get("body", ""):
        app.add_js_file("numbers.js")


def setup(app):
    app.connect("html-page-context", _page_assets)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
