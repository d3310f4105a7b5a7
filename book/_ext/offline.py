"""Nothing from outside: the page's own copies of Vega and MathJax, and no script of a theme that asks a network."""

import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from analysis.figures import theme
from analysis.figures.render import VEGALITE
from analysis.report import lab

VENDOR = Path(__file__).parents[1] / "assets" / "vendor"


def _write(path: Path, text: str) -> None:
    """Write `text` unless the file holds it, so that an unchanged book is not built again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _vendor(app):
    _vega(VENDOR / "vega.js")
    themes = {name: theme.config(dark=name == "dark") for name in ("light", "dark")}
    _write(VENDOR / "chart-themes.js", f"window.chartThemes = {json.dumps(themes)};\n")
    mathjax = files("mathjax") / "static" / "mathjax" / "es5" / "tex-svg.js"
    _write(VENDOR / "mathjax" / "tex-svg.js", mathjax.read_text(encoding="utf-8"))


def _vega(path: Path) -> None:
    """Write the bundle of Vega, which takes a second to make, unless it is there in these versions."""
    versions = f"/* Vega-Lite {VEGALITE}, vl-convert {version('vl-convert-python')} */"
    if path.is_file() and path.read_text(encoding="utf-8").startswith(versions):
        return
    _write(path, f"{versions}{lab.bundle()}")


def _drop_thebe(app):
    """Take out Jupyter Book's live-code extension, which loads itself from a public host."""
    for name, listeners in app.events.listeners.items():
        kept = [item for item in listeners if not item.handler.__module__.startswith("sphinx_thebe")]
        app.events.listeners[name] = kept
    app.registry.css_files = [item for item in app.registry.css_files if "thebe" not in str(item[0])]


def _page_assets(app, pagename, templatename, context, doctree):
    if 'class="vega-figure"' in context.get("body", ""):
        for script in ("vendor/vega.js", "vendor/chart-themes.js", "charts.js"):
            app.add_js_file(script)
    if 'class="what-if"' in context.get("body", ""):
        app.add_js_file("panel.js")
    if 'class="what-if planner"' in context.get("body", ""):
        for script in ("model-file.js", "pictures.js", "queue.js", "serving.js", "planning.js", "plan.js"):
            app.add_js_file(script)
    if "searchable" in context.get("body", ""):
        app.add_js_file("tables.js")


def setup(app):
    _drop_thebe(app)
    app.add_css_file("report.css")
    app.connect("builder-inited", _vendor)
    app.connect("html-page-context", _page_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
