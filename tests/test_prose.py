"""Prose holds no typed result: a number in a chapter is quoted from a notebook, or stands in a sentence with a citation."""

import re

import nbformat
import pytest

from analysis import paths
from analysis.report import runner

CHAPTERS = sorted((paths.ROOT / "book").glob("*.md"))

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
    prose = re.sub(r"(\{cite(?::\w+)?\})`[^`]*`", r"\1", _without_code(markdown))  # its backticks are not those of code
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


def _without_code(markdown: str) -> str:
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


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_hold_no_typed_result(path):
    assert typed_numbers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", runner.notebooks(), ids=lambda path: path.stem)
def test_notebooks_prose_holds_no_typed_result(path):
    cells = nbformat.read(path, as_version=4).cells
    assert typed_numbers("\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Training takes 1,559 accelerators.",
        "It reads 3.15 × 10²³ FLOP, or 3.15e23.",
        "The peak is 156 TFLOPS. It is so {cite}`guosen2023`.",
        "A model of 175B parameters.",
        "```{result-chart} a:b\n:name: fig-1\nThe factor is 1.71.\n```",
        ":::{admonition} Try\nWith 40% of the peak\n:::",
        "**30 days** are enough.",
        "As {cite:t}`kaplan2020` say. It takes 30 days, see `peak`.",
    ],
)
def test_the_check_finds_typed_results(text):
    assert typed_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "Training takes {result}`training_estimate:accelerators` accelerators, see {numref}`fig-1`.",
        "GPT-3 on an A100 at TF32 takes $6ND$, in 16-bit formats.",
        "The deck's figure 36 (公式) and 37; figures 38 and 39.",
        "It was published in 2023 {cite}`guosen2023`.",
        "```yaml\nutilization: 40%\n```",
        "```{result-chart} a:b1\n:name: fig-1\nNo number.\n```",
    ],
)
def test_the_check_lets_the_rest_pass(text):
    assert typed_numbers(text) == []
