"""The Chinese edition's catalogues, one a page in `book/locale`: what of them is missing, and what is wrong.

    python -m publishing.catalogues              take over what messages there are, and say what is missing
    python -m publishing.catalogues book/index   list what a page lacks, each message with the glossary's terms

A message is a paragraph, a title, a caption or a part of a guide; roles such as `{result}` stay in it.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from analysis import paths
from analysis.languages import templates
from analysis.report import glossary
from analysis.suggest import nearest
from publishing import result_texts, sphinx_build

LOCALE = "zh_CN"
FOLDER = paths.ROOT / "book" / "locale" / LOCALE / "LC_MESSAGES"
#: Where Sphinx writes what messages the pages have.
EXTRACTED = paths.BUILD / "gettext"
#: What a translation has to keep as it is, and as often: gaps, roles with their targets, mathematics, code, addresses. Each is
#: taken out before the next is looked for.
_KEPT = (
    re.compile(r"\{\d+\}"),
    re.compile(r"\{[a-z]+\}`[^`]*`"),
    re.compile(r"(?<![\\$])\$[^$]+\$"),
    re.compile(r"`[^`]+`"),
    re.compile(r"\]\(([^)]*)\)"),
    re.compile(r"<https?://[^>]*>"),
)
_MONTH = re.compile(r"\d{1,2}月")  # which English names
_RESULTS = "results/"
_HEADER = b'msgid ""\nmsgstr ""\n"Language: zh_CN\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d+(?:,\d{3})*(?:\.\d+)?")


def pages() -> list[str]:
    """Return the names of what has messages: pages such as "book/index", and the results of a notebook, "results/serving"."""
    found = (path.relative_to(EXTRACTED).with_suffix("") for path in EXTRACTED.rglob("*.pot"))
    of_results = [f"{_RESULTS}{notebook}" for notebook in result_texts.messages()]
    return sorted([*(page.as_posix() for page in found if page.parent != Path()), *of_results])


def catalogue(page: str) -> Catalog:
    """Return a page's catalogue, empty where it has none."""
    path = FOLDER / f"{page}.po"
    if not path.is_file():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


@cache
def messages(page: str) -> dict[str, str]:
    """Return a page's messages in the order in which they stand on it, each with an example: a text that it is a template of."""
    if page.startswith(_RESULTS):
        return result_texts.messages()[page.removeprefix(_RESULTS)]
    with (EXTRACTED / f"{page}.pot").open("rb") as file:
        found = [message for message in read_po(file) if message.id]
    found.sort(key=lambda message: min((line or 0) for _, line in message.locations))
    return {message.id: message.id for message in found}


def update(page: str, translated: dict[str, str] | None = None) -> Catalog:
    """Write a page's catalogue with the messages of today, those that are gone left out. Return it.

    `translated` has translations to add, by message.
    """
    known = {message.id: message.string for message in catalogue(page) if message.id} | (translated or {})
    result = Catalog(locale=LOCALE)
    for message, example in messages(page).items():
        result.add(message, known.get(message, ""), auto_comments=[] if example == message else [example])
    text = BytesIO()
    write_po(text, result, width=0, omit_header=True)
    paths.write(FOLDER / f"{page}.po", _HEADER + text.getvalue())
    return result


def missing(page: str) -> list[str]:
    """Return a page's messages that have no translation."""
    known = catalogue(page)
    return [message for message in messages(page) if not (known.get(message) and known.get(message).string)]


def written() -> list[str]:
    """Return the names of the catalogues that there are."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.po"))


def wrong(page: str) -> Iterator[str]:
    """Yield what is wrong with a page's translations: what they had to keep and did not, and numbers that differ."""
    for message in catalogue(page):
        if message.id and message.string:
            yield from (f"{page}: {complaint}: {message.id[:70]!r}" for complaint in complaints(message.id, message.string))


def complaints(source: str, translation: str) -> Iterator[str]:
    """Yield what a translation does not keep of its source."""
    for kept in (*_KEPT, _NUMBER):
        if kept is _NUMBER:
            source, translation = templates.with_chinese_numbers(source), _MONTH.sub("", translation)
            source = _MONTH.sub("", source)
        there, here = Counter(kept.findall(source)), Counter(kept.findall(translation))
        yield from (f"{what!r} is missing" for what in there - here)
        yield from (f"{what!r} is not in the source" for what in here - there)
        source, translation = kept.sub(" ", source), kept.sub(" ", translation)


def terms(message: str) -> dict[str, str]:
    """Return the glossary's terms in a message, each with its Chinese."""
    return {term.term: term.chinese[0] for _, _, term in glossary.uses(message, "", set()) if term.chinese}


def main() -> int:
    """Return the status with which the command ends."""
    parser = argparse.ArgumentParser(prog="python -m publishing.catalogues", description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="list what this page lacks, such as book/index")
    asked = parser.parse_args()
    if not asked.pages:
        sphinx_build.build("gettext", EXTRACTED, paths.BUILD / "doctrees-gettext")
    known = pages()
    for page in asked.pages:
        if page not in known:
            parser.error(f"nothing is known of a page {page!r}{nearest(page, known)}")
        for message in missing(page):
            print(f"{message}\n    {'; '.join(f'{term} {chinese}' for term, chinese in terms(message).items())}")
    if not asked.pages:
        for page in known:
            update(page)
            there, lacking = len(messages(page)), len(missing(page))
            print(f"{page}: {there - lacking} of {there} messages are translated")
    found = [complaint for page in asked.pages or known for complaint in wrong(page)]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
