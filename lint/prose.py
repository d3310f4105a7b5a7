"""Prose holds no typed result: a number is quoted from a notebook, or stands in a sentence with a citation."""

import re
from collections.abc import Iterator

import nbformat

from analysis import paths
from analysis.report import runner

_FENCE = re.compile(r"^(`{3,}|:{3,})\s*(\{[\w-]+\}|[\w-]*)", re.MULTILINE)
_NOT_PROSE = [
    r"\$\$.*?\$\$",  # display mathematics
    r"\$[^$\n]+\$",  # inline mathematics
    r"\{(?!cite)[\w:-]+\}`[^`]*`",  # roles: results, references
    r"`[^`]*`",  # code
    r"\]\([^)]*\)",  # targets of links
    r"<!--.*?-->",
]
_NAMES = [
    r"\b(?:figure|figures|table|chapter|section|slide|page|equation)s? (?:[A-Z]\.)?\d+(?:\.\d+)*"
    r"(?: \([^)]*\))?(?:,? and \d+(?:\.\d+)*)?",
    r"\b[26]ND\b",  # the rules' names
    r"\bGPT-3 \d+B\b",
    r"\bZeRO \d\b",
    r"[A-Za-z]+-?\d[\w.]*(?:-\w+)*",  # GPT-3, A100, BF16, TF32
    r"\b\d+-bit\b",
    r"\b(?:CC BY(?:-SA)?|Apache License) \d\.\d\b",
]


def typed_numbers(markdown: str) -> list[str]:
    """Return the sentences of `markdown` that hold a number which nothing computes and nobody is cited for."""
    prose = re.sub(r"(\{cite(?::\w+)?\})`[^`]*`", r"\1", without_code(markdown))  # its backticks are not those of code
    for pattern in _NOT_PROSE:
        prose = re.sub(pattern, " ", prose, flags=re.DOTALL)
    found = []
    for paragraph in re.split(r"\n\s*\n", prose):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*_\[{])", " ".join(paragraph.split())):
            bare = sentence
            for pattern in _NAMES:
                bare = re.sub(pattern, " ", bare, flags=re.IGNORECASE)
            if re.search(r"\d", bare) and "{cite" not in sentence:
                found.append(sentence)
    return found


def without_code(markdown: str) -> str:
    """Return the text without code blocks, and without the heads and options of directives, whose text stays."""
    kept, code = [], None
    for line in markdown.splitlines():
        fence = _FENCE.match(line)
        if code:
            code = None if line.startswith(code) else code
        elif fence and not fence[2].startswith("{"):
            code = fence[1] if fence[2] else None
        elif not fence and not re.match(r":[\w-]+:", line):
            kept.append(line)
    return "\n".join(kept)


def complaints() -> Iterator[str]:
    """Yield the sentences of chapters and notebooks that hold a typed result."""
    for path in sorted((paths.ROOT / "book").glob("*.md")):
        for sentence in typed_numbers(path.read_text(encoding="utf-8")):
            yield f"{paths.shown(path)}: a typed number: {sentence}"
    for path in runner.notebooks():
        cells = nbformat.read(path, as_version=4).cells
        for sentence in typed_numbers("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")):
            yield f"{paths.shown(path)}: a typed number: {sentence}"
