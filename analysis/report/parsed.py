"""Python source as a tree."""

import ast
import threading

#: CPython 3.11 counts the depth of all trees that threads build at once together, and fails (python/cpython issue 106905).
_ONE_AT_A_TIME = threading.Lock()


def tree(source: str | bytes) -> ast.Module:
    """Return the syntax tree of `source`, from any thread. Raises SyntaxError or ValueError for what is not Python."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
