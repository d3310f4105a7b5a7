"""The directives `deck-map` and `deck-statements`: where the book rebuilds each figure of the deck, and treats each statement."""

from collections import defaultdict
from itertools import groupby

import pandas as pd
from docutils import nodes
from docutils.statemachine import StringList
from listing import add_folded, cell, folded, table
from results import NOTEBOOK_PAGES
from sphinx.util.docutils import SphinxDirective

from analysis import facts, paths
from analysis.deck import audit, coverage, deck_map
from analysis.report import runner

_ROLES = {"chart": "numref", "table": "numref", "equation": "eq"}
#: The deck's sections that have statements, in its order.
_SECTIONS = {
    "contents": "Title and contents",
    "一": "一 Artificial intelligence, machine learning and neural networks",
    "二": "二 The structure of the Transformer",
    "三": "三 Compute sizing, with BERT and the GPTs",
}


class DeckMap(SphinxDirective):
    """One row for each figure of the deck."""

    has_content = False

    def run(self):
        for path in [*(paths.ROOT / "book").glob("*.md"), *runner.notebooks(), *paths.DATA.glob("deck_figures.*")]:
            self.env.note_dependency(str(path))
        by_figure = defaultdict(list)
        for one in deck_map.rebuilt():
            by_figure[one.figure].append(one)
        lines = ["| Deck | The deck's figure | In this book | Notebook and function |", "|---|---|---|---|"]
        for row in facts.read("deck_figures").itertuples():
            found = by_figure[int(row.figure)]
            cells = [
                f"{row.figure:.0f}",
                f"{row.title} ({row.title_zh}). {_source(row)}",
                _grouped(map(_where, found)) or "not in this edition",
                _grouped(
                    (f"{{doc}}`{one.notebook} </{NOTEBOOK_PAGES}/{one.notebook}>`", f"`{one.function.removeprefix('analysis.')}`")
                    for one in found
                ),
            ]
            lines.append(f"| {' | '.join(cells)} |")
        table = self.parse_text_to_nodes(StringList(lines, self.get_source_info()[0]))
        for node in table:
            node["classes"].append("deck-map")
        return table


class DeckStatements(SphinxDirective):
    """Every statement of the deck, folded by its sections, with what the book says of it and where."""

    has_content = False

    def run(self):
        for path in [*(paths.ROOT / "book").glob("*.md"), *paths.DATA.glob("deck_coverage.*"), *paths.DATA.glob("deck_errata.*")]:
            self.env.note_dependency(str(path))
        kinds = {int(row.erratum): row.kind for row in audit.errata().itertuples()}
        found = groupby(coverage.statements(), key=lambda one: one.section)
        return [self._section(section, list(statements), kinds) for section, statements in found]

    @staticmethod
    def _section(section, statements, kinds):
        corrected = sum(one.treatment == "corrected" for one in statements)
        rows = [
            [
                cell(str(one.number), numeric=True),
                cell(one.claim),
                cell([f"{coverage.VERDICTS[one.verdict].capitalize()}. ", *_errata(one, kinds)]),
                cell(*(_link(place.title, place.page, place.anchor) for place in one.places)),
            ]
            for one in statements
        ]
        return folded(
            _SECTIONS[section],
            f"{len(statements)} statements, {corrected} of them corrected" if corrected else f"{len(statements)} entries",
            {},
            *table(["No.", "The deck", "Verdict", "In this book"], rows, classes=["searchable"]),
            anchor=f"statements-{list(_SECTIONS).index(section)}",
        )


def _link(text, page, anchor):
    """Return a link to a section of another page of the book."""
    return nodes.reference("", text, refuri=f"{page}.html#{anchor}", internal=True)


def _errata(one, kinds):
    """Return links to the errata that correct a statement, each to the table that holds it."""
    for number in one.errata:
        table_of = "tab-errata" if kinds[number] in audit.CHANGE_THE_ESTIMATE else "tab-errata-others"
        yield _link(f"Erratum {number}", "errata", table_of)
        yield " "


def _source(row):
    """Return the source that the deck names for a figure, as a sentence."""
    if pd.isna(row.cited_source):
        return "The deck names no source that can be read."
    return f"Source: {row.cited_source}{'' if row.verified == 'yes' else ' (a guess)'}."


def _where(one):
    """Return the link to a result's section, and that to the result itself, or nothing."""
    return f"{{doc}}`{one.section} <{one.page}>`", f"{{{_ROLES[one.kind]}}}`{one.label}`" if one.label else ""


def _grouped(pairs):
    """Return each first of the pairs once, with all that belongs to it."""
    groups = defaultdict(dict)
    for first, second in pairs:
        groups[first] |= {second: None} if second else {}
    return "; ".join(": ".join(filter(None, [first, ", ".join(seconds)])) for first, seconds in groups.items())


def setup(app):
    add_folded(app)
    app.add_directive("deck-map", DeckMap)
    app.add_directive("deck-statements", DeckStatements)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
