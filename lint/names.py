"""Names in `analysis/` say what they hold; a few words that say nothing of it are refused."""

import ast
from collections.abc import Iterator
from pathlib import Path

from analysis import paths

#: What no variable, argument, field or function is called.
VAGUE = frozenset({"one", "found", "own"})
#: What no function is called.
VAGUE_FUNCTIONS = VAGUE | {"of"}


def complaints() -> Iterator[str]:
    """Yield where a module of `analysis/` defines such a name."""
    for path in sorted((paths.ROOT / "analysis").rglob("*.py")):
        yield from of_module(path.relative_to(paths.ROOT), path.read_text(encoding="utf-8"))


def of_module(path: Path, text: str) -> Iterator[str]:
    """Yield the complaints about a module's `text`, with file and line."""
    for line, name in sorted(set(_vague(ast.parse(text)))):
        yield f"{path.as_posix()}:{line}: {name!r} does not say what it holds; name it by the term of the field"


def _vague(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each vague name that is given; what is only read may be a table's column."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                refused = VAGUE_FUNCTIONS
            case (
                ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
                | ast.arg(arg=name)
                | ast.alias(asname=name)
                | ast.ExceptHandler(name=name)
                | ast.MatchAs(name=name)
                | ast.MatchStar(name=name)
            ):
                refused = VAGUE
            case _:
                continue
        if name in refused:
            yield node.lineno, name
