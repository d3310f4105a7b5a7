"""What directives that list things share: tables and definitions as Docutils nodes, without a detour over Markdown."""

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import is_node_registered


def code(text):
    """Return `text` set as code."""
    return nodes.literal(text, text)


def outside(text, address):
    """Return a link to another site."""
    return nodes.reference("", text, refuri=address, internal=False)


def address(text):
    """Return the parts of a line that give an address: a link where it is one, else the words in its place."""
    return [outside(text, text)] if text.startswith("http") else [text]


def within(text, anchor):
    """Return a link to `anchor` on the same page."""
    return nodes.reference("", text, refid=anchor, internal=True)


def label_link(label, text):
    """Return a link to what another page has under `label`."""
    link = addnodes.pending_xref("", refdomain="std", reftype="ref", reftarget=label, refexplicit=True, refwarn=True)
    link += nodes.inline(text, text)
    return link


def page_link(page):
    """Return a link to a page of the book, by its name in `book/`, under its title."""
    link = addnodes.pending_xref("", refdomain="std", reftype="doc", reftarget=f"/book/{page}", refexplicit=False, refwarn=True)
    link += nodes.inline(page, page)
    return link


def cell(*lines, numeric=False):
    """Return a cell; each of `lines` is a text, a node, or a list of both, and becomes a line of its own."""
    return nodes.entry("", *map(_line, lines), classes=["number"] if numeric else [])


def described(term, lines):
    """Return an item of a definition list: `term`, a text or a node, over `lines`, each a name and a text, a node or both."""
    item = nodes.definition_list_item()
    item += nodes.term("", "", *_parts(term))
    item += nodes.definition("", *_paragraphs(lines))
    return item


def descriptions(items):
    """Return a definition list of `items` as `described` makes them, set small."""
    return [nodes.definition_list("", *items, classes=["described"])]


class Folded(nodes.General, nodes.Element):
    """What is folded away until a reader opens it: a `Summary`, which stays, and a container."""


class Summary(nodes.Part, nodes.TextElement):
    """The line of a `Folded` that is always seen."""


def folded(title, said, lines, *below, anchor):
    """Return a `Folded` whose line is `title` and, softly, what is `said` of it.

    Inside are `lines`, each a name and a text, a node or both, and what comes `below`. The id `anchor`
    is inside, as a browser opens what is folded around the target of a link, and not the target itself.
    """
    summary = Summary("", "", *_parts([nodes.strong(title, title), " ", nodes.inline(said, said)]))
    return Folded("", summary, nodes.container("", *_paragraphs(lines), *below, ids=[anchor], classes=["folded"]))


def add_folded(app):
    """Teach the builder to write a `Folded`, once; a script opens it in browsers that do not by themselves."""
    if is_node_registered(Folded):
        return
    app.add_node(Folded, html=_tags("details"))
    app.add_node(Summary, html=_tags("summary"))
    app.connect("html-page-context", _open_targets)


def _tags(name):
    return (
        lambda translator, node: translator.body.append(f"<{name}>"),
        lambda translator, node: translator.body.append(f"</{name}>"),
    )


def _open_targets(app, pagename, templatename, context, doctree):
    if doctree is not None and next(iter(doctree.findall(Folded)), None):
        app.add_js_file("folded.js", loading_method="defer")


def table(head, rows, *, classes=()):
    """Return a table with the texts of `head` above `rows` of cells; a column is set to the right if all its cells are."""
    right = [all("number" in row[column]["classes"] for row in rows) for column in range(len(head))]
    node = nodes.table(classes=["result-table", "colwidths-auto", *classes])
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    titles = [cell(text, numeric=numeric) for text, numeric in zip(head, right, strict=True)]
    group += nodes.thead("", nodes.row("", *titles))
    group += nodes.tbody("", *(nodes.row("", *row) for row in rows))
    node += group
    return [node]


def _paragraphs(lines):
    return [_line([nodes.strong(name, name), " ", *_parts(line)]) for name, line in lines.items() if line]


def _parts(line):
    parts = line if isinstance(line, (list, tuple)) else [line]
    return [nodes.Text(part) if isinstance(part, str) else part for part in parts]


def _line(line):
    return nodes.paragraph("", "", *_parts(line))
