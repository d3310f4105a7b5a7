"""The directive `assumption-readers`: which notebooks read each assumption of a scenario, from their parameter cells."""

from docutils import nodes
from listing import described, descriptions
from results import NOTEBOOK_PAGES
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from analysis.report import runner
from analysis.scenarios.scenario import ASSUMPTIONS
from analysis.tables.estimate_tables import assumption_title


class AssumptionReaders(SphinxDirective):
    """One item for each assumption, with the notebooks that have it among their parameters."""

    has_content = False

    def run(self):
        notebooks = runner.notebooks()
        for path in notebooks:
            self.env.note_dependency(str(path))
        given = {path.stem: runner.assumptions(path) for path in notebooks}
        items = []
        for name in ASSUMPTIONS:
            readers = [notebook for notebook, parameters in given.items() if name in parameters]
            links = [part for notebook in readers for part in (", ", _link(notebook))]
            items.append(described(assumption_title(name), {f"{len(readers)} notebooks": links[1:]}))
        return descriptions(items)


def _link(notebook):
    target = f"/{NOTEBOOK_PAGES}/{notebook}"
    link = addnodes.pending_xref("", refdomain="std", reftype="doc", reftarget=target, refexplicit=True, refwarn=True)
    link += nodes.inline(notebook, notebook)
    return link


def setup(app):
    app.add_directive("assumption-readers", AssumptionReaders)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
