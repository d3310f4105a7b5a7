"""Every quoted number explains itself: what `numbers.js` shows of it is written here, one script for each notebook.

It is loaded when a reader first asks for one of the notebook's numbers, so that a page that is only read costs nothing
more.
"""

from pathlib import Path

from results import NOTEBOOK_PAGES

from analysis import paths
from analysis.report import digest

_FOLDER = "_static/numbers"


def _write(app, error):
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / _FOLDER
    for notebook in sorted(set().union(*app.env.result_sources.values())):
        page = f"{NOTEBOOK_PAGES}/{notebook}"
        title = app.env.titles[page].astext() if page in app.env.titles else notebook
        executed = digest.of_bytes((paths.EXECUTED / f"{notebook}.ipynb").read_bytes())
        mark = f"/* {digest.of_value([app.config.report_made_by, executed, title])[: digest.SHORT]} */\n"
        target = folder / f"{notebook}.js"
        if target.is_file() and target.read_text(encoding="utf-8").startswith(mark):
            continue
        from number_scripts import script  # imports SymPy, which a build with nothing to write should not wait for

        paths.write(target, mark + script(notebook, title))


def _page_assets(app, pagename, templatename, context, doctree):
    if "data-result=" in context.get("body", ""):
        app.add_js_file("numbers.js")


def setup(app):
    app.connect("html-page-context", _page_assets)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
