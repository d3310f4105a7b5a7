"""The directive `guide` at the top of a chapter: for whom it is, what it asks, how long it takes, what one can do after it.

    ```{guide}
    :for: newcomers
    :needs: school arithmetic
    :then: tell training from inference
    ```

The minutes are counted from the words of the page as built: running text, captions and results, without tables and charts.
"""

import re

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from analysis.languages import pages

WORDS_A_MINUTE = 200
#: Chinese characters that are read in the time of an English word.
HAN_A_WORD = 1.6
_HAN = re.compile(r"[\u4e00-\u9fff]")
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
        say = pages.of_locale(self.config.language)
        line = nodes.paragraph("", "", classes=["described"])  # no links to the glossary
        for name in self.option_spec:
            if name == "then":
                line += [nodes.strong("", say("guide takes")), Minutes(), nodes.Text(say("guide stop"))]
            parsed, _ = self.state.inline_text(self.options[name], self.lineno)
            part = nodes.inline(self.options[name], "", *parsed, translatable=True)
            self.set_source_info(part)
            # Sphinx puts what is in a translatable part at the end of what is around it: here, of a node of its own.
            line += [nodes.strong("", say(f"guide {name}")), nodes.inline("", "", part), nodes.Text(say("guide stop"))]
        return [nodes.container("", line, classes=["page-guide"])]


def minutes(doctree: nodes.Node) -> int:
    """Return the minutes that a page takes to read, one at least."""
    return max(1, round(_words(doctree) / WORDS_A_MINUTE))


def _words(node: nodes.Node) -> float:
    if isinstance(node, nodes.Text):
        text = node.astext()
        return len(_HAN.sub(" ", text).split()) + len(_HAN.findall(text)) / HAN_A_WORD
    return 0 if isinstance(node, _UNREAD) else sum(map(_words, node.children))


def _count(app, doctree):
    for place in list(doctree.findall(Minutes)):
        count = minutes(doctree)
        say = pages.of_locale(app.config.language)
        place.replace_self(nodes.Text(say("minutes to read" if count > 1 else "minute to read", count=count)))


def setup(app):
    app.add_directive("guide", Guide)
    app.connect("doctree-read", _count)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
