"""The directive `downloads`: the place on the opening page for links to the book as a file.

It stays empty, and unseen, until `make pdf` or `make zip` puts a file beside the pages. A new build removes the files:
they would be those of the book before.
"""

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from analysis.report import downloads


class Downloads(SphinxDirective):
    """The line of links, empty."""

    has_content = False

    def run(self):
        return [nodes.raw("", downloads.line({}), format="html")]


def _forget(app):
    shutil.rmtree(Path(app.outdir) / downloads.FOLDER, ignore_errors=True)


def _renew(app, env, added, changed, removed):
    return [app.config.root_doc] if app.config.root_doc in env.found_docs else []


def setup(app):
    app.add_directive("downloads", Downloads)
    app.connect("builder-inited", _forget)
    app.connect("env-get-outdated", _renew)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
