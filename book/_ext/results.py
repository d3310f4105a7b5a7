"""Results of executed notebooks in the chapters: `{result}` in a sentence, and four directives.

Each names what it shows as `notebook:name`, the name under which the notebook published it. A chapter is read again
when a notebook that it quotes was run anew, and a name that no notebook publishes is a warning, which fails the build.

    {result}`training_estimate:accelerators`

    ```{result-chart} training_estimate:training_chart
    :name: fig-training
    :deck: 7
    The caption: what the reader should see.
    ```

`result-table` and `result-equation` work alike; the latter has a label in place of a caption. `result-panel` has
neither. The option `deck` names the figures of the deck that the result rebuilds: one or more numbers. The page
deck-map.md lists them.
"""

import ast
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import edition
import nbformat
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.i18n import Locale
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis import paths
from analysis.deck import deck_map
from analysis.languages import pages
from analysis.suggest import nearest

LOG = logging.getLogger(__name__)
NOTEBOOK_PAGES = "notebooks/executed"
DECK_MAP = "/book/deck-map"
_GAP = "\0"


class ResultError(LookupError):
    """A result that no executed notebook publishes."""


@lru_cache(maxsize=64)
def _published(path: Path, modified: float) -> dict[str, dict]:
    """Return the MIME bundle of each result that the executed notebook publishes, by name."""
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", ()):
            scrapbook = output.get("metadata", {}).get("scrapbook", {})
            if scrapbook.get("name"):
                prefix = scrapbook["mime_prefix"]
                found[scrapbook["name"]] = {key.removeprefix(prefix): value for key, value in output.data.items()}
    return found


def published_of(notebook: str) -> dict[str, dict]:
    """Return the MIME bundle of each result that the executed `notebook` publishes, by name."""
    path = paths.EXECUTED / f"{notebook}.ipynb"
    return _published(path, path.stat().st_mtime)


def cell_of(notebook: str, name: str) -> int:
    """Return the place, from 0, of the cell of the executed notebook that publishes `name`. Raises ResultError."""
    return cells(notebook)[name]


def cells(notebook: str) -> dict[str, int]:
    """Return the place, from 0, of the cell of the executed notebook that publishes each result, by name."""
    path = paths.EXECUTED / f"{notebook}.ipynb"
    return _cells(path, path.stat().st_mtime)


@lru_cache(maxsize=64)
def _cells(path: Path, modified: float) -> dict[str, int]:
    found = {}
    for place, cell in enumerate(nbformat.read(path, as_version=4).cells):
        for output in cell.get("outputs", ()):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name:
                found[name] = place
    return found


def result(env, target: str) -> dict:
    """Return the MIME bundle of the result `notebook:name`, and note that the page depends on it. Raises ResultError."""
    notebook, _, name = target.partition(":")
    path = paths.EXECUTED / f"{notebook}.ipynb"
    if not path.is_file():
        known = [other.stem for other in paths.EXECUTED.glob("*.ipynb")]
        raise ResultError(f"no executed notebook {notebook!r}{nearest(notebook, known)}")
    env.note_dependency(str(path))
    env.result_sources.setdefault(env.docname, set()).add(notebook)
    published = published_of(notebook)
    if name not in published:
        raise ResultError(f"the notebook {notebook!r} publishes no {name!r}{nearest(name, published)}")
    return published[name]


def _text(env, target: str) -> str:
    plain = result(env, target)["text/plain"]
    text = ast.literal_eval(plain) if plain[:1] in "'\"" else plain
    return edition.text(env.config, target.partition(":")[0], text)


def _page_link(page: str, text: str) -> addnodes.pending_xref:
    link = addnodes.pending_xref("", refdomain="std", reftype="doc", reftarget=page, refexplicit=True, refwarn=True)
    link += nodes.inline(text, text)
    return link


def _notebook_link(notebook: str, say: Callable[..., str]) -> nodes.Node:
    """Return " Notebook: …" as a link to the page of the notebook that computed the result."""
    return _origin(say("origin of a table", link=_GAP), _page_link(f"/{NOTEBOOK_PAGES}/{notebook}", notebook))


def _deck_link(figures: tuple[int, ...], say: Callable[..., str]) -> nodes.Node:
    """Return " Deck: …" with the deck's figures as a link to their map."""
    text = say("deck's figures" if len(figures) > 1 else "deck's figure", numbers=say("comma").join(map(str, figures)))
    return _origin(say("origin in the deck", link=_GAP), _page_link(DECK_MAP, text))


def _origin(text: str, link: nodes.Node) -> nodes.Node:
    """Return `text` as what stands behind a caption, with the link in its gap."""
    before, after = text.split(_GAP)
    return nodes.inline("", before, link, nodes.Text(after), classes=["result-notebook"])


class Origins(SphinxTransform):
    """Puts behind each caption where its result comes from, once the caption is translated."""

    default_priority = Locale.default_priority + 5

    def apply(self, **kwargs):
        say = pages.of_locale(self.config.language)
        for caption in self.document.findall(lambda node: "result_from" in getattr(node, "attributes", ())):
            if notebook := caption["result_from"]:
                caption += _notebook_link(notebook, say)
            if deck := caption["result_deck"]:
                caption += _deck_link(deck, say)


class Published(nodes.inline):
    """A published text in a sentence; HTML says by which notebook and under which name, for `number_cards`."""


def _visit_published(translator, node):
    translator.body.append(translator.starttag(node, "span", "", **{"data-result": node["published"]}))


def _depart_published(translator, node):
    translator.body.append("</span>")


class ResultRole(SphinxRole):
    """A published text in a sentence."""

    def run(self):
        try:
            text = _text(self.env, self.text)
        except ResultError as exc:
            LOG.warning("%s", exc, location=self.get_location())
            return [], []
        return [Published(text, text, classes=["result"], published=self.text)], []


class _ResultDirective(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged, "deck": deck_map.numbers}

    def run(self):
        try:
            return self.draw(self.arguments[0])
        except ResultError as exc:
            LOG.warning("%s", exc, location=self.get_location())
            return []

    def caption(self, node: type[nodes.TextElement], notebook: str = "") -> nodes.TextElement:
        """Return the caption as a `node` that can be translated; behind it `Origins` says of which notebook the result is."""
        text = " ".join(self.content)
        parsed, _ = self.state.inline_text(text, self.lineno)
        caption = node(text, "", *parsed, result_from=notebook, result_deck=self.options.get("deck", ()))
        self.set_source_info(caption)
        return caption


class ResultChart(_ResultDirective):
    """A published chart as a numbered figure; below it `figure_tools` names the code that drew it."""

    def draw(self, target):
        figure = nodes.figure(classes=["result-chart"])
        drawn = edition.chart(self.config, target.partition(":")[0], result(self.env, target)["text/html"])
        chart = drawn.replace(" id=", f' data-result="{target}" id=', 1)
        figure += nodes.raw("", chart, format="html")
        figure += self.caption(nodes.caption)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure]


class ResultTable(_ResultDirective):
    """A published table as a numbered table; `:search:` lets the reader search and sort it."""

    option_spec = _ResultDirective.option_spec | {"search": directives.flag}

    def draw(self, target):
        html = BeautifulSoup(result(self.env, target)["text/html"], "html.parser")
        head = html.thead.find_all("th")
        search = ["searchable"] if "search" in self.options else []
        table = nodes.table(classes=["result-table", "colwidths-auto", *search])
        table += self.caption(nodes.title, target.partition(":")[0])
        group = nodes.tgroup(cols=len(head))
        group += [nodes.colspec(colwidth=1) for _ in head]
        notebook = target.partition(":")[0]
        group += nodes.thead("", self._row(notebook, head))
        group += nodes.tbody("", *(self._row(notebook, row.find_all("td")) for row in html.tbody.find_all("tr")))
        table += group
        self.set_source_info(table)
        self.add_name(table)
        return [table]

    def _row(self, notebook, cells) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            lines = edition.text(self.config, notebook, cell.get_text("\n")).split("\n")
            row += nodes.entry("", *(nodes.paragraph(line, line) for line in lines), classes=cell.get("class", []))
        return row


class ResultPanel(_ResultDirective):
    """A published panel of controls; its page has the charts that it moves."""

    has_content = False

    def draw(self, target):
        return [nodes.raw("", result(self.env, target)["text/html"], format="html")]


class ResultEquation(_ResultDirective):
    """A published equation as display mathematics, numbered if it has a name."""

    def draw(self, target):
        latex = result(self.env, target)["text/latex"].removeprefix(r"$\displaystyle ").removesuffix("$")
        label = [f":label: {self.options['name']}"] if "name" in self.options else []
        container = nodes.Element()
        lines = ["```{math}", *label, "", *latex.splitlines(), "```"]
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, container)
        return container.children


def _purge(app, env, docname):
    env.result_sources.pop(docname, None)


def _merge(app, env, docnames, other):
    env.result_sources.update({name: other.result_sources[name] for name in docnames if name in other.result_sources})


def _prepare(app):
    if not hasattr(app.env, "result_sources"):
        app.env.result_sources = {}


def setup(app):
    app.add_node(Published, html=(_visit_published, _depart_published))
    app.add_role("result", ResultRole())
    app.add_directive("result-chart", ResultChart)
    app.add_directive("result-table", ResultTable)
    app.add_directive("result-equation", ResultEquation)
    app.add_directive("result-panel", ResultPanel)
    app.add_transform(Origins)
    app.connect("builder-inited", _prepare)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
