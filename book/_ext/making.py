"""Directives of the page on how the book was made, counted anew whenever anything has changed.

`way-of-a-number`: the pipeline as a figure. `quoted-results`: what chapters quote. `shared-digests`: the digests of
the wholes of which notebooks use parts. `environment`: Python and the packages, with their versions.
"""

import platform

from docutils import nodes
from docutils.parsers.rst import directives
from listing import cell, code, table
from sphinx.util.docutils import SphinxDirective

from analysis.figures import render
from analysis.report import digest, pipeline, pipeline_figure

_PAGE = "book/how-made"


class WayOfANumber(SphinxDirective):
    """The pipeline as a numbered figure; the content is its caption."""

    has_content = True
    option_spec = {"name": directives.unchanged}

    def run(self):
        chart = pipeline_figure.way_of_a_number(pipeline.counts())
        caption, _ = self.state.inline_text(" ".join(self.content), self.lineno)
        figure = nodes.figure(classes=["result-chart"])
        figure += nodes.raw("", render.bundle(chart.to_dict())["text/html"], format="html")
        figure += nodes.caption("", "", *caption)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]


class QuotedResults(SphinxDirective):
    """One row for each kind of result that chapters quote."""

    def run(self):
        quoted = pipeline.counts().quoted
        rows = [[cell(kind.capitalize()), cell(f"{count:,}", numeric=True)] for kind, count in quoted.items()]
        return table(["In the chapters", "Quoted"], rows)


class SharedDigests(SphinxDirective):
    """One row for each whole of which notebooks use parts."""

    def run(self):
        rows = [[cell(name.capitalize(), covers), cell(code(text))] for name, (covers, text) in pipeline.digests().items()]
        return table(["What", "Digest"], rows)


class Environment(SphinxDirective):
    """One row for Python, and one for each package that the report asks for."""

    def run(self):
        rows = [[cell("Python"), cell(platform.python_version(), numeric=True)]]
        for name, (version, summary) in pipeline.packages().items():
            rows.append([cell(name, summary), cell(version, numeric=True)])
        every = "requirements.lock, for every system and version of Python"
        rows.append([cell("Pinned in all", every), cell(f"{pipeline.locked()}", numeric=True)])
        return table(["Package", "Version"], rows)


def _renew(app, env, added, changed, removed):
    """Read the page again when anything has changed that it counts."""
    counted = digest.shared()
    is_same = not (added or changed or removed) and getattr(env, "counted", None) == counted
    if is_same or _PAGE not in env.found_docs:
        return []
    env.counted = counted
    return [_PAGE]


def setup(app):
    app.add_directive("way-of-a-number", WayOfANumber)
    app.add_directive("quoted-results", QuotedResults)
    app.add_directive("shared-digests", SharedDigests)
    app.add_directive("environment", Environment)
    app.connect("env-get-outdated", _renew)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
