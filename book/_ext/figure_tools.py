"""What a reader can do with a chart: its picture and its data as files, and the code that drew it, in a menu below it.

The picture, which the notebook holds within the chart's HTML, goes to a file of its own, so that a page carries it once.
`charts.js` adds the button that enlarges the chart, which needs a script.
"""

import base64
import html
import json
import re
from pathlib import Path

from docutils import nodes
from results import NOTEBOOK_PAGES, cell_of

from analysis import paths
from analysis.deck import deck_map
from analysis.figures import chart_data
from analysis.figures.render import VEGALITE
from analysis.languages import pages as languages

_FOLDER = "_images/charts"
_CHART = re.compile(
    r'<div class="vega-figure"(?: data-result="(?P<result>[^"]*)")? id="(?P<id>chart-\w+)">\s*'
    r'<p class="vega-title">(?P<title>.*?)</p>\s*(?P<subtitle><p class="vega-subtitle">.*?</p>\s*)?'
    r'<div class="vega-host"><img alt="(?P<alt>[^"]*)"'
    r' src="data:image/svg\+xml;base64,(?P<svg>[^"]*)"></div>\s*<p class="vega-source">(?P<source>.*?)</p>\s*'
    r'<script type="application/json">(?P<spec>.*?)</script></div>',
    re.DOTALL,
)
#: The files that `_write_files` names, and no other.
_FILE = re.compile(rf"{_FOLDER}/(chart-[0-9a-f]{{12}}\.(?:svg|csv))")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')


def _add_tools(app, pagename, templatename, context, doctree):
    if 'class="vega-figure"' not in context.get("body", ""):
        return
    seen = []

    def drawn(match: re.Match) -> str:
        seen.append(match["id"])
        return _chart(app, pagename, context["pathto"], match, is_first=len(seen) == 1)

    context["body"] = _CHART.sub(drawn, context["body"])


def _chart(app, pagename, pathto, match: re.Match, *, is_first: bool) -> str:
    """Return a chart's HTML with its picture in a file, and the row of tools."""
    svg = base64.b64decode(match["svg"]).decode()
    files = _write_files(Path(app.outdir) / _FOLDER, match, svg)
    address = {kind: pathto(f"{_FOLDER}/{name}", 1) for kind, name in files.items()}
    width, height = (round(float(number)) for number in _SIZE.search(svg).groups())
    lazy = "" if is_first else ' loading="lazy"'
    say = languages.of_locale(app.config.language)
    links = [f'<a href="{address["svg"]}" download>{say("picture of a figure")}</a>']
    if "csv" in address:
        links.append(f'<a href="{address["csv"]}" download>{say("data of a figure")}</a>')
    if match["result"]:
        links.append(_code(app, pagename, *match["result"].split(":")))
    return (
        f'<div class="vega-figure" id="{match["id"]}"><p class="vega-title">{match["title"]}</p>'
        f"{match['subtitle'] or ''}"
        f'<div class="vega-host"><img alt="{match["alt"]}" src="{address["svg"]}" width="{width}" height="{height}"{lazy}></div>'
        f'<p class="vega-source">{match["source"]}</p>'
        f'<div class="figure-tools" role="group" aria-label="{say("tools of a figure")}">'
        f"<details><summary>{say('what a figure has')}</summary>{''.join(links)}</details></div>"
        f'<script type="application/json">{match["spec"]}</script></div>'
    )


def _write_files(folder: Path, match: re.Match, svg: str) -> dict[str, str]:
    """Write the picture, and the data unless there is none, as in a diagram without numbers; return the files' names by kind."""
    name, files = match["id"], {}
    about = f"<title>{match['title']}</title><desc>{match['alt']} {match['source']}</desc>"
    start = svg.index(">", svg.index("<svg")) + 1
    contents = {"svg": f"{svg[:start]}{about}{svg[start:]}"}
    data = chart_data.table(json.loads(match["spec"]), VEGALITE)
    if data is not None:
        contents["csv"] = "\ufeff" + data.to_csv(index=False, lineterminator="\n")  # the mark tells Excel that it is UTF-8
    for kind, text in contents.items():
        files[kind] = f"{name}.{kind}"
        paths.write(folder / files[kind], text)
    return files


def _remove_unused(app, exception):
    """Remove pictures and data that an earlier build wrote here and no page shows any more."""
    if exception or app.builder.name != "html":
        return
    used = set()
    for page in app.env.found_docs:
        used.update(_FILE.findall(Path(app.builder.get_outfilename(page)).read_text(encoding="utf-8")))
    for path in (Path(app.outdir) / _FOLDER).glob("chart-*"):
        if _FILE.fullmatch(f"{_FOLDER}/{path.name}") and path.name not in used:
            path.unlink()


def _code(app, pagename, notebook, name):
    """Return the link to the cell that published the chart, which names the function that drew it."""
    function = deck_map.drawn_by(notebook)[name].removeprefix("analysis.").removeprefix("figures.")
    page = app.builder.get_relative_uri(pagename, f"{NOTEBOOK_PAGES}/{notebook}")
    target = html.escape(f"{page}#cell-{cell_of(notebook, name)}")
    code = f"<code>{html.escape(function)}</code>"
    return f'<a href="{target}">{languages.of_locale(app.config.language)("code of a figure", code=code)}</a>'


def _name_cells(app, doctree):
    """Give each code cell of a notebook's page an address."""
    if app.env.docname.startswith(f"{NOTEBOOK_PAGES}/"):
        for cell in doctree.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                cell["ids"].append(f"cell-{cell['cell_index']}")


def setup(app):
    app.connect("doctree-read", _name_cells)
    app.connect("html-page-context", _add_tools)
    app.connect("build-finished", _remove_unused)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
