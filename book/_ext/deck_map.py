"""The directive `deck-map`: the table of the deck's figures and where the book rebuilds them, with a link in each row."""

from collections import defaultdict

from docutils.statemachine import StringList
from results import NOTEBOOK_PAGES
from sphinx.util.docutils import SphinxDirective

from analysis import facts, paths
from analysis.deck import deck_map
from analysis.report import runner

_ROLES = {"chart": "numref", "table": "numref", "equation": "eq"}


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
                f"{row.title} ({row.title_zh})",
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
    app.add_directive("deck-map", DeckMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
