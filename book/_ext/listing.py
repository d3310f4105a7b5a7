"""What directives that list things share: tables and definitions as Docutils nodes, without a detour over Markdown."""

from docutils import nodes
from sphinx import addnodes


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


def described(term, lines, *below, anchor=None):
    """Return an item of a definition list: `term`, a text or a node, over `lines`, each a name and a text, a node or both.

    `below` are nodes that follow the lines; `anchor` is the term's id, as HTML has none for an item.
    """
    item = nodes.definition_list_item()
    item += nodes.term("", "", *_parts(term), ids=[anchor] if anchor else [])
    paragraphs = [_line([nodes.strong(name, name), " ", *_parts(line)]) for name, line in lines.items() if line]
    item += nodes.definition("", *paragraphs, *below)
    return item


def descriptions(items):
    """Return a definition list of `items` as `described` makes them, set small."""
    return [nodes.definition_list("", *items, classes=["described"])]


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


def _parts(line):
    parts = line if isinstance(line, (list, tuple)) else [line]
    return [nodes.Text(part) if isinstance(part, str) else part for part in parts]


def _line(line):
    return nodes.paragraph("", "", *_parts(line))
