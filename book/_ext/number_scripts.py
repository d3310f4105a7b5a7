"""What `numbers.js` shows of a notebook's numbers, as a script: a page that is opened from disk may read no other file."""

import json

from results import NOTEBOOK_PAGES

from analysis import facts, paths
from analysis.report import runner
from analysis.report.data_files import anchor
from analysis.report.explanation import Explanation, Input, Story, assumed
from analysis.report.wording import titled
from analysis.scenarios.scenario import ASSUMPTIONS, DECK

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
