"""Which figure of the deck is rebuilt where: from the option `:deck:` of the chapters' results.

A result in a chapter says with `:deck: 7`, or `:deck: 7 8`, which of the deck's figures it rebuilds. The notebook that
publishes the result shows which function of the package draws it.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache

import nbformat

from analysis import facts, paths

_RESULT = re.compile(
    r"^(?P<fence>`{3,})\{result-(?P<kind>chart|table|equation)\} (?P<notebook>\w+):(?P<result>\w+)\n"
    r"(?P<options>(?::[\w-]+:.*\n)*)",
    re.MULTILINE,
)
_OPTION = re.compile(r"^:([\w-]+): *(.*)$", re.MULTILINE)


class DeckMapError(ValueError):
    """A result that names a figure which the deck lacks, or none at all."""


@dataclass(frozen=True)
class Rebuilt:
    """A result of the book that rebuilds one of the deck's figures."""

    figure: int
    page: str  # the chapter, without its ending
    section: str  # the heading under which it stands
    kind: str  # chart, table or equation
    label: str  # the name by which the book refers to it; empty if it has none
    notebook: str
    result: str

    @property
    def function(self) -> str:
        """The function of the package that draws it, such as `analysis.figures.memory.kv_cache`."""
        return drawn_by(self.notebook)[self.result]


def numbers(text: str) -> tuple[int, ...]:
    """Return the figures that an option `:deck:` names. Raises DeckMapError."""
    known = [int(figure) for figure in facts.read("deck_figures")["figure"]]
    wrong = [word for word in text.split() if not (word.isdigit() and int(word) in known)]
    if wrong or not text.split():
        given = repr(wrong[0]) if wrong else "nothing"
        raise DeckMapError(f"deck: {given} is no figure of the deck; they count from {min(known)} to {max(known)}")
    return tuple(int(word) for word in text.split())


def rebuilt() -> list[Rebuilt]:
    """Return every result that rebuilds a figure of the deck, by figure and page. Raises DeckMapError."""
    slides = []
    for path in sorted((paths.ROOT / "book").glob("*.md")):
        markdown = path.read_text(encoding="utf-8")
        for match in _RESULT.finditer(markdown):
            options = dict(_OPTION.findall(match["options"]))
            headings = re.findall(r"^#+ +(.*)$", markdown[: match.start()], re.MULTILINE)
            slides += [
                Rebuilt(
                    figure=figure,
                    page=path.stem,
                    section=headings[-1],
                    kind=match["kind"],
                    label=options.get("name", ""),
                    notebook=match["notebook"],
                    result=match["result"],
                )
                for figure in (numbers(options["deck"]) if "deck" in options else ())
            ]
    return sorted(slides, key=lambda entry: (entry.figure, entry.page))


@cache
def drawn_by(notebook: str) -> dict[str, str]:
    """Return the function of the package behind each result that `notebook` publishes, by the result's name.

    It is the first function of `analysis` that is called to make the result, followed through the notebook's variables.
    """
    cells = nbformat.read(paths.NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells
    tree = ast.parse("\n".join(cell.source for cell in cells if cell.cell_type == "code"))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "analysis"
        for alias in node.names
    }
    assigned = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return {
        keyword.arg: _function(keyword.value, imported, assigned)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "publish"
        for keyword in node.keywords
    }


def _function(value: ast.expr, imported: dict[str, str], assigned: dict[str, ast.expr]) -> str:
    """Return the dotted name of the function that makes `value`, or nothing where the package has none in it."""
    for _ in assigned:
        if not isinstance(value, ast.Name):
            break
        value = assigned.get(value.id, ast.Constant(None))
    calls = [ast.unparse(node.func).split(".") for node in ast.walk(value) if isinstance(node, ast.Call)]
    names = [".".join([imported[first], *rest]) for first, *rest in calls if first in imported]
    # `equation` of the notebook module only wraps what another function wrote.
    drawing = [name for name in names if not name.startswith("analysis.report.notebook.")] or names
    return drawing[0] if drawing else ""
