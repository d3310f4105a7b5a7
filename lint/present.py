"""What chapters call the present is of the year before it, by the facts' own clock.

`book/present.yml` names, for each sentence with a word of the present, the file of facts that it rests on; `none` where
the word tells no date.
"""

import re
from collections.abc import Iterator
from datetime import date

from ruamel.yaml import YAML

from analysis import ageing, paths
from lint import prose

#: The page that is about these words.
_ABOUT = "how-current"
_BOOK = paths.ROOT / "book"
WORDS = re.compile(r"\b(?:today(?:'s)?|nowadays|newest|latest|currently|at present|these days|at the moment)\b", re.IGNORECASE)


def complaints(clock: date | None = None) -> Iterator[str]:
    """Yield what is called the present and is older than a year on the day `clock`, by default that of the facts."""
    rests_on = YAML(typ="safe").load((_BOOK / "present.yml").read_text(encoding="utf-8"))
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted(_BOOK.glob("*.md")) if path.stem != _ABOUT}
    yield from of_pages(pages, rests_on, clock or ageing.today())


def of_pages(pages: dict[str, str], rests_on: dict[str, dict[str, str]], clock: date) -> Iterator[str]:
    """Yield the complaints about `pages`, texts by name, whose sentences rest on what `rests_on` says of their words."""
    for page, text in pages.items():
        said = rests_on.get(page, {})
        unused = set(said)
        for sentence in filter(WORDS.search, _sentences(text)):
            named = [words for words in said if words in sentence]
            unused -= set(named)
            if not named:
                yield f"book/{page}.md: speaks of the present, and book/present.yml does not say what it rests on: {sentence}"
            for words in named:
                yield from _stale(page, sentence, said[words], clock)
        for words in sorted(unused):
            yield f"book/present.yml: no sentence of {page} that speaks of the present has {words!r}"
    for page in sorted(set(rests_on) - set(pages)):
        yield f"book/present.yml: there is no page {page}"


def _stale(page: str, sentence: str, name: str, clock: date) -> Iterator[str]:
    if name == "none":
        return
    try:
        one = ageing.age_of(name)
    except ageing.AgeingError as exc:
        yield f"book/present.yml: {page}: {exc}"
        return
    if not one.is_fresh(clock):
        yield f"book/{page}.md: calls present what is of {one.newest or one.as_of} (data/{name}.csv): {sentence}"


def _sentences(text: str) -> list[str]:
    """Return the sentences of a chapter, each on one line, without code and without what roles name."""
    bare = re.sub(r"`[^`]*`", "``", prose.without_code(text))
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", bare))
    return [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*_\[{])", paragraph)]
