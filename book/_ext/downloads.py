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


def _forget(app, env, added, changed, removed):
    """Remove the files of the book before, and write the page anew that has links to them."""
    folder = Path(app.outdir) / downloads.FOLDER
    if not folder.exists():
        return []
    shutil.rmtree(folder)
    return [app.config.root_doc]


def setup(app):
    app.add_directive("downloads", Downloads)
    app.connect("env-get-outdated", _forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
