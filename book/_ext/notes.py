"""The directive `published-notes`: the published research notes, the latest first; and their files beside the page."""

import html
import re
import shutil
from pathlib import Path

from docutils import nodes
from docutils.utils.smartquotes import smartchars
from sphinx.util.docutils import SphinxDirective

from analysis import paths
from analysis.notes import FILES, published
from analysis.report import digest

_PAGE = "book/notes/index"
_KINDS = {"note.html": "Page", "note.pdf": "PDF", "note.xlsx": "Workbook", "note.pptx": "Slides"}
_LANGUAGES = {"en": "English", "zh": "Chinese"}


class PublishedNotes(SphinxDirective):
    """A list of the notes that can be sorted, then a section for each: title, whose it is, its summary, its first figure."""

    has_content = False

    def run(self):
        notes = published.records()
        titles, newer = {record.name: record.title for record in notes}, published.corrections(notes)
        found = [_note(record, titles, newer.get(record.name)) for record in notes]
        feeds = nodes.paragraph("", "", nodes.Text("Atom feeds: "), _link(published.FEED, "all notes"))
        for language in published.LANGUAGES:
            feeds += [nodes.Text(", "), _link(published.feed_of(language), _LANGUAGES[language])]
        return [nodes.raw("", listed(notes), format="html"), *found, feeds]


def listed(notes):
    """Return the list of the notes as HTML; the order of its rows follows the button that is on, without a script."""
    ranks = {
        key: {note.name: place for place, note in enumerate(sorted(notes, key=of))}  # of equal ones the latest stays first
        for key, of in {
            "date": lambda note: 0,
            "kind": lambda note: note.kind,
            "language": lambda note: note.language,
        }.items()
    }
    buttons = "".join(
        f'<label><input type="radio" name="notes-order" id="notes-by-{key}"{" checked" if key == "date" else ""}> {key}</label>'
        for key in ranks
    )
    rules = "".join(f".notes-list:has(#notes-by-{key}:checked) li {{ order: var(--{key}); }}" for key in ranks)
    rows = "".join(
        f'<li style="{"".join(f"--{key}: {places[note.name]};" for key, places in ranks.items())}">'
        f'<a href="#{note.name}" lang="{note.language}">{html.escape(note.title)}</a> '
        f"<span>{note.date} · {html.escape(note.kind)} · {_LANGUAGES[note.language]}</span></li>"
        for note in notes
    )
    return (
        f"<style>.notes-list ul {{ display: flex; flex-direction: column; }} .notes-list fieldset {{ border: 0; padding: 0; }}"
        f" .notes-list label {{ margin-right: 1rem; }} {rules}</style>"
        f'<div class="notes-list"><fieldset><legend>Sort the notes by</legend>{buttons}</fieldset><ul>{rows}</ul></div>'
    )


def _note(record, titles, newer):
    """Return the section of a note; `titles` are those of all, by name, and `newer` is the one that corrects it, or None."""
    section = nodes.section(ids=[record.name], names=[record.name])
    section += nodes.title(record.title, record.title)
    section += nodes.paragraph("", f"{record.author}, {record.date}, {record.kind}")
    if newer is not None:
        section += _beside(nodes.warning, "Superseded. What was wrong, and by how much, is in ", newer.name, newer.title)
    if record.corrects:
        section += _beside(nodes.note, "Corrects ", record.corrects, titles.get(record.corrects, record.corrects))
    section += [nodes.paragraph("", text) for text in record.summary]
    section += nodes.raw("", first_figure((paths.NOTES / record.name / FILES[0]).read_text(encoding="utf-8")), format="html")
    links = nodes.paragraph()
    for name in (name for name in FILES if name in record.digests):
        links += [_link(f"{record.name}/{name}", f"{_KINDS[name]}"), nodes.Text("  ")]
    section += links
    texts = [node for node in section.children[1:-1] if isinstance(node, nodes.paragraph)]
    for node in section.children[:1] + texts[1:]:
        node["classes"].append(f"language-{record.language}")  # which Docutils writes as the attribute lang
    return section


def first_figure(page):
    """Return the first picture of a note's page as HTML, as wide screens show it in light and in dark; "" if it has none."""
    picture = re.search(r"<picture>.*?</picture>", page, re.S)
    return re.sub(r'<source media="[^"]*max-width[^>]*>', "", picture[0]) if picture else ""


def _beside(kind, text, name, title):
    """Return an admonition of a `kind` that leads to another note."""
    return kind("", nodes.paragraph("", "", nodes.Text(text), nodes.reference("", title, refid=name), nodes.Text(".")))


def _link(target, text):
    return nodes.reference("", text, refuri=target, internal=False)


def _copy(app, error):
    """Put the files of the notes, and the feed, beside the page that lists them."""
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / _PAGE.rpartition("/")[0]
    for record in published.records():
        (target / record.name).mkdir(parents=True, exist_ok=True)
        for name in record.digests:
            shutil.copy(paths.NOTES / record.name / name, target / record.name / name)
    for name in published.feeds([]):
        shutil.copy(paths.NOTES / name, target / name)


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
