"""The directive `guide` at the top of a chapter: for whom it is, what it asks, how long it takes, what one can do after it.

    ```{guide}
    :for: newcomers
    :needs: school arithmetic
    :then: tell training from inference
    ```

The minutes are counted from the words of the page as built: running text, captions and results, without tables and charts.
"""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

WORDS_A_MINUTE = 200
_UNREAD = (nodes.table, nodes.raw, nodes.literal_block, nodes.math_block, nodes.comment)


class Minutes(nodes.inline):
    """The place of the minutes, which are known when the whole page is read."""


class Guide(SphinxDirective):
    """One line in four parts."""

    option_spec = {"for": directives.unchanged_required, "needs": directives.unchanged_required,
                   "then": directives.unchanged_required}  # fmt: skip

    def run(self):
        if missing := [name for name in self.option_spec if name not in self.options]:
            raise self.error(f"a guide says :{missing[0]}:")
        line = nodes.paragraph("", "", classes=["described"])  # no links to the glossary
        for number, (name, said) in enumerate((("for", "For"), ("needs", "You need"), ("then", "Then you can"))):
            parsed, _ = self.state.inline_text(self.options[name], self.lineno)
            if name == "then":
                line += [nodes.Text(" "), nodes.strong("", "Takes"), nodes.Text(" "), Minutes(), nodes.Text(".")]
            line += [nodes.Text(" " if number else ""), nodes.strong("", said), nodes.Text(" "), *parsed, nodes.Text(".")]
        return [nodes.container("", line, classes=["page-guide"])]


def minutes(doctree: nodes.Node) -> int:
    """Return the minutes that a page takes to read, one at least."""
    return max(1, round(_words(doctree) / WORDS_A_MINUTE))


def _words(node: nodes.Node) -> int:
    if isinstance(node, nodes.Text):
        return len(node.astext().split())
    return 0 if isinstance(node, _UNREAD) else sum(map(_words, node.children))


def _count(app, doctree):
    for place in list(doctree.findall(Minutes)):
        count = minutes(doctree)
        place.replace_self(nodes.Text(f"{count} minute{'s' if count > 1 else ''}"))


def setup(app):
    app.add_directive("guide", Guide)
    app.connect("doctree-read", _count)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
