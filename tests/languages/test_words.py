"""The texts of both languages have the same names and the same gaps."""

import re
import string

from analysis.languages.words import TABLES

#: Texts of units and marks alone.
WITHOUT_WORDS = {
    "energy", "flop", "rate", "tokens", "count", "share", "bytes", "power", "comma", "semicolon", "colon", "labelled",
    "slide_number", "stop", "stress_list",
}  # fmt: skip


def test_both_languages_say_the_same_things():
    gaps = {
        language: {name: {gap for _, gap, *_ in string.Formatter().parse(text) if gap} for name, text in table.items()}
        for language, table in TABLES.items()
    }
    assert gaps["en"] == gaps["zh"]
    for name, text in TABLES["zh"].items():
        bare = re.sub(r"\{\w*\}", "", text)
        if name not in WITHOUT_WORDS:
            assert re.search(r"[\u4e00-\u9fff]", bare), name
        assert not re.search(r"[\u4e00-\u9fff][,;:?(]|[,;:?)][\u4e00-\u9fff]", bare), f"{name}: a Latin mark"
