"""What `numbers.js` shows of a notebook's numbers, as a script: a page that is opened from disk may read no other file."""

import json

from results import NOTEBOOK_PAGES, cells

from analysis import facts, paths
from analysis.report import runner
from analysis.report.data_files import anchor
from analysis.report.explanation import Explanation, assumed, explained
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

_FACTS_PAGE = "book/facts.html"


def script(notebook: str, title: str) -> str:
    """Return the script with what is told of each number that the executed `notebook` publishes."""
    path = paths.EXECUTED / f"{notebook}.ipynb"
    receipt = runner.read_receipt(path)
    has_scenario = bool(runner.assumptions(path).keys() & ASSUMPTIONS.keys())  # others have settings of their own
    scenario = build(receipt["parameters"], "receipt", handed=True) if has_scenario else DECK
    told = explained(notebook, scenario)
    content = {
        "page": f"{NOTEBOOK_PAGES}/{notebook}.html",
        "title": title,
        "scenario": receipt["title"] if has_scenario else "",
        "digest": receipt["digest"],
        "results": {name: _card(cell, told.get(name), scenario) for name, cell in cells(notebook).items()},
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"(window.reportNumbers ??= {{}})[{json.dumps(notebook)}] = {text};\n"


def _card(cell: int, told: Explanation | None, scenario: Scenario) -> dict:
    """Return what the card of one number needs; what is empty is left out."""
    if told is None:
        return {"cell": cell}
    inputs = assumed(DECK if told.is_decks else scenario, told.assumptions)
    found = {
        "what": told.what,
        "formula": told.formula,
        "inputs": [[one.title, one.value, one.source] for one in inputs.values()],
        "facts": [_fact(name) for name in told.facts],
        "scenario": DECK.title if told.is_decks else "",
    }
    return {key: value for key, value in found.items() if value} | {"cell": cell}


def _fact(name: str) -> list[str]:
    """Return a file of facts as a card names it: its title, who published it, and the address of its record."""
    record = facts.origin(name)
    return [record.title, record.producer, f"{_FACTS_PAGE}#{anchor(name)}"]
