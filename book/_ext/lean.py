"""Nothing ships that no page uses.

The theme's style sheets are cut to the rules whose classes some page or script names, its icons to those in use, and what
only its authors need is left out.
"""

import base64
import io
import logging
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import tinycss2
from fontTools import subset
from myst_nb.sphinx_ext import add_global_html_resources

#: What the themes and extensions bring below `_static` and no page of this book loads, as patterns.
UNUSED = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "locales",
    "images/logo_*",
    "minus.png",
    "plus.png",
    "nbextensions",
    "webpack-macros.html",
    "sbt-webpack-macros.html",
    "scripts/fontawesome.js",
    "vendor/fontawesome",
)
_STYLE = "styles/pydata-sphinx-theme.css"
_FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
_ICON_RULE = re.compile(r'\.fa-[\w-]+::?before\{content:"(.)"\}')
_ICON_FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
_MAP = re.compile(r"/[/*]# sourceMappingURL=\S+\.map(?:\s*\*/)?")
_ICON_VARIABLE = re.compile(r'--pst-icon-[\w-]+:"(.)"')
#: The names of classes and identifiers in a selector, and what in it says which are absent or alternatives.
_SELECTED = re.compile(r"[.#]((?:\\.|[\w-])+)")
_ALTERNATIVES = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
_BETWEEN_SELECTORS = re.compile(r",(?![^()]*\))")
_WORD = re.compile(r"[A-Za-z_][\w-]*")
#: Our own style sheet, and scripts whose words are no classes of the theme's.
_OURS = "report.css"
_WITHOUT_CLASSES = ("vendor", "numbers")

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each step, which is no news of the book


def with_icons(style: str, font: bytes) -> str:
    """Return the theme's style sheet with those glyphs of its icons' font inside it that its rules show.

    Inside, because a browser may refuse a page on disk a font from another folder.
    """
    characters = {*_ICON_RULE.findall(style), *_ICON_VARIABLE.findall(style)}
    data = base64.b64encode(_cut(font, characters)).decode()
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;font-weight:900;'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )
    return face + _ICON_FACE.sub("", style)


def words(root: Path) -> set[str]:
    """Return every word of the pages and scripts below `root`; one that ends in "-" begins names that a script makes."""
    static = root / "_static"
    scripts = (path for path in static.rglob("*.js") if path.relative_to(static).parts[0] not in _WITHOUT_CLASSES)
    of_scripts = {word for path in scripts for word in _WORD.findall(path.read_text(encoding="utf-8"))}
    of_pages = {word for path in root.rglob("*.html") for word in _WORD.findall(path.read_text(encoding="utf-8"))}
    return of_scripts | {word.rstrip("-") for word in of_pages}


def used_rules(style: str, words: set[str]) -> str:
    """Return a style sheet without the selectors that name a class or an identifier which is not among `words`."""
    beginnings = tuple(word for word in words if word.endswith("-"))

    def is_used(selector: str) -> bool:
        names = (name.replace("\\", "") for name in _SELECTED.findall(_ALTERNATIVES.sub("", selector)))
        return all(name in words or name.startswith(beginnings) for name in names)

    def kept(rules: Iterable[tinycss2.ast.Node]) -> Iterator[str]:
        for rule in rules:
            if rule.type == "qualified-rule":
                selectors = filter(is_used, _BETWEEN_SELECTORS.split(tinycss2.serialize(rule.prelude)))
                if selected := ",".join(selectors):
                    yield f"{selected}{{{tinycss2.serialize(rule.content)}}}"
            elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
                inner = "".join(kept(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)))
                if inner:
                    yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
            else:
                yield rule.serialize()

    return "".join(kept(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)))


def _cut(font: bytes, characters: set[str]) -> bytes:
    """Return a font with the glyphs of `characters` alone, in the format WOFF; the same bytes for the same characters."""
    options = subset.Options(flavor="woff", layout_features=[], notdef_outline=True, recalc_timestamp=False)
    loaded = subset.load_font(io.BytesIO(font), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(loaded)
    target = io.BytesIO()
    subset.save_font(loaded, target, options)
    return target.getvalue()


def _finish(began, app, exception):
    if exception or app.builder.name != "html":
        return
    root = Path(app.outdir)
    static = root / "_static"
    font = (static / _FONT).read_bytes() if (static / _FONT).is_file() else None
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    # A build with nothing to write puts some of the sheets there anew, too.
    anew = [path for path in static.rglob("*.css") if path.name != _OURS and path.stat().st_ctime >= began]
    found = words(root) if anew else set()
    for path in anew:
        path.write_text(used_rules(path.read_text(encoding="utf-8"), found), encoding="utf-8")
    if font:
        style = static / _STYLE
        style.write_text(with_icons(style.read_text(encoding="utf-8"), font), encoding="utf-8")
    for path in [*static.rglob("*.css"), *static.rglob("*.js")]:
        text = path.read_text(encoding="utf-8")
        if _MAP.search(text):
            path.write_text(_MAP.sub("", text), encoding="utf-8")


def _early(app, env):
    """Put MyST-NB's sheet there before pages are written, which name a digest of it; it does so at the end of the build."""
    if app.builder.format == "html":
        (Path(app.outdir) / "_static").mkdir(parents=True, exist_ok=True)
        add_global_html_resources(app, None)
    return []


def setup(app):
    app.connect("env-updated", _early)
    app.connect("build-finished", partial(_finish, time.time()), priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
