"""Chapters can be read: they say whom they are for, no sentence is long, numbers are few, and no page runs in a mould."""

import re
from collections.abc import Iterator

from analysis import paths
from lint.prose import without_code

LONGEST = 35  # words of a sentence
NUMBERS = 5.0  # quoted results in a hundred words
#: Words that once opened and closed each section.
MOULD = re.compile(r"\bThe question: |\*\*What follows\.\*\*")
MOST_MOULDED = 20  # in the whole book
#: Pages to look things up in; they need no guide.
REFERENCE = {
    "index", "glossary", "references", "licences", "facts", "errata", "deck-map", "how-made", "how-current", "notebooks",
}  # fmt: skip
#: Pages that are still to be revised. Take a page out with its revision; none is to come in.
UNREVISED = {"references"}

_GUIDE = re.compile(r"^```\{guide\}$", re.MULTILINE)
#: Results that are whole sentences, on what of a scenario a page can't follow: no numbers, and none before another's end.
_SAID = re.compile(r"\{result\}`\w+:(?:not_followed|trainable|servable)`")
_RESULT = re.compile(r"\{result\}`[^`]*`")
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)|\n(?=#)|\$\$.*?\$\$", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])[)\"*]*\s+(?=[A-Z0-9*_\[{$\"(\u201c])")


def sentences(markdown: str) -> Iterator[str]:
    """Yield the sentences of a chapter: of running text, lists and captions, without headings, code and citations."""
    prose = re.sub(r"\{cite(?::(?P<kind>\w))?\}`[^`]*`", lambda role: "They" if role["kind"] else "", without_code(markdown))
    prose = _RESULT.sub("RESULT", _SAID.sub("", prose))
    prose = re.sub(r"\{[\w:-]+\}`([^`<]*?)(?: ?<[^>]*>)?`", r"\1", prose)
    prose = re.sub(r"\([^()]*[\u4e00-\u9fff][^()]*\)", "", prose)  # the term in Chinese, beside the English one
    prose = re.sub(r"(?<!\$)\$[^$]+\$(?!\$)", "X", prose)
    for block in _BLOCK.split(prose):
        text = " ".join(block.split())
        if not text.startswith(("#", "|")):
            yield from filter(None, _SENTENCE.split(text))


def words(sentence: str) -> int:
    """Return how many words a sentence has; a result, a formula or a number is one."""
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def numbers_per_hundred_words(markdown: str) -> float:
    """Return how many results are quoted in a hundred words of a chapter's sentences."""
    found = list(sentences(markdown))
    return 100 * sum(sentence.count("RESULT") for sentence in found) / max(1, sum(map(words, found)))


def of_page(name: str, markdown: str) -> Iterator[str]:
    """Yield what makes a revised page hard to read."""
    opening = markdown.partition("\n## ")[0]
    if name not in REFERENCE and not _GUIDE.search(opening):
        yield "it does not say at its top whom it is for: a {guide} does"
    for sentence in sentences(markdown):
        if (count := words(sentence)) > LONGEST:
            yield f"a sentence of {count} words: {sentence}"
    if (density := numbers_per_hundred_words(markdown)) > NUMBERS:
        yield f"{density:.1f} numbers in a hundred words; at most {NUMBERS:.0f}"


def complaints() -> Iterator[str]:
    """Yield what makes chapters hard to read."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted((paths.ROOT / "book").glob("*.md"))}
    for name in sorted(set(pages) - UNREVISED):
        for complaint in of_page(name, pages[name]):
            yield f"book/{name}.md: {complaint}"
    moulded = sum(len(MOULD.findall(text)) for name, text in pages.items() if name not in UNREVISED)
    if moulded > MOST_MOULDED:
        yield f"book: 'The question:' and 'What follows.' stand {moulded} times; at most {MOST_MOULDED}"
