"""What a page says of itself to search engines and to those who share a link: its description, and a picture.

Where `html_baseurl` in _config.yml, or the variable REPORT_BASE_URL of the environment, is the address of the public
site, every page also says where it is and shows the card. Without an address nothing points anywhere.
"""

import html
import os
from pathlib import Path

from docutils import nodes

from analysis.report import card

CARD = "_static/card.png"
_LONGEST = 200


def description(doctree) -> str:
    """Return the first paragraph of a page as a line of at most 200 letters, cut behind a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = " ".join(paragraph.astext().split())
            return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"
    return ""


def _take_address(app, config):
    config.html_baseurl = config.html_baseurl or os.environ.get("REPORT_BASE_URL", "")
    if config.html_baseurl and not config.html_baseurl.endswith("/"):
        config.html_baseurl += "/"


def _tag(kind, name, content):
    return f'\n<meta {kind}="{name}" content="{html.escape(content)}">'


def _add(app, pagename, templatename, context, doctree):
    if doctree is None:
        return
    text = description(doctree)
    tags = _tag("name", "description", text) if text else ""
    if base := app.config.html_baseurl:
        title = app.env.titles[pagename].astext()
        opening = pagename == app.config.root_doc
        shared = {"title": title, "description": text or title, "image": base + CARD, "image:alt": app.config.html_title}
        properties = shared | {
            "type": "website" if opening else "article",
            "site_name": app.config.html_title,
            "url": base + app.builder.get_target_uri(pagename),
            "image:width": str(card.WIDTH),
            "image:height": str(card.HEIGHT),
        }
        tags += "".join(_tag("property", f"og:{name}", value) for name, value in properties.items())
        tags += _tag("name", "twitter:card", "summary_large_image")
        tags += "".join(_tag("name", f"twitter:{name}", value) for name, value in shared.items())
    context["metatags"] = context.get("metatags", "") + tags


def _write_card(app, exception):
    if exception is None and app.builder.name == "html" and app.config.html_baseurl:
        page = Path(app.outdir) / app.builder.get_target_uri(app.config.root_doc)
        (Path(app.outdir) / CARD).write_bytes(card.png(app.config.html_title, page))


def setup(app):
    app.connect("config-inited", _take_address)
    app.connect("html-page-context", _add)
    app.connect("build-finished", _write_card)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
