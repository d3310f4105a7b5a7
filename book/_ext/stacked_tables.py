"""Tables of words are read on a phone as cards, one a row, each value behind the head of its column.

Which tables: those with a long text in some cell. Tables of numbers stay tables, to be compared down their columns, and
scroll sideways. `report.css` lays the cards out on narrow screens; roles keep rows and cells what they are for screen
readers, for which they would end to be such when they are laid out as blocks.
"""

import re

from bs4 import BeautifulSoup, Tag

_TABLE = re.compile(r'<table class="[^"]*\btable\b[^"]*"[^>]*>.*?</table>', re.DOTALL)
#: A text of more letters than this makes a table of words of one with three columns or more; so does a longer name of a row.
_LONG, _LONG_NAME = 38, 60
_FEW = 2
_LAST = 920
_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "th": "columnheader", "td": "cell"}


def stacked(html: str) -> str:
    """Return the HTML of a table, made ready for cards if it is one of words; else as it is."""
    table = BeautifulSoup(html, "html.parser").table
    if table.thead is None or not is_of_words(table):
        return html
    heads = [" ".join(head.get_text(" ").split()) for head in table.thead.find_all("th")]
    for part in table.find_all(list(_ROLES)):
        part["role"] = _ROLES[part.name]
    for row in table.tbody.find_all("tr"):
        for head, cell in zip(heads, row.find_all("td"), strict=True):
            cell["data-label"] = head
            held = Tag(name="div")
            held.extend(list(cell.contents))
            cell.append(held)
    table["class"].append("stacked")
    return str(table)


def is_of_words(table: Tag) -> bool:
    """Say whether the rows of `table` are better read one by one than compared."""
    rows = [[_longest(cell) for cell in row.find_all("td")] for row in table.tbody.find_all("tr")]
    return any(len(row) > _FEW and (row[0] > _LONG_NAME or max(row[1:]) > _LONG) for row in rows)


def _longest(cell: Tag) -> int:
    """Return the letters of the longest line of a cell."""
    return max(len(" ".join(part.get_text().split())) for part in cell.find_all("p") or [cell])


def _stack(app, pagename, templatename, context, doctree):
    if "<table" in context.get("body", ""):
        context["body"] = _TABLE.sub(lambda match: stacked(match[0]), context["body"])


def setup(app):
    app.connect("html-page-context", _stack, priority=_LAST)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
