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
        notes = published.records()
        titles, newer = {record.name: record.title for record in notes}, published.corrections(notes)
        found = [_note(record, titles, newer.get(record.name)) for record in notes]
        feed = nodes.paragraph("", "", _link(published.FEED, "Atom feed of the notes"))
        return [*found, feed]


def _note(record, titles, newer):
    """Return the section of a note; `titles` are those of all, by name, and `newer` is the one that corrects it, or None."""
    section = nodes.section(ids=[record.name], names=[record.name])
    section += nodes.title(record.title, record.title)
    section += nodes.paragraph("", f"{record.author}, {record.date}")
    if newer is not None:
        section += _warning("Superseded: its numbers are a division's, and wrong. See ", newer.name, newer.title)
    if record.corrects:
        section += _warning("Corrects ", record.corrects, titles.get(record.corrects, record.corrects))
    section += [nodes.paragraph("", text) for text in record.summary]
    links = nodes.paragraph()
    for name in FILES:
        links += [_link(f"{record.name}/{name}", f"{_KINDS[name]}"), nodes.Text("  ")]
    section += links
    texts = [node for node in section.children[1:-1] if isinstance(node, nodes.paragraph)]
    for node in section.children[:1] + texts[1:]:
        node["classes"].append(f"language-{record.language}")  # which Docutils writes as the attribute lang
    return section


def _warning(text, name, title):
    return nodes.warning("", nodes.paragraph("", "", nodes.Text(text), nodes.reference("", title, refid=name), nodes.Text(".")))


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
