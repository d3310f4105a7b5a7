"""The directive `terms`, which lists the glossary, and links that lead to it from the first use of a term on a page.

Links are made in running text alone: not in headings, captions, tables, code, mathematics or other links, and not in
results, records and the bibliography, which stay as they are.
"""

from itertools import groupby

from docutils import nodes
from listing import page_link
from sphinx.domains.std import make_glossary_term
from sphinx.util.docutils import SphinxDirective

from analysis import paths
from analysis.report import glossary

_PAGE = "book/glossary"
_CHAPTERS = "book/"
_CLOSED = (
    *(nodes.title, nodes.caption, nodes.table, nodes.term, nodes.citation),
    *(nodes.literal, nodes.literal_block, nodes.math, nodes.reference),
)
#: Classes of what was computed or copied.
_AS_IT_IS = {"result", "described"}


class Terms(SphinxDirective):
    """Every term under the letter with which it begins; Sphinx's search and index find it in both languages."""

    has_content = False

    def run(self):
        self.env.note_dependency(str(paths.DATA / "glossary.csv"))
        sections = []
        for letter, found in groupby(glossary.terms(), key=lambda one: one.term[0].upper()):
            section = nodes.section(ids=[f"letter-{letter.lower()}"], names=[letter])
            section += nodes.title(letter, letter)
            section += nodes.definition_list("", *map(self._entry, found), classes=["glossary"])
            sections.append(section)
        return sections

    def _entry(self, one):
        item = nodes.definition_list_item("", self._term(one.term, one.anchor))
        for number, text in enumerate(one.chinese):
            if text != one.term:
                term = self._term(text, f"{one.anchor}-zh{number or ''}")
                term["classes"] += ["language-zh", *(["of-deck"] if text in one.deck else [])]
                item += term
        also = f"Also {', '.join(one.aliases)}. " if one.aliases else ""
        where = nodes.paragraph("", "", nodes.Text(f"{also}See "), page_link(one.page), nodes.Text("."), classes=["where"])
        item += nodes.definition("", nodes.paragraph(one.definition, one.definition), where)
        return item

    def _term(self, text, anchor):
        source, line = self.get_source_info()
        return make_glossary_term(self.env, [nodes.Text(text)], None, source, line, anchor, self.state.document)


def _depend(app, docname, source):
    """Have each chapter read, and so written, again when the glossary has changed."""
    if _is_linked(docname):
        app.env.note_dependency(str(paths.DATA / "glossary.csv"))


def _link_first_uses(app, doctree, docname):
    if not _is_linked(docname) or _PAGE not in app.env.found_docs:
        return
    done = set()
    for text in list(doctree.findall(nodes.Text)):
        if _is_open(text):
            found = list(glossary.uses(text, docname.removeprefix(_CHAPTERS), done))
            if found:
                text.parent.replace(text, list(_with_links(app, docname, text, found)))
                done |= {term.term for _, _, term in found}


def _with_links(app, docname, text, found):
    """Yield the parts of `text`, each use that was `found` in it as a link to its entry."""
    page, end = app.builder.get_relative_uri(docname, _PAGE), 0
    for start, stop, term in found:
        yield nodes.Text(text[end:start])
        yield nodes.reference(
            "",
            text[start:stop],
            refuri=f"{page}#{term.anchor}",
            reftitle=f"{term.definition} ({', '.join(term.chinese)})",
            internal=True,
            classes=["term-link"],
        )
        end = stop
    yield nodes.Text(text[end:])


def _is_open(text):
    """Say whether a text may hold links: running text, and no result."""
    around, node = [], text.parent
    while node is not None:
        around.append(node)
        node = node.parent
    return any(isinstance(node, nodes.paragraph) for node in around) and not any(
        isinstance(node, _CLOSED) or _AS_IT_IS & set(node.get("classes", ()))
        for node in around
        if isinstance(node, nodes.Element)
    )


def _is_linked(docname):
    return docname.startswith(_CHAPTERS) and "/" not in docname.removeprefix(_CHAPTERS) and docname != _PAGE


def setup(app):
    app.add_directive("terms", Terms)
    app.connect("source-read", _depend)
    app.connect("doctree-resolved", _link_first_uses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
