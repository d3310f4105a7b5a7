"""Mends of the HTML that docutils and Jupyter Book write, so that every page has roles, language and title (WCAG 2.1)."""

import html
import re
from functools import wraps
from pathlib import Path

from analysis.languages import pages

_LAST = 900

#: What the first entry of the contents calls the book, whose title is the deck's, in Chinese.
_BOOK = "Large language models: principles, evolution and compute sizing (AI大语言模型的原理、演进及算力测算)"

_ENTRANCE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={page}">
</head>
<body><main><a href="{page}">{title}</a></main></body>
</html>
"""


def _mend_roles(app, pagename, templatename, context, doctree):
    if "body" in context:
        # ARIA 1.2 deprecates this role, and a list has to hold list items.
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def _name_toggles(app, pagename, templatename, context, doctree):
    """Give the arrow that opens a chapter's sections in the contents a name, from the chapter's own."""
    contents = context.get("generate_toctree_html")
    if contents is None:
        return

    label = pages.of_locale(app.config.language)("sections of a chapter", chapter=r"\1")

    @wraps(contents)
    def named(*args, **options):
        return re.sub(
            r">([^<]*)</a><details([^>]*)><summary>",
            rf'>\1</a><details\2><summary aria-label="{label}">',
            str(contents(*args, **options)),
        )

    context["generate_toctree_html"] = named


def _name_book(app, pagename, templatename, context, doctree):
    context["root_title"] = _BOOK if app.config.language == "en" else app.config.html_title


def _write_entrance(app, exception):
    """Write the page that leads from the top of the site to the opening page."""
    if exception is None and app.builder.name == "html":
        page = app.builder.get_target_uri(app.config.root_doc)
        text = _ENTRANCE.format(language=app.config.language, title=html.escape(app.config.html_title), page=page)
        (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app):
    app.connect("html-page-context", _mend_roles)
    app.connect("html-page-context", _name_toggles, priority=_LAST)
    app.connect("html-page-context", _name_book, priority=_LAST)
    app.connect("build-finished", _write_entrance, priority=_LAST)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
