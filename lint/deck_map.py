"""The map of the deck's figures is complete, and what it names exists."""

import importlib
import re
from collections.abc import Iterator

from analysis import paths
from analysis.deck import deck_map
from analysis.report import runner

#: Figures of the deck that this edition rebuilds: all.
REBUILT = frozenset(range(1, 40))


def complaints() -> Iterator[str]:
    """Yield the figures that are not rebuilt, and rows that name what does not exist."""
    rows = deck_map.rebuilt()
    for figure in sorted(REBUILT - {one.figure for one in rows}):
        yield f"book: no page rebuilds the deck's figure {figure}"
    options = sum(
        len(numbers.split())
        for path in (paths.ROOT / "book").glob("*.md")
        for numbers in re.findall(r"^:deck: *(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    if len(rows) != options:
        yield f"book: {options} figures are named by :deck:, {len(rows)} are found"
    for one in rows:
        for complaint in of_row(one):
            yield f"book/{one.page}.md: figure {one.figure}, {one.result}: {complaint}"


def of_row(one: deck_map.Rebuilt) -> Iterator[str]:
    """Yield what a row names that does not exist."""
    if not (paths.ROOT / "book" / f"{one.page}.md").is_file():
        yield "there is no such page"
    if one.notebook not in {path.stem for path in runner.notebooks()}:
        yield f"there is no notebook {one.notebook}"
    if not one.label:
        yield "it has no :name: to link to"
    module, name = one.function.rsplit(".", 1)
    if not callable(getattr(importlib.import_module(module), name, None)):
        yield f"there is no function {one.function}"
