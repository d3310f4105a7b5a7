"""The directive `published-notes`: the published research notes, the latest first; and their files beside the page."""

import shutil
from pathlib import Path

from docutils import nodes
from docutils.utils.smartquotes import smartchars
from sphinx.util.docutils import SphinxDirective

from analysis import paths
from analysis.notes import FILES, published
from analysis.report import digest

_PAGE = "book/notes/index"
_KINDS = {"note.html": "Page", "note.pdf": "PDF", "note.xlsx": "Workbook"}


class PublishedNotes(SphinxDirective):
    """A section for each note: title, whose it is, its summary, and links to its files."""

    has_content = False

    def run(self):
        found = [_note(record) for record in published.records()]
        feed = nodes.paragraph("", "", _link(published.FEED, "Atom feed of the notes"))
        return [*found, feed]


def _note(record):
    section = nodes.section(ids=[record.name], names=[record.name])
    section += nodes.title(record.title, record.title)
    section += nodes.paragraph("", f"{record.author}, {record.date}")
    section += [nodes.paragraph("", text) for text in record.summary]
    links = nodes.paragraph()
    for name in FILES:
        links += [_link(f"{record.name}/{name}", f"{_KINDS[name]}"), nodes.Text("  ")]
    section += links
    for node in section.children[:1] + section.children[2:-1]:
        node["classes"].append(f"language-{record.language}")  # which Docutils writes as the attribute lang
    return section


def _link(target, text):
    return nodes.reference("", text, refuri=target, internal=False)


def _copy(app, error):
    """Put the files of the notes, and the feed, beside the page that lists them."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / _PAGE.rpartition("/")[0]
    for record in published.records():
        (target / record.name).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(paths.NOTES / record.name / name, target / record.name / name)
    shutil.copy(paths.NOTES / published.FEED, target / published.FEED)


def _renew(app, env, added, changed, removed):
    """Read the list again when a note has been published."""
    listed = digest.of_files(paths.NOTES.glob("*/note.json"), paths.NOTES)
    if _PAGE not in env.found_docs or getattr(env, "notes_listed", None) == listed:
        return []
    env.notes_listed = listed
    return [_PAGE]


def _announce(app, pagename, templatename, context, doctree):
    if pagename == _PAGE:
        context["metatags"] = context.get("metatags", "") + (
            f'\n<link rel="alternate" type="application/atom+xml" title="Research notes" href="{published.FEED}">'
        )


def setup(app):
    smartchars.quotes.setdefault("zh", "“”‘’")  # Docutils knows none for Chinese, and warns
    app.add_directive("published-notes", PublishedNotes)
    app.connect("env-get-outdated", _renew)
    app.connect("html-page-context", _announce)
    app.connect("build-finished", _copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
