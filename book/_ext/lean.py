"""Nothing ships that no page uses, and nothing holds up the first picture.

The theme's icons are cut to those in use, and what only its authors need is left out. Scripts run when the page is read,
the large ones when it is seen. A chapter without charts or mathematics has the browser fetch, when idle, what the next one
will need.
"""

import base64
import io
import json
import logging
import re
import shutil
from pathlib import Path

from fontTools import subset
from sphinx.builders.html._assets import _file_checksum

#: What the themes and extensions bring below `_static` and no page of this book loads, as patterns.
UNUSED = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "locales",
    "images/logo_*",
    "nbextensions",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
    "scripts/fontawesome.js",
    "vendor/fontawesome",
)
_STYLE = "styles/pydata-sphinx-theme.css"
_FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
_ICON_RULE = re.compile(r'((?:\.fa-[\w-]+::?before,?)+)\{content:"([^"]*)"\}')
_ICON_NAME = re.compile(r"\bfa-([a-z0-9-]+)")
_ICON_FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
_MAP = re.compile(r"/[/*]# sourceMappingURL=\S+\.map(?:\s*\*/)?")
_ICON_VARIABLE = re.compile(r'--pst-icon-[\w-]+:"(.)"')


_LARGE = ("vendor/mathjax/tex-svg.js", "vendor/vega.js")
#: A page's own pictures and text are shown before the scripts that take long to start; those that use them wait for this.
_AFTER_THE_FIRST_PICTURE = """window.laterScripts = new Promise((done) => addEventListener("load", () =>
  requestAnimationFrame(() => setTimeout(() => done(Promise.all(%s.map((src) => new Promise((next) =>
    document.head.append(Object.assign(document.createElement("script"),
      {src, async: false, onload: next, onerror: next}))))))))));"""

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each step, which is no news of the book


def icons(root: Path) -> set[str]:
    """Return the names of the theme's icons that pages and scripts below `root` mention."""
    files = [*root.rglob("*.html"), *(root / "_static").rglob("*.js")]
    return {name for path in files for name in _ICON_NAME.findall(path.read_text(encoding="utf-8"))}


def lean_style(style: str, used: set[str], font: Path) -> str:
    """Return the theme's style sheet with the icons `used` alone, and with their font inside it.

    Inside, because a browser may refuse a page on disk a font from another folder.
    """
    characters = set(_ICON_VARIABLE.findall(style))

    def kept(rule: re.Match) -> str:
        names = set(_ICON_NAME.findall(rule[1]))
        if not names & used:
            return ""
        characters.add(_character(rule[2]))
        return rule[0]

    style = _ICON_RULE.sub(kept, style)
    data = base64.b64encode(_cut(font, characters)).decode()
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )
    return face + _ICON_FACE.sub("", style)


def _character(content: str) -> str:
    """Return the character that a style sheet's `content` means, which may be an escape like `\\f0c9`."""
    return chr(int(content[1:].strip(), 16)) if content.startswith("\\") else content


def _cut(font: Path, characters: set[str]) -> bytes:
    """Return a font with the glyphs of `characters` alone, in the format WOFF; the same bytes for the same characters."""
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=True, recalc_timestamp=False)
    loaded = subset.load_font(str(font), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(loaded)
    target = io.BytesIO()
    subset.save_font(loaded, target, options)
    return target.getvalue()


def _finish(app, exception):
    if exception or app.builder.name != "html":
        return
    root = Path(app.outdir)
    static = root / "_static"
    font = static / _FONT
    if font.is_file():  # the theme's files were put there anew
        style = static / _STYLE
        style.write_text(lean_style(style.read_text(encoding="utf-8"), icons(root), font), encoding="utf-8")
    for path in [*static.rglob("*.css"), *static.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        if _MAP.search(text):
            path.write_text(_MAP.sub("", text), encoding="utf-8")
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _lighten(app, pagename, templatename, context, doctree):
    """Have the scripts of a page run after it is read, the large ones after it is seen, and those of the next in idle time."""
    scripts = context["script_files"]
    if pagename == "search":  # whose own scripts need these at once
        return
    static = Path(app.outdir) / "_static"
    large = {f"_static/{name}": f"{context['pathto'](f'_static/{name}', 1)}?v={_file_checksum(static, name)}" for name in _LARGE}
    present = {str(script.filename) for script in scripts} & large.keys()
    scripts[:] = [_deferred(script) for script in scripts if str(script.filename) not in present]
    if present:
        app.add_js_file(None, body=_AFTER_THE_FIRST_PICTURE % json.dumps([large[name] for name in large if name in present]))
    if pagename.startswith("book/"):
        tags = "".join(f'\n<link rel="prefetch" href="{large[name]}">' for name in large if name not in present)
        context["metatags"] = context.get("metatags", "") + tags


def _deferred(script):
    """Return a script as one that waits; the options of the page are read at once, as inline scripts use them."""
    if not script.filename or "documentation_options" in script.filename or script.attributes.keys() & {"defer", "async"}:
        return script
    return type(script)(script.filename, priority=script.priority, **script.attributes, defer="defer")


def setup(app):
    app.connect("html-page-context", _lighten, priority=950)
    app.connect("build-finished", _finish, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
