"""Nothing holds up the first picture: a page's scripts run when it is seen, the small ones first.

Until then the page is read as it is without scripts. A chapter without charts or mathematics has the browser fetch, when
idle, what the next one will need.
"""

import json
from pathlib import Path

from sphinx.builders.html._assets import _file_checksum

#: Scripts that change how a page is laid out, or that other pages' inline scripts use at once.
_EARLY = ("documentation_options.js", "design-tabs.js", "togglebutton.js", "panel.js", "tables.js")
_THEME = ("scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js")
_LARGE = ("vendor/mathjax/tex-svg.js", "vendor/vega.js")
_AFTER_THE_FIRST_PICTURE = """window.laterScripts = new Promise((done) => addEventListener("load", () =>
  requestAnimationFrame(() => setTimeout(() => done(Promise.all(%s.map((src) => new Promise((next) =>
    document.head.append(Object.assign(document.createElement("script"),
      {src, async: false, onload: next, onerror: next}))))))))));"""


def _delay(app, pagename, templatename, context, doctree):
    """Have the scripts of a page run after it is seen, and fetch the large ones of the next in idle time."""
    if pagename == "search":  # whose own scripts need the others at once
        return
    static = Path(app.outdir) / "_static"

    def address(name: str) -> str:
        return f"{context['pathto'](f'_static/{name}', 1)}?v={_file_checksum(static, name)}"

    scripts = context["script_files"]
    late = [_name(script) for script in scripts if script.filename and _name(script) not in _EARLY]
    large = [name for name in _LARGE if name in late]
    small = [name for name in late if name not in large]
    scripts[:] = [_deferred(script) for script in scripts if _name(script) not in late]
    addresses = [address(name) for name in (*small, *_THEME, *large)]
    app.add_js_file(None, body=_AFTER_THE_FIRST_PICTURE % json.dumps(addresses))
    if pagename.startswith("book/"):
        tags = "".join(f'\n<link rel="prefetch" href="{address(name)}">' for name in _LARGE if name not in large)
        context["metatags"] = context.get("metatags", "") + tags


def _name(script) -> str:
    """Return the path of a script's file below `_static`; nothing for one that is written in the page."""
    return str(script.filename or "").removeprefix("_static/")


def _deferred(script):
    """Return a script as one that waits until the page is read; the options of the page are read at once."""
    if not script.filename or "documentation_options" in script.filename:
        return script
    return type(script)(script.filename, priority=script.priority, **script.attributes | {"defer": "defer"})


def setup(app):
    app.connect("html-page-context", _delay, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
