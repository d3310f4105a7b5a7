"""What programs read, at the root of the built book: results.json, llms.txt, and a Markdown twin beside every page of book/.

The twin of a page is its article as built, so that every number in it is there; figures are their title, their text
alternative and a link to their data. Written when the build ends, and only where bytes differ.
"""

import ast
import json
import re
from pathlib import Path, PurePosixPath

from bs4 import BeautifulSoup, NavigableString
from results import published_of

from analysis import paths

_TWINNED = "book/"
_QUOTED = re.compile(r"\{result(?:-\w+)?\}`?\s*([\w-]+:\w+)")
_THEN = re.compile(r"^:then:\s*(.+)$", re.MULTILINE)
#: A number as people read it, with at most one word of unit, and the interval that may stand behind it.
_NUMBER = re.compile(r"^[−-]?\$?([\d,]+(?:\.\d+)?)(?:\s*×\s*10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?\s*(million|billion|trillion)?\s*(%|[^\W\d]*)$")
_AROUND = re.compile(r"^(.+?) \((.+?) to (.+?)\)$")
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_WORDS = {None: 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_LEFT_OUT = "script, style, svg, .headerlink, .receipt, .figure-tools, .sd-summary-state-marker, .copybtn, button, input, select"
_SUMMARY = (
    "An executable report on large language models: how they work, how they came about, and what they take to train and to "
    "serve. Every number is computed when the book is built; plans have 80% intervals."
)


def number(text: str) -> dict:
    """Return the `value` and the `unit` of a result that is one number as people read it, with `low` and `high` where an
    interval stands behind it; {} for another text."""
    if around := _AROUND.match(text.strip()):
        value, *ends = map(number, around.groups())
        is_whole = all("value" in part for part in (value, *ends))
        return value | {"low": ends[0]["value"], "high": ends[1]["value"]} if is_whole else {}
    found = _NUMBER.match(text.strip())
    if found is None:
        return {}
    digits, power, word, unit = found.groups()
    value = float(digits.replace(",", "")) * 10.0 ** int((power or "⁰").translate(_POWERS)) * _WORDS[word]
    value = -value if text.strip()[0] in "-−" else value
    unit = unit.strip() or ("dollar" if "$" in text else "")
    return {"value": float(f"{value:.12g}"), "unit": unit}


def _quoting(env) -> dict[str, list[str]]:
    """Return the pages that quote each result, by its name."""
    pages: dict[str, list[str]] = {}
    for page in sorted(env.found_docs):
        if page.startswith(_TWINNED):
            for name in dict.fromkeys(_QUOTED.findall(Path(env.doc2path(page)).read_text(encoding="utf-8"))):
                pages.setdefault(name, []).append(f"{page}.html")
    return pages


def results(env) -> dict:
    """Return every published result by `notebook:name`, with its text or title, its number and interval, and who quotes it."""
    quoting, described = _quoting(env), {}
    for path in sorted(paths.EXECUTED.glob("*.ipynb")):
        told = {name: _described(bundle) for name, bundle in published_of(path.stem).items()}
        for name, result in told.items():
            ends = {end: told.get(f"{name}_{end}", {}).get("value") for end in ("low", "high")}
            low, high = ends.values()
            if None not in (low, high, result.get("value")) and low <= result["value"] <= high:  # names alone may mislead
                result |= ends
            result |= {"notebook": path.stem, "pages": quoting.get(f"{path.stem}:{name}", [])}
            described[f"{path.stem}:{name}"] = result
    return described


def _described(bundle: dict) -> dict:
    html, plain = bundle.get("text/html", ""), bundle.get("text/plain", "")
    if "vega-figure" in html:
        soup = BeautifulSoup(html, "html.parser")
        return {"kind": "chart", "title": _line(soup.select_one(".vega-title")), "text": plain,
                "source": _line(soup.select_one(".vega-source"))}  # fmt: skip
    if html or "text/latex" in bundle:
        return {"kind": "table" if html else "equation", "text": "" if html else bundle["text/latex"]}
    text = ast.literal_eval(plain) if plain[:1] in "'\"" else plain
    return {"kind": "text", "text": text} | number(text)


def twin(html: str, page: str) -> str:
    """Return the article of a page of HTML as Markdown; `page` is its name, from which links to other pages are told."""
    start, end = html.index("<article"), html.index("</article>") + len("</article>")
    article = BeautifulSoup(html[start:end], "html.parser")
    for node in article.select(".figure-tools a[href$='.csv']"):
        figure = node.find_parent("figure")
        if figure is not None:
            figure["data-csv"] = node["href"]
    for node in article.select(_LEFT_OUT):
        node.decompose()
    blocks = _blocks(article.find("article"))
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, blocks))).strip() + "\n"


def _line(node) -> str:
    return "" if node is None else " ".join(_inline(node).split())


def _inline(node) -> str:
    """Return what stands in a line: text, links, emphasis, code and mathematics."""
    if isinstance(node, NavigableString):
        return re.sub(r"([<$])", r"\\\1", re.sub(r"\s+", " ", str(node)))  # neither markup nor mathematics
    inner = "".join(map(_inline, node.children))
    classes = node.get("class") or []
    if node.name == "a" and node.get("href"):
        return f"[{inner.strip()}]({_target(node['href'])})" if inner.strip() else ""
    if node.name in ("strong", "b") and inner.strip():
        return f"**{inner.strip()}**"
    if node.name in ("em", "i") and inner.strip():
        return f"*{inner.strip()}*"
    if node.name == "code":
        return f"`{node.get_text().strip()}`"
    if "math" in classes:
        return node.get_text().replace(r"\(", "$").replace(r"\)", "$").replace(r"\[", "$$").replace(r"\]", "$$")
    return " " if node.name == "br" else f"{inner} " if node.name == "p" else inner


def _target(href: str) -> str:
    """Return a link as the twin has it: pages of book/ by their twins, others as they are."""
    path, mark, part = href.partition("#")
    is_twin = path.endswith(".html") and "/" not in path
    return f"{PurePosixPath(path).with_suffix('.md') if is_twin else path}{mark}{part}"


def _blocks(node) -> list[str]:
    """Return the blocks of Markdown that a node of HTML makes."""
    made = []
    for child in node.children:
        if isinstance(child, NavigableString):
            made.append(" ".join(str(child).split()))
        elif re.fullmatch(r"h[1-6]", child.name):
            made.append(f"{'#' * int(child.name[1])} {_line(child)}")
        elif child.name == "figure" or "vega-figure" in (child.get("class") or []):
            made += _figure(child)
        elif child.name == "table":
            made += _table(child)
        elif child.name in ("ul", "ol"):
            made.append(_list(child))
        elif child.name == "pre":
            made.append(f"```\n{child.get_text().rstrip()}\n```")
        elif child.name == "p" or "math" in (child.get("class") or []):
            made.append(_line(child))
        elif child.name in ("dt", "dd", "summary", "figcaption"):
            made.append(f"**{_line(child)}**" if child.name in ("dt", "summary") else _line(child))
        else:
            made += _blocks(child)
    return made


def _figure(node) -> list[str]:
    title, image = node.select_one(".vega-title"), node.find("img")
    said = [_line(node.select_one(name)) for name in (".vega-subtitle", ".vega-source", "figcaption")]
    data = f"[Data of the figure]({node['data-csv']})" if node.get("data-csv") else ""
    alternative = image.get("alt", "") if image is not None else ""
    head = f"**{_line(title)}**" if title is not None else ""
    return [head, said[0], _inline(NavigableString(alternative)).strip(), said[1], said[2], data]


def _table(node) -> list[str]:
    rows = [[_line(cell).replace("|", r"\|") for cell in row.find_all(["th", "td"])] for row in node.find_all("tr")]
    if not rows:
        return []
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in (rows[0], ["---"] * width, *rows[1:])]
    return [_line(node.find("caption")), "\n".join(lines)]


def _list(node, depth: int = 0) -> str:
    lines = []
    for place, item in enumerate(node.find_all("li", recursive=False), 1):
        inner = [child for child in item.children if getattr(child, "name", None) in ("ul", "ol")]
        text = "".join(_inline(child) for child in item.children if child not in inner)
        lines.append(f"{'  ' * depth}{f'{place}.' if node.name == 'ol' else '-'} {' '.join(text.split())}")
        lines += [_list(child, depth + 1) for child in inner]
    return "\n".join(lines)


def index(env, title: str) -> str:
    """Return llms.txt: the book's title and summary, and its pages in the order of its contents, each by its twin."""
    lines = [f"# {title}", "", f"> {_SUMMARY}", "", "- [results.json](results.json): every published result", ""]
    lines += ["## Pages", ""]
    for page in _ordered(env):
        then = _THEN.search(Path(env.doc2path(page)).read_text(encoding="utf-8"))
        told = f": {then[1]}" if then else ""
        lines.append(f"- [{env.titles[page].astext()}]({page}.md){told}")
    return "\n".join(lines) + "\n"


def _ordered(env) -> list[str]:
    """Return the pages of book/ in the order of the table of contents."""
    ordered: list[str] = []

    def walk(page: str) -> None:
        if page in ordered:
            return
        ordered.append(page)
        for child in env.toctree_includes.get(page, ()):
            walk(child)

    walk(env.config.root_doc)
    return [page for page in ordered if page.startswith(_TWINNED)]


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        paths.write(path, text)


def _finish(app, error):
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for page in _ordered(app.env):
        _write(out / f"{page}.md", twin((out / f"{page}.html").read_text(encoding="utf-8"), page))
    described = json.dumps(results(app.env), indent=1, ensure_ascii=False, sort_keys=True)
    _write(out / "results.json", f"{described}\n")
    _write(out / "llms.txt", index(app.env, app.config.html_title or app.config.project))


def _announce(app, pagename, templatename, context, doctree):
    if pagename.startswith(_TWINNED) and doctree is not None:
        name = PurePosixPath(pagename).name
        link = f'\n<link rel="alternate" type="text/markdown" title="This page as Markdown" href="{name}.md">'
        context["metatags"] = context.get("metatags", "") + link


def setup(app):
    app.connect("html-page-context", _announce)
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
