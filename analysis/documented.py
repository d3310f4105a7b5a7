"""What the source says of the fields of a class: the comments that begin with `#:` above them."""

import ast
import inspect
import re
import textwrap


def fields(kind: type) -> dict[str, str]:
    """Return the comment above each annotated field of `kind`, by name; fields in a row share the one above them."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    documents, comment = {}, ""
    for node in ast.parse(source).body[0].body:
        if isinstance(node, ast.AnnAssign):
            above = comment_above(lines, node.lineno - 1)
            comment = above or comment
            documents[node.target.id] = comment
    return documents


def comment_above(lines: list[str], line: int) -> str:
    """Return the text of the comment that ends above the index `line`; nothing if there is none."""
    texts = []
    while line and (match := re.match(r"\s*#:\s*(.*)", lines[line - 1])):
        texts.insert(0, match[1])
        line -= 1
    return " ".join(texts)
