"""Search that finds Chinese: the index holds each Chinese character and each pair, and a query is cut in the same way.

Chinese has no spaces between words, so that Sphinx would index a whole clause as one word, and find it by no part.
Chapters come before pages of reference, these before rows of the glossary, and notebooks last; no excerpt shows code.

A build that writes one page anew keeps the index of the others whole, their terms of the glossary included.
"""

import json
import re
from itertools import pairwise

from sphinx.search.en import SearchEnglish
from sphinx.util.index_entries import split_index_msg

from analysis import paths

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_HAN}]+|[^\W{_HAN}]+")

_SPLIT_QUERY = (
    "var splitQuery = (query) => (query.match(/[HAN]+|(?:(?![HAN])[\\p{Letter}\\p{Number}_])+/gu) ?? []).flatMap((word) =>"
    " /^[HAN]{2}/.test(word) ? [...word.slice(1)].map((_, at) => word.slice(at, at + 2)) : [word]);"
).replace("HAN", _HAN)
# Sphinx's own weights, and a rank above them all by the kind of page; a row of the glossary is named by its term.
_SCORER = """
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  score: (result) => {
    const [page, title, anchor, , score] = result;
    const term = /^#term-(.+)$/.exec(anchor);
    if (term) result[1] = `${title}: ${decodeURIComponent(term[1]).replaceAll("-", " ")}`;
    const rank = page.startsWith("notebooks/") ? 0 : page === "book/glossary" ? 1 : REFERENCE.has(page) ? 2 : 3;
    return score + 1000 * rank;
  },
};
"""
# What an excerpt leaves out: code, tables, formulas as they are typed, and what stands beside the text. A term shows its
# definition.
_NO_CODE = """
document.addEventListener("DOMContentLoaded", () => {
  const aside = "script, style, pre, table, .math, .cell_input, .receipt, .figure-tools, .headerlink, .vega-source";
  const whole = Search.htmlToText;
  Search.htmlToText = (text, anchor) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    page.querySelectorAll(aside).forEach((element) => element.remove());
    let term = anchor && page.querySelector(anchor);
    if (term?.tagName === "DT") {
      while (term.nextElementSibling?.tagName === "DT") term = term.nextElementSibling;
      return term.nextElementSibling?.textContent ?? "";
    }
    return whole(page.documentElement.outerHTML, anchor);
  };
});
"""
# A page on disk may not read another one, and the summary of a hit is read from its page.
_NO_SUMMARY_FROM_DISK = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'


def _reference() -> list[str]:
    """Return the pages of the part of the contents that is looked up rather than read."""
    part = (paths.ROOT / "_toc.yml").read_text(encoding="utf-8").partition("caption: Reference")[2]
    return re.findall(r"- file: (book/\S+)", part)


class SearchBoth(SearchEnglish):
    """English words by their stems, Chinese by characters and pairs of characters."""

    js_splitter_code = _SPLIT_QUERY + _SCORER.replace("REFERENCE", f"new Set({json.dumps(_reference())})")

    def split(self, input):
        """Return the words of `input`, a run of Chinese as its characters and its pairs."""
        words = []
        for word in _WORD.findall(input):
            chinese = re.match(rf"[{_HAN}]", word)
            words += [*word, *map("".join, pairwise(word))] if chinese else [word]
        return words


def _page_scripts(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_js_file(None, body=_NO_SUMMARY_FROM_DISK + _NO_CODE)


def _complete(app):
    """Put back what Sphinx forgets of pages that it does not write anew: what an index lists of them, as glossaries do."""
    indexer = app.builder.indexer
    if indexer is not None:
        listed = app.env.get_domain("index").entries
        indexer._index_entries = {page: sorted(_entries(listed[page])) for page in sorted(indexer._titles) if page in listed}
        for words in (indexer._mapping, indexer._title_mapping):
            for word in [word for word, pages in words.items() if not pages]:
                del words[word]
    return []


def _entries(listed):
    """Return the entries of a page's index as the search knows them: the words, where they lead, and whether they are main."""
    return {(part, target or "", main) for kind, value, target, main, _ in listed for part in split_index_msg(kind, value)}


def setup(app):
    app.add_search_language(SearchBoth)
    app.connect("html-collect-pages", _complete)
    app.connect("html-page-context", _page_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
