"""What a notebook shows only where a person runs it: charts that answer.

JupyterLab draws Vega-Lite up to version 5 by itself, and Altair writes 6. So the page gets the book's own bundle, from this
machine, once a notebook. Charts are the same HTML as in the book: nothing of this is in an executed notebook of the book's.
"""

import json
from importlib.resources import files

import vl_convert
from IPython import get_ipython
from IPython.display import HTML, display

from analysis.figures import theme
from analysis.figures.render import VEGALITE

_STYLE = (
    ".vega-title{font-weight:600} .vega-subtitle{font-size:90%} .vega-host img{width:100%} .vega-source{font-size:85%} "
    ".vega-bindings{display:grid;gap:0.3rem;margin-top:0.5rem}"
)


def is_open() -> bool:
    """Say whether a person runs the notebook, in JupyterLab or elsewhere: such a kernel may ask for input, papermill's not."""
    return bool(getattr(getattr(get_ipython(), "kernel", None), "_allow_stdin", False))  # it has no public name


def bundle() -> str:
    """Return Vega, Vega-Lite and vega-embed as one script."""
    # It declares top-level constants; an enclosing function keeps them off the page.
    return f"(() => {{{vl_convert.javascript_bundle(vl_version=VEGALITE)}}})();\n"


def show_live_charts() -> None:
    """Put the script that draws charts into the notebook's page."""
    themes = json.dumps({name: theme.config(dark=name == "dark") for name in ("light", "dark")})
    script = files("analysis.report").joinpath("lab.js").read_text(encoding="utf-8").replace("THEMES", themes)
    script = f"if (!window.vegaEmbed) {bundle()}{script}".replace("</script", r"<\/script")
    display(HTML(f"<style>{_STYLE}</style><script>{script}</script>"))
