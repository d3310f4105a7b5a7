"""The deck, statement by statement, and the section of the book that treats each: `data/deck_coverage.csv`."""

import re
from dataclasses import dataclass
from functools import cache

from docutils.nodes import make_id

from analysis import facts, paths
from analysis.suggest import nearest

#: What the book says of a statement.
VERDICTS = {
    "right": "right",
    "partly": "right in part",
    "incomplete": "right, with something left out",
    "wrong": "wrong",
    "misprint": "a misprint",
    "choice": "a choice, neither right nor wrong",
    "vague": "too vague to be checked",
    "unverified": "no source was found",
    "title": "a title or a source",
}
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_CODE = re.compile(r"^(`{3,})\w+\n.*?^\1", re.MULTILINE | re.DOTALL)


class CoverageError(ValueError):
    """A section that the book does not have."""


@dataclass(frozen=True)
class Place:
    """A section of the book."""

    page: str  # the chapter, without its ending
    anchor: str  # the id of the section on its page
    title: str


@dataclass(frozen=True)
class Statement:
    """A statement of the deck, in our own words."""

    number: int
    section: str  # of the deck: 一, 二, 三, or its contents
    slide: str
    claim: str
    places: tuple[Place, ...]
    treatment: str  # named, explained, computed or corrected
    verdict: str  # one of VERDICTS
    errata: tuple[int, ...]  # those that correct it


def statements() -> list[Statement]:
    """Return every statement of the deck, in its order. Raises CoverageError for a section that the book lacks."""
    return [
        Statement(
            number=int(row.statement),
            section=row.section,
            slide=row.slide,
            claim=row.claim,
            places=tuple(place(text.strip()) for text in row.where.split(";")),
            treatment=row.treatment,
            verdict=row.verdict,
            errata=tuple(map(int, row.errata.split())),
        )
        for row in facts.read("deck_coverage").fillna({"errata": ""}).itertuples()
    ]


def place(text: str) -> Place:
    """Return the section that `text` names as page#section. Raises CoverageError if the book has no such section."""
    page, _, anchor = text.partition("#")
    headings = sections(page)
    if anchor not in headings:
        raise CoverageError(f"{text!r}: the book has no such section{nearest(anchor, headings)}")
    return Place(page, anchor, headings[anchor])


@cache
def sections(page: str) -> dict[str, str]:
    """Return the headings of a page of the book by the ids that the built page gives them. Raises CoverageError."""
    path = paths.ROOT / "book" / f"{page}.md"
    if not path.is_file():
        pages = [other.stem for other in path.parent.glob("*.md")]
        raise CoverageError(f"the book has no page {page!r}{nearest(page, pages)}")
    text = _CODE.sub("", path.read_text(encoding="utf-8"))
    return {make_id(heading): heading for heading in _HEADING.findall(text)}
