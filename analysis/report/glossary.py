"""The glossary: the report's terms in English and Chinese, and where a text uses one for the first time."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from analysis import facts


@dataclass(frozen=True)
class Term:
    """One term. `deck` holds those of the Chinese terms that the deck uses; `page` is the page that explains it.

    `linked` says where its first use on a page becomes a link: "yes", "no", or the names of pages, where a common word is
    meant so. `not_in` are phrases in which the word is not the term.
    """

    term: str
    aliases: tuple[str, ...]
    chinese: tuple[str, ...]
    definition: str
    page: str
    linked: tuple[str, ...]
    deck: tuple[str, ...]
    not_in: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of its entry."""
        return f"term-{re.sub(r'[^a-z0-9]+', '-', self.term.lower()).strip('-')}"

    @property
    def forms(self) -> tuple[str, ...]:
        """The ways in which it is written, plurals aside."""
        return (self.term, *self.aliases)

    def is_linked(self, page: str) -> bool:
        """Say whether a use of it on `page` may become a link."""
        return page in self.linked or self.linked == ("yes",)


def terms() -> list[Term]:
    """Return every term, in the order of the alphabet."""
    rows = facts.read("glossary").fillna("").to_dict("records")
    entries = [
        Term(
            row["term"],
            _split(row["aliases"]),
            _split(row["chinese"]),
            row["definition"],
            row["page"],
            _split(row["linked"]),
            _split(row["deck"]),
            _split(row["not_in"]),
        )
        for row in rows
    ]
    return sorted(entries, key=lambda term: term.term.lower())


def uses(text: str, page: str, known: AbstractSet[str] = frozenset()) -> Iterator[tuple[int, int, Term]]:
    """Yield start and end of the first use in `text` of each term that is linked on `page`, but for those named in `known`."""
    done = set(known)
    pattern, by_form = _matcher(page)
    for match in pattern.finditer(text):
        if match["form"] is None:  # a phrase in which the word means something else
            continue
        form = " ".join(match["form"].split())
        term = by_form.get(form) or by_form[form[0].lower() + form[1:]]  # a capital may be that of a sentence
        if term.term not in done:
            done.add(term.term)
            yield match.start(), match.end(), term


@cache
def _matcher(page: str) -> tuple[re.Pattern[str], dict[str, Term]]:
    """Return a pattern that finds any form of a term linked on `page`, the longest first, and the term of each form.

    Where the pattern finds a phrase in which the word is not the term, its group `form` is empty.
    """
    linked = [term for term in terms() if term.is_linked(page)]
    by_form = {form: term for term in linked for form in term.forms}
    written = sorted(by_form, key=len, reverse=True)
    others = "|".join(_pattern(phrase) for term in linked for phrase in term.not_in)
    forms = rf"(?P<form>{'|'.join(map(_pattern, written))})(?:s|es)?"
    return re.compile(rf"(?<![\w/-])(?:{others}|{forms})(?![\w/-])"), by_form


def _pattern(form: str) -> str:
    rest = r"\s+".join(map(re.escape, form[1:].split(" ")))  # lines of a paragraph may break within a term
    return f"[{form[0].upper()}{form[0]}]{rest}" if form[0].islower() else f"{re.escape(form[0])}{rest}"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
