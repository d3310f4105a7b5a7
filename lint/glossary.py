"""The glossary is whole: each term is explained, used, and found in a text."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from analysis import paths
from analysis.report import glossary
from analysis.report.glossary import Term

_PLACE = "data/glossary.csv"


def complaints() -> Iterator[str]:
    """Yield what is wrong with the terms, together and each alone."""
    terms = glossary.terms()
    chapters = {path.stem: path.read_text(encoding="utf-8") for path in (paths.ROOT / "book").glob("*.md")}
    for what, values in (
        ("anchor", (one.anchor for one in terms)),
        ("form", (form.lower() for one in terms for form in one.forms)),
        ("Chinese term", (chinese for one in terms for chinese in one.chinese)),  # Sphinx wants each once
    ):
        for value in _twice(values):
            yield f"{_PLACE}: the {what} {value} is there twice"
    for one in terms:
        for complaint in (*of_term(one, chapters), *of_forms(one)):
            yield f"{_PLACE}: {one.term}: {complaint}"


def of_term(one: Term, chapters: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with a term's row, given the text of each chapter."""
    if one.page not in chapters:
        yield f"there is no page {one.page}"
    if not set(one.deck) <= set(one.chinese):
        yield "the deck's term is none of the Chinese ones"
    if not re.search(r"[\u4e00-\u9fff]", "".join(one.chinese)) and one.chinese != (one.term,):
        yield "it has no Chinese"
    if not (one.definition[0].isupper() and one.definition.endswith(".")):
        yield "its definition is no sentence"
    forms = "|".join(r"\s+".join(map(re.escape, form.split())) for form in one.forms)
    written = re.compile(rf"\b(?:{forms})", re.IGNORECASE)
    if one.linked not in (("yes",), ("no",)) and (unknown := [page for page in one.linked if page not in chapters]):
        yield f"linked is yes, no, or pages, and there is no page {unknown[0]}"
    for phrase in one.not_in:
        if not any(form in phrase.lower() for form in map(str.lower, one.forms)):
            yield f"'{phrase}' does not hold it"
    if not any(written.search(text) for name, text in chapters.items() if name != "glossary"):
        yield "no chapter uses it"


def of_forms(one: Term) -> Iterator[str]:
    """Yield the forms that are not found at the start of a sentence and within one, in singular and plural."""
    page = one.page if one.is_linked(one.page) else one.linked[0]
    for form in one.forms if one.is_linked(page) else ():
        for written in (form, form[0].upper() + form[1:], f"{form}s" if form[-1].isalpha() else form):
            text = f"{written}, it is."
            first = next(glossary.uses(text, page), None)
            if first is None or (text[first[0] : first[1]], first[2].term) != (written, one.term):
                yield f"'{written}' is not found as it"


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
